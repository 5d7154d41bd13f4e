"""What the chat page shows of a room, each test one thing of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.functional.browser import (
    POLL,
    Person,
    Room,
    assert_accessible,
    assert_good_in_all_looks,
    assert_no_sideways_scrolling,
)
from tests.functional.rooms_pages import TOKEN, chat_server

__all__ = ["chat_server"]

ADMIN = {"Authorization": f"Bearer {TOKEN}"}
HISTORY = re.compile(r"/messages\?")
DAY = 24 * 3600 * 1_000_000
MINUTE = 60 * 1_000_000
HEBREW = "שלום לכולם"


def past(*said: dict[str, Any]) -> Callable[[Route], None]:
    """The room's past is this, and all came before the first that really was said."""
    messages = [
        {"room": 1, "seq": n - len(said), "kind": "say", **message}
        for n, message in enumerate(said, 1)
    ]
    answer = {"messages": messages, "cursor": "x.0", "gap": {"missed": 0, "restarted": False}}
    return lambda route: route.fulfill(json=answer)


def come(room: Room, *said: dict[str, Any], **options: Any) -> Person:
    """Somebody in a room with such a past."""
    context = room.context(**options)
    context.route(HISTORY, past(*said))
    bob = room.knock("bob", context)
    bob.is_connected()
    expect(bob.texts).to_have_count(len(said))
    return bob


def remove(bob: Person, seq: int) -> None:
    answer = bob.page.request.delete(f"/api/rooms/1/messages/{seq}", headers=ADMIN)
    assert answer.status == 204


def number_of(bob: Person, text: str) -> int:
    messages = bob.page.request.get("/api/rooms/1/messages").json()["messages"]
    return int(next(message["seq"] for message in messages if message["text"] == text))


def now() -> int:
    return int(time.time() * 1_000_000)


def test_who_comes_sees_what_was_said_before_and_goes_on_from_there(room: Room) -> None:
    curl = room.curl("shell")
    curl.push_lines(3)
    bob = room.enter("bob")
    bob.sees("line 0", "line 1", "line 2")
    curl.push("now")
    bob.sees("line 0", "line 1", "line 2", "now")
    expect(bob.log.locator(".day")).to_have_count(1)
    expect(bob.page.get_by_role("button", name=re.compile("new message"))).to_be_hidden()


def test_older_ones_come_as_one_scrolls_up_and_nothing_jumps(room: Room) -> None:
    curl = room.curl("shell")
    curl.push_lines(450)
    bob = room.enter("bob", viewport={"width": 900, "height": 600})
    expect(bob.texts.last).to_be_in_viewport()
    assert bob.texts.count() < 300  # not all at once

    for _ in range(6):
        place = bob.page.evaluate(
            """async () => {
                const log = document.getElementById("log");
                const frame = () => new Promise(requestAnimationFrame);
                log.scrollTop = 40;
                const { top } = log.getBoundingClientRect();
                const line = [...log.querySelectorAll(".text")].find(
                    one => one.getBoundingClientRect().top > top + 100);
                const places = [];
                const look = () => places.push(line.getBoundingClientRect().top);
                look();
                const until = performance.now() + 1000;
                while (performance.now() < until) { await frame(); look(); }
                return { least: Math.min(...places), most: Math.max(...places) };
            }"""
        )
        assert place["most"] - place["least"] < 2
    expect(bob.texts).to_have_count(450)
    assert bob.texts.all_text_contents() == [f"line {n}" for n in range(450)]
    expect(bob.log.locator(".day")).to_have_count(1)
    # One goes on to speak where the other did: all in one breath, but for five minutes.
    expect(bob.log.locator(".byline:not(.visually-hidden)")).to_have_count(1)


def test_what_cannot_be_loaded_can_be_asked_for_again(room: Room) -> None:
    curl = room.curl("shell")
    curl.push("before")
    context = room.context()
    context.route(HISTORY, lambda route: route.abort(), times=1)
    bob = room.knock("bob", context)
    again = bob.page.get_by_role("button", name="Try again")
    assert_accessible(bob.page)
    again.click()
    bob.sees("before")
    expect(again).to_be_hidden()


def test_messages_stand_in_groups_below_their_days(room: Room) -> None:
    noon = now() // DAY * DAY + DAY // 2 - 2 * DAY
    said = [
        {"sender": "ann", "text": "1", "time": noon - DAY},
        {"sender": "ann", "text": "2", "time": noon},
        {"sender": "ann", "text": "3", "time": noon + MINUTE},
        {"sender": "eve", "text": "4", "time": noon + 2 * MINUTE},
        {"sender": "ann", "text": "5", "time": noon + 3 * MINUTE},
        {"sender": "ann", "text": "6", "time": noon + 9 * MINUTE},
    ]
    bob = come(room, *said, timezone_id="UTC")
    expect(bob.log.locator(".day")).to_have_count(2)
    lines = bob.log.locator(".day, .message:not(.again), .message.again .text")
    kinds = lines.evaluate_all("all => all.map(one => one.className.split(' ')[0])")
    assert kinds == ["day", "message", "day", "message", "text", *["message"] * 3]
    assert bob.log.locator(".avatar").count() == 5


def test_links_lead_where_they_say_and_only_to_the_web(room: Room) -> None:
    texts = {
        "see https://a.example/x?y=1 (or http://b.example).": ["https://a.example/x?y=1", "http://b.example/"],
        "javascript:alert(1) data:text/html,x": [],
        "https://аpple.example/login": ["https://xn--pple-43d.example/login"],
        'http://a.example/"onmouseover="alert(1)': ["http://a.example/"],
    }  # fmt: skip
    bob, curl = room.enter("bob"), room.curl("shell")
    for text, addresses in texts.items():
        curl.push(text)
        expect(bob.texts.last).to_have_text(text)
        links = bob.texts.last.get_by_role("link").all()
        assert [link.get_attribute("href") for link in links] == addresses
        for link in links:
            assert "noopener" in (link.get_attribute("rel") or "").split()
            expect(link).to_have_attribute("target", "_blank")
    false_friend = bob.log.locator("a[href*=xn--]")
    told = false_friend.evaluate("link => getComputedStyle(link, '::after').content")
    assert "xn--pple-43d.example" in told


def test_right_to_left_text_and_names_turn_nothing_else(room: Room) -> None:
    text = f"{HEBREW} https://a.example/ ✨"
    bob = come(room, {"sender": "שרה", "text": text, "time": now()})
    bob.say(HEBREW)
    bob.sees(text, HEBREW)
    for words in bob.texts.all():
        assert words.evaluate("words => getComputedStyle(words).direction") == "rtl"
    link = bob.texts.first.get_by_role("link")
    assert link.evaluate("link => getComputedStyle(link).direction") == "ltr"
    expect(bob.log.locator(".byline bdi")).to_have_text(["שרה", bob.nick])


def test_what_somebody_does_is_a_line_with_their_name(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push("/me waves <b>")
    line = bob.notices.filter(has_text="waves")
    expect(line).to_have_text(f"{curl.nick} waves <b>")
    expect(line.locator("bdi")).to_have_text(curl.nick)


def test_a_few_emoji_are_large(room: Room) -> None:
    bob = room.enter("bob")
    bob.say("word")
    bob.say("👩‍👩‍👧‍👦 👍🏽")
    bob.sees("word", "👩‍👩‍👧‍👦 👍🏽")
    sizes = bob.texts.evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert sizes[1] > sizes[0]


def test_a_line_stands_above_what_came_while_nobody_looked(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    lines = bob.log.locator(".text, .marker")
    curl.push("seen")
    bob.sees("seen")
    bob.hide(True)
    curl.push("one")
    curl.push("two")
    expect(lines).to_have_text(["seen", "New messages", "one", "two"])
    expect(bob.page).to_have_title(re.compile(r"^\(2\) "))
    bob.hide(False)
    curl.push("three")
    expect(lines).to_have_text(["seen", "New messages", "one", "two", "three"])
    bob.hide(True)
    curl.push("four")
    expect(lines).to_have_text(["seen", "one", "two", "three", "New messages", "four"])
    bob.hide(False)
    bob.say("five")
    expect(lines).to_have_text(["seen", "one", "two", "three", "four", "five"])


def test_who_has_scrolled_up_finds_the_line_as_well(room: Room) -> None:
    bob, curl = room.enter("bob"), room.curl("shell")
    curl.push_lines(40)
    expect(bob.texts).to_have_count(40)
    bob.scroll_to_top()
    curl.push("news")
    expect(bob.log.locator(".marker + .message .text")).to_have_text("news")
    expect(bob.log).to_have_js_property("scrollTop", 0)


def test_who_is_here_is_a_list_that_keeps_up(room: Room) -> None:
    bob = room.enter("bob")
    button = bob.page.locator("#members summary")
    names = bob.page.get_by_role("list", name="Who is here").get_by_role("listitem")
    expect(button).to_have_text("1 here")
    button.focus()
    bob.page.keyboard.press("Enter")
    expect(names).to_have_text([f"{bob.nick} (you)"])
    curl = room.curl("ann")
    expect(names).to_have_text([curl.nick, f"{bob.nick} (you)"])
    curl.push(f"/nick zoe-{curl.nick}")
    expect(names).to_have_text([f"{bob.nick} (you)", f"zoe-{curl.nick}"])
    eve = room.enter("eve")
    expect(names.filter(has_text=eve.nick)).to_have_count(1)
    session = eve.page.context.request
    eve.page.close()
    session.post("/api/logout")
    expect(names.filter(has_text=eve.nick)).to_have_count(0)
    bob.page.keyboard.press("Escape")
    expect(names.first).to_be_hidden()
    expect(button).to_be_focused()


def test_what_is_removed_goes_from_every_page_and_is_never_shown_again(room: Room) -> None:
    bob, eve = room.enter("bob"), room.enter("eve")
    bob.say("a secret")
    bob.say("no secret")
    for person in (bob, eve):
        person.sees("a secret", "no secret")
    remove(bob, number_of(bob, "a secret"))
    late = room.enter("late")
    for person in (bob, eve, late):
        person.sees("message removed", "no secret")
        assert "a secret" not in (person.page.text_content("body") or "")
        expect(person.senders.first).to_have_text(bob.nick)
    expect(bob.log.locator(".removal")).to_have_count(0)


def test_what_was_loaded_before_its_removal_is_not_shown(room: Room) -> None:
    curl = room.curl("shell")
    curl.push("a secret")
    context = room.context()
    held = list[tuple[Route, Any]]()
    context.route(HISTORY, lambda route: held.append((route, route.fetch())), times=1)
    bob = room.knock("bob", context)
    bob.is_connected()
    bob.page.wait_for_timeout(0)
    remove(bob, number_of(bob, "a secret"))
    curl.push("after")
    bob.sees("after")
    route, answer = held[0]
    assert "a secret" in answer.text()
    route.fulfill(response=answer)
    bob.sees("message removed", "after")


def test_a_screen_reader_is_told_what_is_new_and_no_flood(room: Room) -> None:
    curl = room.curl("shell")
    curl.push_lines(30)
    bob = room.enter("bob")
    expect(bob.texts).to_have_count(30)
    expect(bob.log).to_have_attribute("aria-live", "off")
    told = bob.page.locator("#announcer p")
    curl.push("hello")
    expect(told).to_have_text([f"{curl.nick}: hello"])
    bob.page.route(POLL, burst(30), times=1)
    curl.push("how are you?")  # ends the poll that was under way before the burst
    expect(told.last).to_have_text(f"{curl.nick}: how are you?")
    curl.push("and then")
    expect(told.last).to_have_text(re.compile(r"^3\d new messages from 2 people$"))
    assert told.count() <= 3  # and not a word of the past


def burst(count: int) -> Callable[[Route], None]:
    """The next answer brings so many more, which stand before what was really said."""

    def handle(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        first = body["messages"][0]
        more = [
            {**first, "sender": "eve", "seq": first["seq"] - n / (count + 1), "text": f"burst {n}"}
            for n in range(count, 0, -1)
        ]
        body["messages"] = [*more, *body["messages"]]
        route.fulfill(response=answer, body=json.dumps(body))

    return handle


# Once the page is at rest, from then on: which frames take more than 100 ms.
FRAMES = """async () => {
    await new Promise(after => setTimeout(() => requestIdleCallback(after), 1000));
    globalThis.slow = [];
    const note = list => {
        for (const { duration } of list.getEntries()) if (duration > 100) slow.push(duration);
    };
    new PerformanceObserver(note).observe({ type: "long-animation-frame" });
}"""
# One frame takes 300 ms: it is noted after all those before it.
TAKE_LONG = """() => requestAnimationFrame(() => {
    const until = performance.now() + 300;
    while (performance.now() < until);
})"""
NEWEST_IS = """text => {
    const sheet = document.querySelector("#log .lines").lastElementChild;
    return sheet.lastElementChild.querySelector(".text")?.textContent === text;
}"""


def test_five_thousand_messages_do_not_slow_a_new_one(room: Room) -> None:
    began = now() - 5_000 * MINUTE
    said = [
        {"sender": f"s{n % 7}", "text": f"line {n} " * (n % 9 + 1), "time": began + n * MINUTE}
        for n in range(5_000)
    ]
    bob, curl = come(room, *said), room.curl("shell")
    bob.page.evaluate(FRAMES)
    for n in range(20):
        curl.push(f"new {n}")
        # Not by a locator: that itself would take the page longer than what is measured.
        bob.page.wait_for_function(NEWEST_IS, arg=f"new {n}")
    bob.page.evaluate(TAKE_LONG)
    bob.page.wait_for_function("() => slow.at(-1) >= 300")
    *slow, _ = bob.page.evaluate("slow")
    assert len(slow) <= 2, slow  # the machine has other work, too
    assert bob.texts.count() == 5_020
    expect(bob.texts.last).to_be_in_viewport()
    assert_no_sideways_scrolling(bob.page)


SHIFTS = """globalThis.shifts = [];
    const note = list => shifts.push(...list.getEntries().map(one => one.value));
    new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("width", [320, 900])
def test_nothing_shifts_as_the_page_begins_and_goes_on(room: Room, width: int) -> None:
    curl = room.curl("shell")
    curl.push_lines(130)
    context = room.context(viewport={"width": width, "height": 600})
    context.add_init_script(SHIFTS)
    bob = room.knock("bob", context)
    expect(bob.texts.last).to_have_text("line 129")
    curl.push("news")
    expect(bob.texts.last).to_have_text("news")
    bob.say("hello")
    expect(bob.texts.last).to_have_text("hello")
    assert sum(bob.page.evaluate("shifts")) < 0.01


def test_axe_finds_nothing_in_all_that_can_be_said(room: Room) -> None:
    said = [
        {"sender": "ann", "text": "https://аpple.example/" + "x" * 300, "time": now() - DAY},
        {"sender": "b" * 60, "text": "👍", "time": now()},
        {"sender": "ann", "text": "", "kind": "removed", "time": now()},
        {"sender": "שרה", "text": HEBREW, "time": now()},
    ]
    bob = come(room, *said)
    curl = room.curl("shell")
    bob.hide(True)
    curl.push("/me waves")
    curl.push("news")
    expect(bob.log.locator(".marker")).to_be_visible()
    bob.hide(False)
    bob.page.locator("#members summary").click()
    expect(bob.page.get_by_role("list", name="Who is here")).to_be_visible()
    assert_good_in_all_looks(bob.page)
