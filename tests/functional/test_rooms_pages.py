"""The pages of the rooms, in Chromium: the list, and one page on several transports."""

from __future__ import annotations

import re
import signal

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.functional.browser import (
    COMES_BACK,
    Person,
    Room,
    assert_accessible,
    assert_no_sideways_scrolling,
)
from tests.functional.chat_server import ChatServer
from tests.functional.rooms_pages import add_rooms, administer, carried_by, chat_server, go

__all__ = ["chat_server"]

SOCKET = re.compile(r"/ws\?")
EVENTS = re.compile(r"/api/rooms/\d+/events")


def refuse_sockets(page: Page | BrowserContext) -> None:
    page.route_web_socket(SOCKET, lambda socket: socket.close(code=1011))


@pytest.mark.parametrize(
    ("path", "transport"), [("/chats/1/", "WebSocket"), ("/chats/long_poll/1/", "long-poll")]
)
def test_a_room_starts_on_what_its_address_says_and_with_its_past(
    room: Room, path: str, transport: str
) -> None:
    curl = room.curl("shell")
    curl.push("said before")
    bob = go(room, path, "bob")
    carried_by(bob, transport)
    bob.sees("said before")
    eve = go(room, "/chats/1/", "eve")
    bob.say("hello")
    for person in (bob, eve):
        person.sees("said before", "hello")
    curl.push("and from the shell")
    for person in (bob, eve):
        person.sees("said before", "hello", "and from the shell")
    expect(bob.page.locator("#room")).to_have_text("main")


def test_what_is_said_in_a_room_is_heard_there_alone(room: Room) -> None:
    add_rooms(room, "two")
    session = room.context()
    one, two = go(room, "/chats/1/", "bob", session), go(room, "/chats/2/", "bob", session)
    eve = go(room, "/chats/2/", "eve")
    eve.say("in two")
    two.sees("in two")
    one.say("in one")
    one.sees("in one")
    for person in (two, eve):
        person.sees("in two")
    for tab in (one, two):  # of one browser: one connection for both rooms
        carried_by(tab, "long-poll")


def test_without_websockets_it_goes_on_as_events_and_without_those_by_polls(room: Room) -> None:
    session = room.context()
    refuse_sockets(session)
    bob = go(room, "/chats/1/", "bob", session)
    carried_by(bob, "server-sent events")
    eve = go(room, "/chats/long_poll/1/", "eve")
    eve.say("one")
    bob.sees("one")

    session.route(EVENTS, lambda route: route.abort())
    bob.page.evaluate("dispatchEvent(new Event('online'))")
    carried_by(bob, "long-poll")
    eve.say("two")
    bob.sees("one", "two")


def test_it_takes_the_better_way_when_that_is_there_again(room: Room) -> None:
    session = room.context()
    refused: list[WebSocketRoute] = []

    def refuse_first(socket: WebSocketRoute) -> None:
        if refused:
            socket.connect_to_server()
        else:
            refused.append(socket)
            socket.close(code=1011)

    session.route_web_socket(SOCKET, refuse_first)
    page = session.new_page()
    page.clock.install()
    bob = Person(page, "bob")
    page.goto("/chats/1/?nick=bob")
    carried_by(bob, "server-sent events")
    curl = room.curl("shell")
    curl.push("before the move")
    bob.sees("before the move")
    page.clock.fast_forward(31_000)
    carried_by(bob, "WebSocket")
    curl.push("after it")
    bob.sees("before the move", "after it")
    expect(bob.notices).to_have_count(0)


def test_what_is_said_in_an_outage_is_pending_and_then_said_once(
    room: Room, chat_server: ChatServer
) -> None:
    bob, eve = go(room, "/chats/1/", "bob"), go(room, "/chats/long_poll/1/", "eve")
    both = (bob, eve)
    for n in range(5):
        for person in both:
            person.say(f"{person.nick} {n}")
    chat_server.stop(signal.SIGKILL)  # in the middle of it
    for n in range(5, 8):
        for person in both:
            person.say(f"{person.nick} {n}")
    for person in both:
        person.is_lost()
        expect(person.pending.last).to_have_text(f"{person.nick} 7")
        expect(person.fates.last).to_be_in_viewport()
    assert_accessible(bob.page)
    assert_no_sideways_scrolling(bob.page)
    chat_server.start()
    for person in both:
        person.is_connected()
        expect(person.outgoing).to_have_count(0, timeout=COMES_BACK)
        expect(person.texts).to_have_count(16, timeout=COMES_BACK)
        expect(person.notices).to_have_count(0)
    said = bob.texts.all_text_contents()
    for person in both:
        assert [text for text in said if person.nick in text] == [
            f"{person.nick} {n}" for n in range(8)
        ]
    eve.sees(*said)
    go(room, "/chats/1/", "late").sees(*said)


def test_what_waits_in_one_room_is_not_said_in_another(room: Room) -> None:
    add_rooms(room, "two")
    bob, eve = go(room, "/chats/1/", "bob"), go(room, "/chats/1/", "eve")
    bob.page.route("**/api/rooms/1/messages", lambda route: route.abort())
    bob.say("for the first room")
    expect(bob.pending).to_have_text(["for the first room"])
    bob.page.goto("/chats/2/?nick=bob")
    bob.say("for the second")
    bob.sees("for the second")
    expect(bob.outgoing).to_have_count(0)
    expect(eve.texts).to_have_count(0)
    bob.page.unroute("**/api/rooms/1/messages")
    bob.page.goto("/chats/1/?nick=bob")
    for person in (bob, eve):
        person.sees("for the first room")


def test_a_reader_without_a_name_is_asked_for_it_and_led_to_the_room(room: Room) -> None:
    add_rooms(room, "two")
    page = room.open("/chats/2/")
    page.get_by_label("Your name").fill("bob")
    page.keyboard.press("Enter")
    bob = Person(page, "bob")
    bob.is_connected()
    expect(page).to_have_url(re.compile(r"/chats/2/\?nick=bob$"))
    page.goto("/chats/1/")  # here it is known
    bob.is_connected()
    expect(page.locator("#me")).to_have_text("bob")


def test_who_is_in_a_room_that_is_removed_is_told_and_led_to_the_others(room: Room) -> None:
    add_rooms(room, "two")
    bob = go(room, "/chats/2/", "bob")
    administer(room, "DELETE", "/api/rooms/2")
    dialog = bob.page.get_by_role("dialog", name="This room is not there")
    expect(dialog).to_be_visible()
    assert_accessible(bob.page)
    dialog.get_by_role("link", name="Go to the list of rooms").click()
    expect(bob.page.get_by_role("heading", name="Rooms")).to_be_visible()
    assert all("404" in complaint for complaint in room.complaints)
    room.complaints.clear()


def test_the_list_has_the_rooms_by_name_with_who_is_there_and_what_is_unread(room: Room) -> None:
    add_rooms(room, "zebra", "Apple")
    session = room.context()
    go(room, "/chats/1/", "bob", session).page.close()
    listed = session.new_page()
    listed.goto("/chats/")
    rooms = listed.get_by_role("listitem")
    expect(rooms.get_by_role("link")).to_have_text(["Apple", "main", "zebra"])
    expect(rooms.nth(2)).to_contain_text("Nobody is here")
    expect(listed.locator(".unread")).to_have_count(0)

    eve = go(room, "/chats/1/", "eve")
    eve.say("one")
    eve.say("two")
    expect(rooms.nth(1)).to_contain_text("eve", timeout=COMES_BACK)
    expect(rooms.nth(1).locator(".unread")).to_have_text("2 unread", timeout=COMES_BACK)
    rooms.get_by_role("link", name="main").click()
    Person(listed, "bob").sees("one", "two")
    listed.go_back()
    expect(rooms.get_by_role("link")).to_have_text(["Apple", "main", "zebra"])
    expect(listed.locator(".unread")).to_have_count(0)


def test_what_was_read_on_the_first_page_is_not_unread_in_the_list(room: Room) -> None:
    session = room.context()
    bob, curl = room.enter("bob", session), room.curl("shell")
    bob.page.goto("/chats/")
    main = bob.page.get_by_role("link", name="main")
    expect(main).to_be_visible()
    expect(bob.page.locator(".unread")).to_have_count(0)
    curl.push("one")
    expect(bob.page.locator(".unread")).to_have_text("1 unread", timeout=COMES_BACK)
    bob.page.goto(f"/chat/?nick={bob.nick}")
    bob.sees("one")
    bob.page.goto("/chats/")
    expect(main).to_be_visible()
    expect(bob.page.locator(".unread")).to_have_count(0)


def test_who_was_sent_out_of_a_room_sees_the_list_of_the_others(room: Room) -> None:
    add_rooms(room, "two", "three")
    session = room.context()
    bob = go(room, "/chats/2/", "bob", session)
    bob.page.goto("/chats/3/")
    bob.is_connected()
    bob.page.goto("/chats/")
    imposed = {"kind": "out", "name": "bob", "room": 2, "seconds": 60, "network": False}
    administer(room, "POST", "/api/people/sanctions", imposed)
    for number in (2, 3):
        administer(room, "POST", f"/api/rooms/{number}/messages", {"text": "news"})
    bob.page.reload()
    rooms = bob.page.get_by_role("listitem")
    expect(rooms.get_by_role("link")).to_have_text(["main", "three", "two"])
    expect(bob.page.locator(".unread")).to_have_text(["1 unread"])
    expect(rooms.nth(1)).to_contain_text("1 unread")
    assert all("403" in complaint for complaint in room.complaints)
    room.complaints.clear()


def test_a_room_that_is_renamed_is_called_so_on_its_page(room: Room) -> None:
    add_rooms(room, "two")
    bob = go(room, "/chats/2/", "bob")
    expect(bob.page.locator("#room")).to_have_text("two")
    administer(room, "PATCH", "/api/rooms/2", {"name": "lobby"})
    bob.hide(False)  # somebody looks
    expect(bob.page.locator("#room")).to_have_text("lobby", timeout=COMES_BACK)


def test_the_other_rooms_are_at_hand_with_what_is_unread_there(room: Room) -> None:
    add_rooms(room, "two", "\u05d7\u05d3\u05e8")
    session = room.context(viewport={"width": 320, "height": 640})
    bob = go(room, "/chats/long_poll/2/", "bob", session)
    bob.page.goto("/chats/long_poll/1/")
    bob.is_connected()
    for text in ("one", "two"):
        administer(room, "POST", "/api/rooms/2/messages", {"text": text})
    menu = bob.page.get_by_role("navigation", name="Rooms")
    expect(menu).to_be_hidden()
    bob.page.locator("#rooms summary").click()
    rooms = menu.get_by_role("listitem").get_by_role("link")
    expect(rooms).to_have_text(["main", "two2 unread", "\u05d7\u05d3\u05e8"])
    expect(bob.page.locator("#rooms summary")).to_have_text("Rooms2 unread")
    expect(rooms.first).to_have_attribute("aria-current", "page")
    assert_accessible(bob.page)
    assert_no_sideways_scrolling(bob.page)
    bob.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(bob.page.locator("#rooms summary")).to_be_focused()
    bob.page.set_viewport_size({"width": 1280, "height": 640})
    expect(menu).to_be_visible()  # beside the log, where there is space
    bob.page.locator("#log").click()
    expect(menu).to_be_visible()
    rooms.nth(1).click()
    carried_by(bob, "long-poll")
    expect(bob.page.locator("#room")).to_have_text("two")
    expect(rooms).to_have_text(["main", "two", "\u05d7\u05d3\u05e8"])
    menu.get_by_role("link", name="All rooms").click()
    expect(bob.page.get_by_role("heading", name="Rooms")).to_be_visible()


def test_without_rooms_the_list_says_so(room: Room) -> None:
    session = room.context()
    session.route("**/api/rooms", lambda route: route.fulfill(json={"rooms": []}))
    page = session.new_page()
    page.goto("/chats/")
    expect(page.get_by_role("status")).to_have_text("No chats are available.")


@pytest.mark.parametrize("path", ["/chats/7/", "/chats/long_poll/7/"])
def test_a_room_that_is_not_there_has_a_page_that_says_so(room: Room, path: str) -> None:
    page = room.context().new_page()
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.get_by_role("link", name="Go to the rooms").click()
    expect(page.get_by_role("link", name="main")).to_be_visible()
    assert all("404" in complaint for complaint in room.complaints)
    room.complaints.clear()
