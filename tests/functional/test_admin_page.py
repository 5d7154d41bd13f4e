"""What an administrator does at its page, and what the others notice of it."""

import re
import urllib.error
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.functional.administrators import PASSWORD, TICK, Admin, Site, prepared, site
from tests.functional.browser import POLL, Curl, chromium

__all__ = ["chromium", "prepared", "site"]


def refused(ask: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as error:
        ask()
    with error.value as answer:
        return answer.code, str(answer.read(), "utf-8")


def answer(admin: Admin, yes: str) -> None:
    admin.dialog.get_by_role("button", name=yes).click()
    expect(admin.dialog).to_be_hidden()


def test_the_login_says_why_one_is_not_let_in(site: Site) -> None:
    admin = site.come()
    expect(admin.name).to_be_focused()
    admin.log_in("not the password at all")
    expect(admin.alert).to_have_text("This is not the name and the password of an administrator.")
    expect(admin.password).to_be_focused()
    expect(admin.name).to_have_value("admin")
    for _ in range(4):
        admin.log_in("neither is this one")
        expect(admin.alert).to_contain_text("not the name")
    admin.log_in()
    expect(admin.alert).to_contain_text("too many tries")
    expect(admin.alert).to_contain_text(re.compile(r"again in [123]?\d s"))
    admin.is_out()


def test_the_page_stands_at_admin_with_and_without_a_slash(site: Site) -> None:
    for path, shown in {
        "/admin/": "/admin/",
        "/admin": "/admin",
        "/admin/login": "/admin/",
    }.items():
        page = site.open(path)
        expect(page.get_by_label("Password")).to_be_visible()
        assert page.url == f"{site.server.url}{shown}"


def test_who_has_logged_in_stays_so_until_it_logs_out(site: Site) -> None:
    admin = site.come()
    admin.log_in("not the password at all")
    expect(admin.alert).not_to_be_empty()
    admin.log_in()
    admin.is_in()
    expect(admin.page.locator("#me")).to_have_text("admin")
    admin.page.reload()
    admin.is_in()
    cookies = {each["name"]: each["value"] for each in admin.page.context.cookies()}
    assert not admin.page.evaluate("JSON.stringify({...localStorage})").count(
        cookies["chatapp_admin"]
    )
    admin.press("Log out")
    admin.is_out()
    stolen = {"Cookie": f"chatapp_admin={cookies['chatapp_admin']}"}
    assert site.context().request.get("/api/audit", headers=stolen).status == 401
    admin.log_in()
    admin.is_in()
    said = [action for action, _ in admin.notes()]
    assert said == ["login.refused", "login", "logout", "login"]


def test_rooms_are_added_renamed_and_removed(site: Site) -> None:
    admin = site.log_in()
    ann = Curl(site.server.url, "ann")
    admin.page.get_by_label("A new room’s name").fill("two")
    admin.press("Add the room")
    rows = admin.rows("All rooms, by name")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("two")
    with ann._opener.open(f"{site.server.url}/chat/pull/ann?room=2"):
        pass
    for text in (b"one", b"two"):
        ann._opener.open(f"{site.server.url}/chat/push?room=2", data=text).close()

    admin.press("Rename two")
    admin.dialog.get_by_label("Its new name").fill("main")
    admin.dialog.get_by_role("button", name="Rename").click()
    expect(admin.alert).to_contain_text("name")  # another one has it: the dialog stays, and says so
    admin.dialog.get_by_label("Its new name").fill("lobby")
    answer(admin, "Rename")
    expect(rows.first).to_contain_text("lobby")

    admin.press("Remove lobby")
    expect(admin.dialog).to_contain_text("3 messages")  # with that of ann's coming
    expect(admin.dialog).to_contain_text("1 person is there and will be sent away: ann")
    answer(admin, "Cancel")
    expect(admin.page.get_by_role("button", name="Remove lobby")).to_be_focused()
    expect(rows).to_have_count(2)
    admin.press("Remove lobby")
    answer(admin, "Remove the room")
    expect(rows).to_have_count(1)
    expect(admin.page.get_by_role("button", name="Remove main")).to_have_count(0)
    pull = f"{site.server.url}/chat/pull?room=2"
    assert refused(lambda: ann._opener.open(pull))[0] == 404
    assert admin.notes() == [
        ("login", ""),
        ("room.create", "room 2"),
        ("room.rename", "room 2"),
        ("room.remove", "room 2"),
    ]


def test_what_is_asked_late_takes_no_other_questions_place(site: Site) -> None:
    admin, late = site.log_in(), list[Route]()
    for name in ("two", "three"):
        admin.page.get_by_label("A new room’s name").fill(name)
        admin.press("Add the room")
        expect(admin.page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    admin.page.route("**/api/rooms/2/members", lambda route: late.append(route))
    admin.press("Remove two")
    admin.press("Remove three")
    expect(admin.dialog).to_contain_text("Remove three?")
    with admin.page.expect_response("**/api/rooms/2/members") as response:
        late[0].continue_()
    response.value.finished()
    admin.page.evaluate("new Promise(requestAnimationFrame)")
    answer(admin, "Remove the room")
    expect(admin.said).to_have_text("The room three is gone.")
    expect(admin.rows("All rooms, by name")).to_contain_text(["main", "two"])


def test_messages_are_read_and_removed_and_others_see_it_go(site: Site) -> None:
    admin, ann = site.log_in(), site.curl("ann")
    ann.push_lines(60)
    reader = site.curl("bob")
    admin.page.get_by_role("link", name="Messages main").click()
    rows = admin.rows("Newest first")
    expect(rows).to_have_count(50)
    expect(rows.nth(1)).to_contain_text("line 59")
    ann.push("a word too many")
    admin.refreshed()
    admin.press("Show 1 new message")
    expect(rows).to_have_count(51)
    expect(rows.first).to_contain_text("a word too many")
    admin.press("Older messages")
    expect(rows).to_have_count(63)  # with the coming of two
    expect(rows.last).to_contain_text("joined")

    rows.first.get_by_role("button").click()
    expect(admin.dialog).to_contain_text("a word too many")
    admin.page.keyboard.press("Escape")
    expect(admin.dialog).to_be_hidden()
    rows.first.get_by_role("button").click()
    answer(admin, "Remove the message")
    expect(admin.page.get_by_role("heading", name="Messages in main")).to_be_focused()
    expect(rows.first).to_contain_text("removed")
    expect(rows.first).not_to_contain_text("many")
    pulled = reader.pull()
    assert "many" not in pulled
    assert pulled.endswith(" * message 63 was removed\r\n")
    assert admin.notes()[-1] == ("message.remove", "room 1")
    admin.press("Show 1 new message")

    other = site.another_tab(admin)
    other.page.goto("/admin/#messages/1")
    number = re.search(r"\d+", rows.nth(4).get_by_role("rowheader").inner_text())
    assert number
    other.press(f"Remove message {number[0]}")
    answer(other, "Remove the message")
    admin.refreshed()
    expect(rows.nth(4)).to_contain_text("removed")


def test_somebody_is_muted_and_sent_out_and_let_in_again(site: Site) -> None:
    admin, bob = site.log_in(), site.curl("bob")
    admin.view("People")
    expect(admin.page.locator("#people-count")).to_have_text("1 person")
    admin.press(f"Mute {bob.nick}")
    admin.dialog.get_by_label("For", exact=True).fill("2")
    admin.dialog.get_by_label("Unit").select_option("hours")
    admin.dialog.get_by_label("Reason").fill("Noise.")
    answer(admin, "Do it")
    expect(admin.said).to_have_text(f"{bob.nick} is muted for 2 h.")
    rows = admin.rows(re.compile("may not speak"))
    expect(rows).to_contain_text(["Noise."])
    code, why = refused(lambda: bob.push("hear me"))
    assert code == 403
    assert "Noise." in why
    lifts = list[Route]()
    admin.page.route("**/api/people/sanctions/*", lambda route: lifts.append(route))
    admin.page.get_by_role("button", name=f"Lift {bob.nick}, 1").dblclick()
    lifts[0].continue_()
    expect(rows).to_have_count(0)
    assert len(lifts) == 1
    assert bob.push("hear me").startswith("ok")

    admin.press(f"Send out {bob.nick}")
    answer(admin, "Do it")
    expect(rows).to_contain_text(["Sent out"])
    expect(admin.rows("Who is in this room")).to_have_count(0)
    assert refused(bob.pull)[0] == 403
    admin.press("Somebody who has gone…")
    admin.dialog.get_by_label("Who", exact=True).fill("nobody-at-all")
    admin.dialog.get_by_role("button", name="Do it").click()
    expect(admin.alert).to_have_text("Nobody of this name is here, or has spoken lately.")
    admin.dialog.get_by_label("Who", exact=True).fill(bob.nick)
    answer(admin, "Do it")
    expect(rows).to_have_count(2)
    assert [action for action, _ in admin.notes()[1:]] == [
        "person.mute",
        "person.lift",
        "person.out",
        "person.mute",
    ]


def test_who_is_to_be_muted_in_a_room_that_goes_is_not_muted_everywhere(site: Site) -> None:
    admin, bob = site.log_in(), site.curl("bob")
    admin.page.get_by_label("A new room’s name").fill("two")
    admin.press("Add the room")
    expect(admin.rows("All rooms, by name")).to_have_count(2)
    bob.pull(room=2)
    admin.page.get_by_role("link", name="People two").click()
    admin.press(f"Mute {bob.nick}")
    csrf = admin.page.request.get("/admin/session").json()["csrf"]
    admin.page.request.delete("/api/rooms/2", headers={"X-CSRF-Token": csrf})
    admin.page.clock.fast_forward(TICK)
    expect(admin.page.locator("#people-room option")).to_have_text(["main"])
    admin.dialog.get_by_role("button", name="Do it").click()
    expect(admin.alert).to_have_text("There is no such room.")
    assert bob.push("hear me").startswith("ok")


def test_all_rooms_hear_what_is_said_at_the_wall(site: Site) -> None:
    admin, bob = site.log_in(), site.curl("bob")
    admin.view("Wall")
    box = admin.page.get_by_label("To everybody in all rooms")
    box.fill("Back at five.")
    admin.press("Send to all rooms")
    expect(admin.said).to_have_text("All rooms have heard it.")
    expect(box).to_have_value("")
    assert bob.pull() == " ! administrator: Back at five.\r\n"
    assert admin.notes()[-1] == ("wall", "")


def test_who_is_parked_is_seen_woken_and_disconnected(site: Site) -> None:
    admin, bob, eve = site.log_in(), site.enter("bob"), site.curl("eve")
    for _ in range(3):
        eve.push("for later")
    bob.is_connected()
    admin.view("Server")
    rows = admin.rows("Readers of the rooms")
    # The farthest behind first; a page comes in as curl does, and then reads in its own way.
    expect(rows).to_have_count(3)
    expect(rows).to_contain_text([bob.nick, eve.nick, bob.nick])
    expect(admin.page.locator("#counters")).to_contain_text("Parked requests")
    expect(admin.page.locator("#ready")).to_contain_text("is ready")
    admin.page.get_by_label("First").select_option("The oldest")
    expect(rows).to_contain_text([bob.nick, bob.nick, eve.nick])
    admin.page.get_by_label("Transport").select_option("poll")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(bob.nick)
    number = rows.first.get_by_role("rowheader").inner_text().split()[-1]
    with bob.page.expect_response(POLL):
        admin.press(f"Wake client {number}")
    admin.press(f"Disconnect client {number}")
    expect(admin.dialog).to_contain_text(bob.nick)
    answer(admin, "Disconnect")
    # Its row holds still, as the focus is there again.
    row = rows.filter(has=admin.page.get_by_role("button", name=f"Wake client {number}"))
    expect(row).to_have_class("gone")
    bob.is_connected()
    eve.push("bob still hears me")
    bob.sees(*["for later"] * 3, "bob still hears me")
    admin.page.get_by_label("Transport").select_option("telnet")
    expect(rows).to_have_count(0)
    expect(admin.page.locator("#clients-count")).to_have_text("0 clients")
    assert admin.notes()[-2:] == [
        ("client.wake", f"client {number}"),
        ("client.disconnect", f"client {number}"),
    ]


def test_the_audit_log_is_read_by_pages(site: Site) -> None:
    admin = site.log_in()
    csrf = admin.page.request.get("/admin/session").json()["csrf"]
    for n in range(60):
        wall = {"text": f"wall {n}"}
        admin.page.request.post("/api/wall", data=wall, headers={"X-CSRF-Token": csrf})
    admin.view("Audit log")
    rows = admin.rows(re.compile("What administrators"))
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("wall 59")
    time = rows.first.locator("time")
    expect(time).to_have_attribute("title", re.compile(r"^20\d\d-.*\.\d{6}Z$"))
    admin.press("Older notes")
    expect(rows).to_have_count(62)
    expect(rows.last).to_contain_text("administrator.appoint")
    expect(admin.page.get_by_role("button", name="Older notes")).to_be_hidden()
    admin.page.request.post("/api/wall", data={"text": "news"}, headers={"X-CSRF-Token": csrf})
    admin.refreshed()
    expect(rows).to_have_count(62)
    admin.press("Show 1 new note")
    expect(rows.first).to_contain_text("news")
    expect(rows).to_have_count(63)


def test_a_logout_in_one_tab_ends_the_other_and_what_was_typed_stays(site: Site) -> None:
    admin = site.log_in()
    other = site.another_tab(admin)
    other.is_in()
    admin.view("Wall")
    box = admin.page.get_by_label("To everybody in all rooms")
    box.fill("half a sentence")
    other.press("Log out")
    admin.is_out()
    expect(admin.page.get_by_text("what you typed is still there")).to_be_visible()
    expect(admin.name).to_have_value("admin")
    other.log_in()
    other.is_in()
    admin.is_in()  # so it does
    expect(box).to_have_value("half a sentence")
    admin.press("Send to all rooms")
    expect(box).to_have_value("")


def test_a_session_that_ended_elsewhere_leads_back_to_the_login_and_to_what_one_did(
    site: Site,
) -> None:
    admin = site.log_in()
    admin.page.get_by_label("A new room’s name").fill("two")
    admin.press("Rename main")
    admin.dialog.get_by_label("Its new name").fill("hall")
    csrf = admin.page.request.get("/admin/session").json()["csrf"]
    admin.page.request.post("/admin/logout", headers={"X-CSRF-Token": csrf})
    admin.dialog.get_by_role("button", name="Rename").click()
    admin.is_out()
    expect(admin.dialog).to_be_hidden()
    expect(admin.password).to_be_focused()
    admin.password.fill(PASSWORD)
    admin.page.keyboard.press("Enter")
    expect(admin.dialog.get_by_label("Its new name")).to_have_value("hall")
    answer(admin, "Rename")
    expect(admin.rows("All rooms, by name")).to_contain_text(["hall"])
    expect(admin.page.get_by_label("A new room’s name")).to_have_value("two")
