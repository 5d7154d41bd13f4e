"""What people notice at the chat page, each test one thing of it."""

import re
import time
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Route, expect

from tests.functional.browser import (
    COMES_BACK,
    ENTER,
    POLL,
    Room,
    answer_twice,
    assert_accessible,
    assert_good_in_all_looks,
    assert_no_sideways_scrolling,
    flood,
    miss_seven,
)

LIMIT = 8192
LONG_WORD = "Donaudampfschiff" * 40


def test_two_people_and_curl_talk_to_each_other_in_order(room: Room) -> None:
    bob, eve, curl = room.enter("bob"), room.enter("eve"), room.curl("shell")
    bob.say("hello")
    eve.sees("hello")
    eve.say("hi bob")
    bob.sees("hello", "hi bob")
    assert curl.push("deploy finished").startswith("ok ")

    for person in (bob, eve):
        person.sees("hello", "hi bob", "deploy finished")
        expect(person.senders).to_have_text([bob.nick, eve.nick, curl.nick])
    assert curl.pull() == (
        f"{bob.nick}: hello\r\n{eve.nick}: hi bob\r\n{curl.nick}: deploy finished\r\n"
    )


def test_a_burst_arrives_whole_and_in_the_order_of_typing(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    words = [f"word {n}" for n in range(30)]
    for word in words:
        bob.say(word)
    eve.sees(*words)
    bob.sees(*words)


def test_one_sees_who_speaks_and_when(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    bob.say("first")
    bob.sees("first")
    bob.say("second")
    eve.sees("first", "second")

    first, second = eve.messages.all()
    time = first.locator("time")
    expect(time).to_have_text(re.compile(r"\d{1,2}.\d{2}"))
    said = datetime.fromisoformat(time.get_attribute("datetime") or "")
    assert abs(datetime.now(said.tzinfo) - said) < timedelta(minutes=1)
    expect(eve.log.locator(".day time")).to_have_attribute(
        "datetime", said.astimezone().date().isoformat()
    )
    expect(first.locator(".byline")).to_be_in_viewport()
    expect(second.locator(".byline")).to_have_class(re.compile("visually-hidden"))
    expect(bob.messages.first).to_have_class(re.compile(r"\bown\b"))
    expect(bob.messages.first).to_contain_text("(you)")
    expect(eve.messages.first).not_to_contain_text("(you)")


def test_two_tabs_of_one_session_both_hear_everything(room: Room) -> None:
    session = room.context()
    first = room.enter("bob", session)
    second = room.knock(first.nick, session)
    second.is_connected()
    first.say("from the first tab")
    second.sees("from the first tab")
    second.say("from the second")
    for tab in (first, second):
        tab.sees("from the first tab", "from the second")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "\u202egnp.exe",
    "👩‍👩‍👧‍👦 🏳️‍🌈 ¯\\_(ツ)_/¯",
    "שלום, world",
    pytest.param("é" * (LIMIT // 2), id="8K"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text_in_names_and_messages(room: Room, text: str) -> None:
    mallory, eve = room.enter(text[:40]), room.enter("eve")
    mallory.say(text)
    for person in (mallory, eve):
        expect(person.messages).to_have_count(1)
        assert person.texts.text_content() == text
        assert person.senders.text_content() == mallory.nick
        assert person.messages.locator("script, img, svg").count() == 0
        assert_no_sideways_scrolling(person.page)


def test_shift_enter_starts_a_line_and_enter_sends(room: Room) -> None:
    bob = room.enter("bob")
    bob.box.press_sequentially("one")
    bob.box.press("Shift+Enter")
    bob.box.press_sequentially("two")
    expect(bob.box).to_have_value("one\ntwo")
    bob.box.press("Enter")
    expect(bob.box).to_have_value("")
    expect(bob.texts).to_have_count(1)
    assert bob.texts.text_content() == "one\ntwo"


def test_enter_that_ends_an_input_methods_word_sends_nothing(room: Room) -> None:
    bob = room.enter("bob")
    bob.box.fill("にほん")
    bob.box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    bob.box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    expect(bob.box).to_have_value("にほん")
    bob.box.press("Enter")
    bob.sees("にほん")


def test_the_button_sends_and_is_off_only_while_there_is_nothing_to_send(room: Room) -> None:
    bob = room.enter("bob")
    expect(bob.send).to_be_disabled()
    bob.say("  \n ")
    expect(bob.send).to_be_disabled()
    bob.box.fill("by button")
    bob.send.click()
    bob.sees("by button")
    expect(bob.send).to_be_disabled()
    expect(bob.box).to_be_focused()


def test_a_message_over_the_limit_is_refused_with_its_size(room: Room) -> None:
    bob = room.enter("bob")
    text = "é" * (LIMIT // 2) + "!"
    bob.say(text)
    expect(bob.note).to_contain_text("8,193 bytes")
    expect(bob.box).to_have_value(text)
    bob.say("shorter")
    bob.sees("shorter")
    expect(bob.note).to_be_empty()


def test_words_typed_before_the_page_is_connected_are_said_under_ones_name(room: Room) -> None:
    context = room.context()
    held = list[Route]()
    context.route(ENTER, lambda route: held.append(route), times=1)
    bob = room.knock("bob-early", context)
    bob.say("too early?")
    held[0].continue_()
    bob.sees("too early?")
    expect(bob.senders).to_have_text(["bob-early"])


def test_the_view_follows_until_the_reader_scrolls_up(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push_lines(40)
    expect(bob.log.get_by_text("line 39")).to_be_in_viewport()

    bob.scroll_to_top()
    curl.push("news")
    expect(bob.unseen).to_have_text("1 new message")
    curl.push("more news")
    expect(bob.unseen).to_have_text("2 new messages")
    expect(bob.log).to_have_js_property("scrollTop", 0)

    bob.unseen.click()
    expect(bob.log.get_by_text("more news")).to_be_in_viewport()
    expect(bob.unseen).to_be_hidden()
    assert bob.distance_from_end() < 2
    curl.push("and on")
    expect(bob.log.get_by_text("and on")).to_be_in_viewport()

    bob.scroll_to_top()
    bob.say("what one says oneself leads down too")
    own = bob.log.get_by_text("what one says").filter(visible=True)
    expect(own).to_be_in_viewport()


# Of something before, and told of with the next frame, as all scrolling is.
SHRINK_AND_SCROLL = """() => {
    document.body.style.blockSize = "20rem";
    document.getElementById("log").dispatchEvent(new Event("scroll"));
}"""


def test_the_end_stays_in_view_when_that_becomes_smaller(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push_lines(40)
    expect(bob.log.get_by_text("line 39")).to_be_in_viewport()
    bob.page.evaluate(SHRINK_AND_SCROLL)
    expect(bob.log.get_by_text("line 39")).to_be_in_viewport()
    curl.push("news")
    expect(bob.log.get_by_text("news")).to_be_in_viewport()


def test_what_was_missed_is_said_in_its_place(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push("before")
    bob.sees("before")
    bob.page.route(POLL, miss_seven)
    bob.page.evaluate("dispatchEvent(new Event('online'))")
    curl.push("after")
    bob.sees("before", "after")
    expect(bob.notices).to_have_text("7 messages missed")
    lines = bob.log.locator(".text, .gap")
    expect(lines).to_have_text(["before", "7 messages missed", "after"])


def test_an_answer_that_comes_twice_is_shown_once(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push("one")
    bob.sees("one")
    bob.page.route(POLL, answer_twice())
    curl.push("two")  # ends the poll that was under way before the echo
    curl.push("three")
    curl.push("four")
    bob.sees("one", "two", "three", "four")


def test_joins_and_walls_are_lines_of_their_own_and_old_lines_go(room: Room) -> None:
    context = room.context()
    context.route(POLL, flood(7499))
    bob = room.knock("bob-flooded", context)
    expect(bob.log.locator(".wall")).to_have_text("tea is ready")
    expect(bob.messages.last).to_contain_text("line 7499")
    assert 5_000 < bob.messages.count() <= 6_000


def test_the_title_counts_what_came_while_the_tab_was_hidden(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    bob.hide(True)
    curl.push_lines(2)
    expect(bob.page).to_have_title(f"(2) {bob.nick} – ChatApp")
    bob.hide(False)
    expect(bob.page).to_have_title(f"{bob.nick} – ChatApp")


def test_a_name_in_use_is_refused_kindly_and_another_one_offered(room: Room) -> None:
    bob = room.enter("bob")
    other = room.knock(bob.nick)
    dialog = other.page.get_by_role("dialog", name=f"“{bob.nick}” is taken")
    expect(dialog).to_be_visible()
    expect(other.status).to_have_text("Not connected")
    assert_accessible(other.page)
    other.page.keyboard.press("Enter")
    expect(other.page.get_by_label("Your name")).to_have_value(f"{bob.nick}2")
    other.page.keyboard.press("Enter")
    other.is_connected()


@pytest.mark.parametrize("nick", ["n" * 65, ".."])
def test_a_name_that_cannot_be_is_refused_kindly(room: Room, nick: str) -> None:
    page = room.open(f"/chat/?{urlencode({'nick': nick})}")
    expect(page.get_by_role("dialog", name=f"“{nick}” cannot be a name here")).to_be_visible()
    page.get_by_role("link", name="Choose another name").click()
    expect(page.get_by_label("Your name")).to_have_value("guest")


@pytest.mark.parametrize("path", ["/chat/", "/chat/?nick=", "/chat/?nick=%20"])
def test_without_a_name_one_is_asked_for_it(room: Room, path: str) -> None:
    expect(room.open(path).get_by_label("Your name")).to_have_value("guest")


def test_the_first_page_shows_the_lines_for_a_shell(room: Room) -> None:
    page = room.open("/")
    page.get_by_label("Your name").fill("Zoë's")
    shell = page.get_by_role("region", name="Or from a shell")
    expect(shell).to_contain_text(f"{room.server.url}/chat/pull/Zo%C3%AB%27s")
    expect(shell).to_contain_text(f"curl -d hello -c jar -b jar {room.server.url}/chat/push")


def test_after_a_restart_the_pages_go_on_by_themselves(room: Room) -> None:
    people = [room.enter("bob"), room.enter("eve")]
    people[0].say("before")
    for person in people:
        person.sees("before")
    room.server.stop()
    for person in people:
        person.is_lost()
        expect(person.page.get_by_role("button", name="Try now")).to_be_visible()
    room.server.start()
    room.curl("shell").push("first after the restart")
    for person in people:
        person.is_connected()
        person.sees("before", "first after the restart")
        expect(person.notices).to_have_count(0)
    people[1].say("we are back")
    people[0].sees("before", "first after the restart", "we are back")
    people[0].say("so we are")
    for person in people:
        person.sees("before", "first after the restart", "we are back", "so we are")
        expect(person.senders.last).to_have_text(people[0].nick)


def test_what_was_said_while_one_was_offline_arrives_once_and_in_order(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push("one")
    bob.sees("one")
    bob.page.context.set_offline(True)
    bob.is_lost()
    curl.push("two")
    curl.push("three")
    bob.page.context.set_offline(False)
    bob.sees("one", "two", "three")
    bob.is_connected()
    expect(bob.notices).to_have_count(0)

    bob.page.context.set_offline(True)
    bob.is_lost()
    bob.page.context.set_offline(False)  # and nobody has said a word: no need to wait for one
    expect(bob.status).to_have_text("Connected", timeout=5_000)


def test_try_now_does_not_wait(room: Room) -> None:
    bob = room.enter("bob")
    bob.page.clock.install()
    room.server.stop()
    bob.is_lost()
    bob.page.clock.pause_at(time.time() + 3600)  # from here on no back-off ends by itself
    expect(bob.status).to_have_text(re.compile(r"trying again in \d+ s$"))
    room.server.start()
    bob.page.get_by_role("button", name="Try now").click()
    bob.is_connected()


def test_from_the_first_page_to_a_message_by_keyboard_alone(room: Room) -> None:
    page = room.open("/")
    keys = page.keyboard
    keys.type("kim-keys")
    keys.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Connected", timeout=COMES_BACK)
    keys.type("no mouse here")
    keys.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("no mouse here")
    keys.press("Shift+Tab")
    expect(page.get_by_role("log")).to_be_focused()


def test_who_tries_again_by_keyboard_is_led_back_to_the_box(room: Room) -> None:
    bob = room.enter("bob")
    other = room.knock(bob.nick)
    for _ in range(2):
        expect(other.page.get_by_role("dialog")).to_be_visible()
        other.page.keyboard.press("Escape")
        expect(other.page.get_by_role("dialog")).to_be_hidden()
        expect(other.box).to_be_focused()
        other.page.get_by_role("button", name="Try now").press("Enter")


def test_320_pixels_are_enough(room: Room) -> None:
    narrow = {"width": 320, "height": 480}
    assert_no_sideways_scrolling(room.open("/", viewport=narrow))
    bob = room.enter("b" * 59, viewport=narrow)
    bob.say(LONG_WORD)
    bob.sees(LONG_WORD)
    assert_no_sideways_scrolling(bob.page)
    room.server.stop()
    bob.is_lost()
    assert_no_sideways_scrolling(bob.page)
    expect(bob.send).to_be_in_viewport()
    room.server.start()


def test_axe_finds_nothing_in_what_the_page_says(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push_lines(40)
    expect(bob.texts).to_have_count(40)
    bob.scroll_to_top()
    curl.push("news")
    expect(bob.unseen).to_be_visible()
    bob.say("x" * (LIMIT + 1))
    expect(bob.note).to_contain_text("8,193 bytes")
    assert_good_in_all_looks(bob.page)
    room.server.stop()
    bob.is_lost()
    assert_good_in_all_looks(bob.page)
    room.server.start()
