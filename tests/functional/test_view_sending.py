"""What one says, as long as the room has not said it: the log by itself, on the chat page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.functional.browser import Person, Room, assert_accessible

ON_ITS_WAY = """async nick => {
    const { Log } = await import("/public/log.js");
    const log = globalThis.log = new Log(document.getElementById("log"), nick);
    globalThis.asked = [];
    log.onAgain = nonce => asked.push(["again", nonce]);
    log.onDrop = nonce => asked.push(["drop", nonce]);
    globalThis.hear = (seq, text, sender = nick, kind = "say", restarted = false) => log.append({
        messages: [{ room: 1, seq, time: 1763630000123456 + seq, sender, kind, text }],
        cursor: "", gap: { missed: 0, restarted },
    });
}"""


def come(room: Room) -> Person:
    bob = room.enter("bob")
    bob.page.clock.install()
    bob.page.evaluate(ON_ITS_WAY, bob.nick)
    return bob


def test_what_one_says_stands_there_until_the_room_says_it(room: Room) -> None:
    bob = come(room)
    do = bob.page.evaluate
    waves = f"{bob.nick} waves"
    waiting = bob.outgoing.filter(visible=True)
    do("log.pending('1', 'first'); log.pending('2', '//second'); log.pending('3', '/me waves')")
    expect(waiting).to_have_text(["first", "/second", waves])
    expect(bob.log.get_by_text("Sending…")).to_have_count(3)
    assert_accessible(bob.page)
    do("hear(101, 'first', 'eve')")  # somebody else says the same
    bob.sees("first")
    expect(waiting).to_have_text(["first", "/second", waves])
    do("hear(102, 'first')")  # heard before its answer comes
    bob.sees("first", "first")
    expect(waiting).to_have_text(["/second", waves])
    do("log.settled('1', { seq: 102 })")
    do("log.settled('2', { seq: 104 })")  # answered before it is heard
    expect(bob.log.get_by_text("Sending…")).to_have_count(1)
    do("hear(103, 'between', 'eve'); hear(104, '/second')")
    bob.sees("first", "first", "between", "/second")
    expect(waiting).to_have_text([waves])
    do("log.settled('3', { seq: 105 }); hear(105, `${log.nick} waves`, log.nick, 'notice')")
    expect(bob.notices).to_have_text([waves])
    do("log.pending('4', '/nick rob'); log.settled('4', null)")
    do("log.pending('5', 'heard long ago'); log.settled('5', { seq: 105 })")
    expect(bob.outgoing).to_have_count(0)


def test_of_the_same_words_twice_each_is_told_from_the_other(room: Room) -> None:
    bob = come(room)
    do = bob.page.evaluate
    waiting = bob.outgoing.filter(visible=True)
    do("log.pending('1', 'x'); log.pending('2', 'x'); hear(1, 'x')")
    expect(waiting).to_have_text(["x"])
    do("hear(2, 'x'); hear(3, 'z')")  # another tab's: only the first is under way
    expect(waiting).to_have_text(["x"])
    do("log.settled('1', { seq: 1 }); log.pending('3', 'y'); log.settled('2', { seq: 5 })")
    do("hear(4, 'y')")  # said before the answer to the one before it
    expect(waiting).to_have_text(["x", "y"])
    do("hear(5, 'x')")
    expect(waiting).to_have_text(["y"])


def test_what_seemed_to_be_heard_is_shown_again_when_it_was_not(room: Room) -> None:
    bob = come(room)
    do = bob.page.evaluate
    waiting = bob.outgoing.filter(visible=True)
    do("log.pending('1', 'x'); hear(1, 'x'); log.pending('2', 'y')")
    expect(waiting).to_have_text(["y"])
    do("log.failed('1', 'no'); hear(2, 'y')")
    expect(waiting).to_have_text(["x"])
    do("log.settled('2', { seq: 3 })")  # what was heard was another tab's
    expect(waiting).to_have_text(["x", "y"])
    do("hear(1, 'z', 'eve', 'say', true)")  # another log: what it says is all that there is
    expect(waiting).to_have_text(["x"])


def test_what_takes_longer_is_marked_and_a_name_shown_only_then(room: Room) -> None:
    bob = come(room)
    do = bob.page.evaluate
    do("log.pending('1', 'x'); log.pending('2', '/nick rob'); log.pending('3', 'y')")
    bob.page.clock.run_for(600)
    expect(bob.outgoing.filter(visible=True)).to_have_text(["x", "y"])
    expect(bob.pending).to_have_count(0)
    do("log.settled('3', { seq: 1 })")
    bob.page.clock.run_for(200)
    expect(bob.pending.filter(visible=True)).to_have_text(["x", "/nick rob"])
    expect(bob.fates).to_have_text(["Not sent yet", "Not sent yet"])
    assert bob.fates.evaluate_all("all => all.map(one => one.offsetHeight > 0)") == [False, True]
    assert_accessible(bob.page)


def test_what_could_not_be_sent_says_why_and_can_be_sent_again_or_dropped(room: Room) -> None:
    bob = come(room)
    do = bob.page.evaluate
    do("log.pending('1', 'first'); log.failed('1', 'you may not speak here.')")
    do("log.pending('2', 'second'); log.failed('2', 'it is too long')")
    expect(bob.fates.first).to_contain_text("Not sent: you may not speak here.")
    bob.page.clock.run_for(1_000)
    expect(bob.page.locator("#announcer").first).to_contain_text("Not sent: it is too long")
    assert_accessible(bob.page)
    bob.fates.first.get_by_role("button", name="Send again").click()
    do("log.pending('1', 'first')")
    expect(bob.outgoing).to_have_text(["second", "first"])
    bob.fates.first.get_by_role("button", name="Discard").click()
    expect(bob.outgoing).to_have_text(["first"])
    assert do("asked") == [["again", "1"], ["drop", "2"]]
