"""What people notice at the chat page when what they say has difficulties, or is a command."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.functional.browser import (
    SAY,
    Room,
    assert_accessible,
    assert_no_sideways_scrolling,
    hold_the_answer,
)

COMMAND = re.compile(r"/chat/push")
LONG = "\n".join(f"line {n}" for n in range(60))
HUSHED = {"status": 403, "title": "Forbidden", "detail": "You may not speak for 5 minutes."}


def refuse(route: Route) -> None:
    route.fulfill(status=403, json=HUSHED)


def test_what_is_said_in_an_outage_waits_and_is_said_in_its_order(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    room.server.stop()
    bob.is_lost()
    bob.say(LONG)
    bob.say("/me shouts")
    expect(bob.outgoing).to_have_text([LONG, f"{bob.nick} shouts"])
    expect(bob.pending).to_have_text([LONG, f"{bob.nick} shouts"])
    expect(bob.fates.last).to_have_text("Not sent yet")
    expect(bob.fates.last).to_be_in_viewport(ratio=1)
    expect(bob.box).to_have_value("")
    assert_accessible(bob.page)
    assert_no_sideways_scrolling(bob.page)
    room.server.start()
    for person in (bob, eve):
        person.sees(LONG)
        expect(person.notices).to_have_text([f"{bob.nick} shouts"])
    expect(bob.outgoing).to_have_count(0)
    expect(bob.note).to_be_empty()


def test_what_waits_outlives_a_reload_and_is_said_once(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    held = list[Route]()
    bob.page.route(SAY, hold_the_answer(held), times=1)
    bob.say("heard, but not answered")
    bob.say("/me waits")
    bob.say("and I wait")
    eve.sees("heard, but not answered")
    bob.page.reload()
    for person in (bob, eve):
        expect(person.texts.last).to_have_text("and I wait")
    eve.sees("heard, but not answered", "and I wait")
    expect(eve.notices).to_have_text([f"{bob.nick} waits"])
    expect(bob.outgoing).to_have_count(0)
    bob.page.reload()
    bob.sees("heard, but not answered", "and I wait")
    expect(bob.outgoing).to_have_count(0)


def test_what_was_said_is_said_once_though_its_answer_was_lost(room: Room) -> None:
    bob, held = room.enter("bob"), list[Route]()
    bob.page.route(SAY, hold_the_answer(held), times=2)
    bob.say("heard before the loss")
    bob.sees("heard before the loss")
    expect(bob.outgoing.filter(visible=True)).to_have_count(0)
    held[0].abort()
    bob.say("next")
    bob.sees("heard before the loss", "next")
    expect(bob.outgoing).to_have_count(0)
    bob.page.route(SAY, hold_the_answer(held), times=1)
    bob.say("/me waves")
    expect(bob.notices).to_have_text([f"{bob.nick} waves"])
    held[-1].abort()
    bob.say("and on")
    bob.sees("heard before the loss", "next", "and on")
    expect(bob.notices).to_have_text([f"{bob.nick} waves"])


def test_what_the_server_refuses_says_why_and_can_be_sent_again_or_dropped(room: Room) -> None:
    bob = room.enter("bob")
    bob.page.route(SAY, refuse, times=2)
    bob.say("hear me")
    expect(bob.fates).to_have_count(1)
    expect(bob.fates.first).to_contain_text("Not sent: You may not speak for 5 minutes.")
    bob.say("forget it")
    bob.box.fill("what I type meanwhile")
    expect(bob.fates.last).to_contain_text("Not sent")
    assert_accessible(bob.page)
    bob.page.reload()
    expect(bob.outgoing).to_have_text(["hear me", "forget it"])
    bob.box.fill("what I type meanwhile")
    bob.page.get_by_role("button", name="Send again").first.click()
    bob.sees("hear me")
    expect(bob.outgoing).to_have_text(["forget it"])
    bob.page.get_by_role("button", name="Discard").click()
    expect(bob.outgoing).to_have_count(0)
    expect(bob.box).to_be_focused()
    expect(bob.box).to_have_value("what I type meanwhile")
    bob.page.reload()
    bob.sees("hear me")
    expect(bob.outgoing).to_have_count(0)
    room.complaints.clear()  # of the 403


# How often the words stand there, and how far down, in each frame from the first on.
EACH_FRAME = """text => {
    globalThis.frames = [];
    const look = () => {
        const found = [...document.querySelectorAll("#log :is(.text, .notice)")].filter(
            one => one.textContent === text && one.checkVisibility());
        const { top = 0 } = found[0]?.getBoundingClientRect() ?? {};
        if (found.length || frames.length) frames.push([found.length, Math.round(top)]);
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.parametrize("text", ["hello", "/me waves"])
def test_what_is_answered_soon_stands_there_once_and_does_not_move(room: Room, text: str) -> None:
    bob = room.enter("bob")
    bob.say("before")
    bob.sees("before")
    words = text.replace("/me", bob.nick)
    bob.page.evaluate(EACH_FRAME, words)
    bob.say(text)
    expect(bob.log.locator(".lines").get_by_text(words, exact=True)).to_be_visible()
    expect(bob.outgoing).to_have_count(0)
    bob.page.evaluate("new Promise(requestAnimationFrame)")
    frames = bob.page.evaluate("frames")
    assert frames
    assert all(frame == frames[0] and frame[0] == 1 for frame in frames), frames


def test_commands_are_done_and_the_page_knows_its_new_name(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    bob.say("/me waves")
    expect(eve.notices).to_contain_text([f"{bob.nick} waves"])
    bob.say(f"/nick {bob.nick}-2")
    expect(eve.notices).to_contain_text([f"{bob.nick} waves", f"{bob.nick}-2"])
    bob.say("//nick is a command")
    expect(eve.texts).to_have_text(["/nick is a command"])
    expect(bob.messages.first).to_contain_text("(you)")
    expect(bob.page.locator("#me")).to_have_text(f"{bob.nick}-2")


def test_another_tab_of_the_same_browser_knows_the_new_name_too(room: Room) -> None:
    session = room.context()
    bob = room.enter("bob", session)
    other = room.knock(bob.nick, session)
    other.is_connected()
    bob.say(f"/nick {bob.nick}-2")
    expect(other.page.locator("#me")).to_have_text(f"{bob.nick}-2")
    other.say("still me")
    for tab in (bob, other):
        tab.sees("still me")
        expect(tab.messages.first).to_contain_text("(you)")
    other.page.reload()
    other.is_connected()
    expect(bob.page.locator("#me")).to_have_text(f"{bob.nick}-2")


def test_a_new_name_is_shown_to_be_on_its_way_only_when_that_takes_time(room: Room) -> None:
    bob, held = room.enter("bob"), list[Route]()
    bob.page.route(COMMAND, lambda route: held.append(route), times=1)
    bob.say(f"/nick {bob.nick}-2")
    expect(bob.outgoing).to_have_count(1)
    expect(bob.pending).to_have_text([f"/nick {bob.nick}-2"])
    held[0].abort()
    expect(bob.page.locator("#me")).to_have_text(f"{bob.nick}-2")
    expect(bob.outgoing).to_have_count(0)
    bob.say("/nick a:b")
    expect(bob.fates).to_contain_text(["Not sent: A name has no colon."])


def test_the_page_counts_what_people_say_and_not_who_comes_and_goes(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push_lines(40)
    expect(bob.texts).to_have_count(40)
    bob.scroll_to_top()
    other = room.curl("other")
    other.push(f"/nick {other.nick}-2")
    curl.push("/me waves")
    expect(bob.unseen).to_have_text("1 new message")
    curl.push("news")
    expect(bob.unseen).to_have_text("2 new messages")
