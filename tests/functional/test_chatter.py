"""What people notice at /chatter, the chat of live elements, in a real browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.functional.browser import (
    COMES_BACK,
    Room,
    assert_good_in_all_looks,
    assert_no_sideways_scrolling,
)
from tests.functional.chat_server import ChatServer

TOKEN = "0123456789abcdef"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
LONG_WORD = "Donaudampfschiff" * 40


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    server = ChatServer(tmp_path, {"CHAT_ADMIN_TOKEN": TOKEN})
    server.start()
    yield server
    server.stop()


class Chatterer:
    """One tab with the page, and what its reader sees there."""

    def __init__(self, page: Page) -> None:
        self.page, self.name = page, ""
        self.username = page.get_by_role("textbox", name="Choose your username")
        self.box = page.get_by_role("textbox", name="Message")
        self.log = page.get_by_role("log")
        self.lines = self.log.locator("p")
        self.status = page.get_by_role("status")
        self.alerts = page.get_by_role("alert")
        self.logged_in_as = page.get_by_text(re.compile("^Logged in as"))

    def enter(self, name: str) -> None:
        self.name = name
        self.username.fill(name)
        self.username.press("Enter")
        self.is_in()

    def is_in(self) -> None:
        expect(self.logged_in_as).to_have_text(f"Logged in as {self.name}", timeout=COMES_BACK)
        expect(self.username).to_be_hidden()
        expect(self.lines.last).to_be_visible()

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def shown(self) -> list[str]:
        return self.lines.all_text_contents()

    def is_told(self, text: str) -> None:
        expect(self.alerts.filter(has_text=text)).to_be_visible()


def come(room: Room, name: str = "", **options: Any) -> Chatterer:
    """Goes to the page, and in under a name like this one; or stays at its door."""
    chatterer = Chatterer(room.open("/chatter", **options))
    expect(chatterer.status).to_have_text("Connected")
    if name:
        chatterer.enter(f"{name}-{secrets.token_hex(2)}")
    return chatterer


def last(chatterer: Chatterer, *lines: str) -> None:
    """These are the last lines of the page, within the time that it takes to come back."""
    for number, line in enumerate(reversed(lines), 1):
        expect(chatterer.lines.nth(-number)).to_have_text(line, timeout=COMES_BACK)
    assert chatterer.shown()[-len(lines) :] == list(lines)


def wall(chatterer: Chatterer, text: str) -> None:
    answer = chatterer.page.request.post("/api/wall", data={"text": text}, headers=ADMIN)
    assert answer.status == 204


def test_two_people_and_curl_talk_to_each_other_in_order(room: Room) -> None:
    bob, curl = come(room, "bob"), room.curl("shell")
    eve = come(room, "eve")
    bob.say("hello")
    last(eve, f"{bob.name}: hello")
    curl.push("deploy finished")
    last(eve, f"{curl.nick}: deploy finished")
    eve.say("/me waves")
    said = [
        f" * user {eve.name} has joined the room",
        f"{bob.name}: hello",
        f"{curl.nick}: deploy finished",
        f" * {eve.name} waves",
    ]
    for person in (bob, eve):
        last(person, *said)
    assert curl.pull().splitlines() == said


def test_everybody_sees_who_joins(room: Room) -> None:
    bob, curl = come(room, "bob"), room.curl("shell")
    joined = f" * user {curl.nick} has joined the room"
    last(bob, f" * user {bob.name} has joined the room", joined)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202egnp.exe"]
)
def test_hostile_text_is_shown_as_text_in_names_and_messages(room: Room, text: str) -> None:
    mallory, eve = come(room), come(room, "eve")
    mallory.enter(text)
    mallory.say(text)
    wall(mallory, text)
    for person in (mallory, eve):
        person.is_told(text)
        last(person, f"{text}: {text}", f" ! administrator: {text}")
        assert person.page.locator("main").locator("script, img").count() == 0
        assert_no_sideways_scrolling(person.page)


def test_half_a_character_breaks_nothing(room: Room) -> None:
    bob = come(room, "bob")
    bob.box.evaluate("box => { box.value = 'half \\ud83d' }")
    bob.box.press("Enter")
    last(bob, f"{bob.name}: half \ufffd")


def test_a_name_that_is_taken_or_none_is_refused_with_a_reason(room: Room) -> None:
    curl, bob = room.curl("shell"), come(room)
    bob.username.fill(curl.nick)
    bob.username.press("Enter")
    bob.is_told(f"The name {curl.nick} is in use; choose another one.")
    bob.username.fill("a:b")
    bob.username.press("Enter")
    bob.is_told("A name has no colon.")
    expect(bob.username).to_be_focused()
    bob.enter(f"bob-{secrets.token_hex(2)}")
    expect(bob.alerts.filter(has_text="colon")).to_have_count(0)


def test_nick_is_shown_in_every_tab(room: Room) -> None:
    bob = come(room, "bob")
    tab = Chatterer(bob.page.context.new_page())
    tab.page.goto("/chatter")
    tab.enter(bob.name)
    bob.name = tab.name = f"rob-{secrets.token_hex(2)}"
    bob.say(f"/nick {bob.name}")
    bob.is_in()
    tab.is_in()


def test_what_is_refused_stays_in_the_box(room: Room) -> None:
    bob = come(room, "bob")
    bob.say("/nick a:b")
    bob.is_told("Not sent: A name has no colon. Your text is still here.")
    expect(bob.box).to_have_value("/nick a:b")
    bob.say("hello")
    last(bob, f"{bob.name}: hello")
    expect(bob.box).to_have_value("")
    expect(bob.alerts.filter(has_text="Not sent")).to_have_count(0)


def test_a_wall_alerts_everybody_until_it_is_closed(room: Room) -> None:
    bob, eve = come(room, "bob"), come(room, "eve")
    wall(eve, "tea is ready")
    for person in (bob, eve):
        person.is_told("administrator: tea is ready")
        last(person, " ! administrator: tea is ready")
    bob.page.get_by_role("button", name="Close").click()
    expect(bob.alerts.filter(has_text="tea")).to_be_hidden()
    expect(bob.box).to_be_focused()


def test_what_was_removed_is_said_to_be(room: Room) -> None:
    bob = come(room, "bob")
    bob.say("a secret")
    last(bob, f"{bob.name}: a secret")
    (*_, said) = bob.page.request.get("/api/rooms/1/messages").json()["messages"]
    bob.page.request.delete(f"/api/rooms/1/messages/{said['seq']}", headers=ADMIN)
    last(bob, f" * message {said['seq']} was removed")
    eve = come(room, "eve")
    for person in (bob, eve):
        removed = person.lines.filter(has_text=f"a message from {bob.name} was removed")
        expect(removed).to_have_count(1)
        assert not any("secret" in line for line in person.shown())


def test_a_wall_that_was_removed_is_no_alert_any_more(room: Room) -> None:
    bob = come(room, "bob")
    wall(bob, "a secret")
    bob.is_told("a secret")
    (*_, said) = bob.page.request.get("/api/rooms/1/messages").json()["messages"]
    bob.page.request.delete(f"/api/rooms/1/messages/{said['seq']}", headers=ADMIN)
    last(bob, f" * message {said['seq']} was removed")
    assert "a secret" not in (bob.page.text_content("body") or "")


def test_a_reload_needs_only_enter_and_nobody_notices(room: Room) -> None:
    bob, curl = come(room, "bob"), room.curl("shell")
    bob.say("before")
    last(bob, f"{bob.name}: before")
    before = bob.shown()
    bob.page.reload()
    expect(bob.username).to_have_value(bob.name)
    bob.username.press("Enter")
    bob.is_in()
    bob.say("after")
    last(bob, f"{bob.name}: after")
    assert bob.shown() == [*before, f"{bob.name}: after"]
    assert curl.pull().splitlines() == [f"{bob.name}: before", f"{bob.name}: after"]


def test_who_closes_the_page_leaves(tmp_path: Path, chromium: Browser) -> None:
    server = ChatServer(tmp_path, {"CHAT_LINGER": "1"})
    server.start()
    room = Room(server, chromium)
    try:
        curl, bob = room.curl("shell"), come(room, "bob")
        assert curl.pull() == f" * user {bob.name} has joined the room\r\n"
        bob.page.close()
        assert curl.pull() == f" * user {bob.name} has left the room\r\n"
    finally:
        room.close()
        server.stop()
    assert room.complaints == []


def test_after_a_restart_of_the_server_it_logs_in_by_itself(room: Room) -> None:
    bob = come(room, "bob")
    bob.say("before")
    last(bob, f"{bob.name}: before")
    before = bob.shown()
    room.server.stop()
    expect(bob.status).to_contain_text("Connection lost", timeout=COMES_BACK)
    room.server.start()
    expect(bob.status).to_have_text("Connected", timeout=COMES_BACK)
    last(bob, f" * user {bob.name} has joined the room")
    curl = room.curl("shell")
    curl.push("are you there?")
    bob.say("yes")
    last(bob, f"{curl.nick}: are you there?", f"{bob.name}: yes")
    assert bob.shown()[: len(before)] == before
    assert bob.shown().count(f"{bob.name}: before") == 1


def test_what_was_typed_during_an_outage_is_not_lost(room: Room) -> None:
    bob = come(room, "bob")
    room.server.stop()
    expect(bob.status).to_contain_text("Connection lost", timeout=COMES_BACK)
    bob.say("hear me")
    expect(bob.box).to_have_value("")
    room.server.start()
    expect(bob.box).to_have_value("hear me", timeout=COMES_BACK)
    expect(bob.status).to_have_text("Connected")
    last(bob, f" * user {bob.name} has joined the room")
    bob.is_told("Perhaps not sent")
    bob.box.press("Enter")
    last(bob, f"{bob.name}: hear me")


def test_who_finds_the_name_taken_after_a_restart_chooses_another(room: Room) -> None:
    bob = come(room, "bob")
    room.server.stop()
    expect(bob.status).to_contain_text("Connection lost", timeout=COMES_BACK)
    bob.page.route("**/open", lambda route: route.abort())
    room.server.start()
    thief = Chatterer(room.open("/chatter"))
    thief.enter(bob.name)
    bob.page.unroute("**/open")
    bob.is_told(f"The name {bob.name} is in use; choose another one.")
    expect(bob.username).to_have_value(bob.name)
    bob.enter(f"rob-{secrets.token_hex(2)}")
    bob.say("here again")
    last(thief, f"{bob.name}: here again")


def test_without_websockets_it_is_the_same(room: Room) -> None:
    session: BrowserContext = room.context()
    session.add_init_script("delete globalThis.WebSocket")
    bob, curl = Chatterer(session.new_page()), room.curl("shell")
    bob.page.goto("/chatter")
    bob.enter(f"bob-{secrets.token_hex(2)}")
    for number in range(5):
        bob.say(f"line {number}")
        curl.push(f"answer {number}")
    expect(bob.lines.filter(has_text=re.compile("line|answer"))).to_have_count(10)
    assert [line for line in bob.shown() if "line" in line] == [
        f"{bob.name}: line {number}" for number in range(5)
    ]


def test_who_reads_further_up_is_not_torn_down(room: Room) -> None:
    bob, curl = come(room, "bob"), room.curl("shell")
    curl.push_lines(60)
    last(bob, f"{curl.nick}: line 59")
    expect(bob.lines.last).to_be_in_viewport()
    bob.log.evaluate("log => { log.scrollTop = 0 }")
    bob.page.wait_for_function("document.querySelector('[role=log]').scrollTop === 0")
    curl.push("news")
    last(bob, f"{curl.nick}: news")
    expect(bob.lines.last).not_to_be_in_viewport()
    bob.say("I am back")
    expect(bob.lines.last).to_be_in_viewport()


def test_by_keyboard_alone(room: Room) -> None:
    bob = come(room)
    keys, name = bob.page.keyboard, f"kim-{secrets.token_hex(2)}"
    keys.type(name)
    keys.press("Enter")
    expect(bob.box).to_be_focused()
    keys.type("no mouse here")
    keys.press("Tab")
    expect(bob.page.get_by_role("button", name="Send")).to_be_focused()
    keys.press("Enter")
    last(bob, f"{name}: no mouse here")
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    expect(bob.log).to_be_focused()


def test_320_pixels_are_enough(room: Room) -> None:
    bob = come(room, viewport={"width": 320, "height": 480})
    assert_no_sideways_scrolling(bob.page)
    bob.enter("b" * 64)
    bob.say(LONG_WORD)
    last(bob, f"{bob.name}: {LONG_WORD}")
    wall(bob, LONG_WORD)
    bob.is_told(LONG_WORD)
    bob.say("/nick " + "x" * 65)
    bob.is_told("Not sent")
    room.server.stop()
    expect(bob.status).to_contain_text("Connection lost", timeout=COMES_BACK)
    assert_no_sideways_scrolling(bob.page)
    expect(bob.page.get_by_role("button", name="Send")).to_be_in_viewport()
    expect(bob.lines.last).to_be_in_viewport()


def test_axe_finds_nothing_in_what_the_page_says(room: Room) -> None:
    bob, curl = come(room), room.curl("shell")
    bob.username.fill(curl.nick)
    bob.username.press("Enter")
    bob.is_told("in use")
    assert_good_in_all_looks(bob.page)
    bob.enter(f"bob-{secrets.token_hex(2)}")
    curl.push_lines(40)
    wall(bob, "tea is ready")
    bob.is_told("tea is ready")
    bob.say("/nick a:b")
    bob.is_told("Not sent")
    assert_good_in_all_looks(bob.page)
    room.server.stop()
    expect(bob.status).to_contain_text("Connection lost", timeout=COMES_BACK)
    assert_good_in_all_looks(bob.page)
