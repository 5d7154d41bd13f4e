"""What one says, as long as the room has not said it: the log by itself, on the chat page."""

from playwright.sync_api import expect

from tests.functional.browser import Room, assert_accessible

ON_ITS_WAY = """async nick => {
    const { Log } = await import("/public/log.js");
    const log = globalThis.log = new Log(document.getElementById("log"), nick);
    globalThis.asked = [];
    log.onAgain = (nonce, text) => { asked.push([nonce, text]); log.pending(nonce, text); };
    log.onDrop = nonce => asked.push([nonce]);
    globalThis.hear = (seq, text, sender = nick, kind = "say") => log.append({
        messages: [{ room: 1, seq, time: 1763630000123456 + seq, sender, kind, text }],
        cursor: "", gap: { missed: 0, restarted: false },
    });
}"""


def test_what_one_says_stands_there_until_the_room_says_it(room: Room) -> None:
    bob = room.enter("bob")
    bob.page.evaluate(ON_ITS_WAY, bob.nick)
    waiting = bob.log.locator(".outgoing .text")
    do = bob.page.evaluate
    do("log.pending('1', 'first'); log.pending('2', 'second'); log.pending('3', '/me waves')")
    expect(waiting).to_have_text(["first", "second", "/me waves"])
    expect(bob.log.get_by_text("Sending…")).to_have_count(3)
    assert_accessible(bob.page)
    do("hear(101, 'first', 'eve')")  # somebody else says the same
    bob.sees("first", "first", "second", "/me waves")
    do("hear(102, 'first')")  # heard before its answer comes
    bob.sees("first", "first", "second", "/me waves")
    expect(waiting).to_have_text(["second", "/me waves"])
    do("log.settled('1', { seq: 102 })")
    do("log.settled('2', { seq: 104 })")  # answered before it is heard
    expect(bob.log.get_by_text("Sending…")).to_have_count(1)
    do("hear(103, 'between', 'eve'); hear(104, 'second')")
    bob.sees("first", "first", "between", "second", "/me waves")
    do("log.settled('3', { seq: 105 }); hear(105, `${log.nick} waves`, log.nick, 'notice')")
    bob.sees("first", "first", "between", "second")
    do("log.pending('4', '/nick rob'); log.settled('4', null)")
    do("log.pending('5', 'heard long ago'); log.settled('5', { seq: 105 })")
    expect(waiting).to_have_count(0)


def test_what_could_not_be_sent_says_why_and_can_be_sent_again_or_dropped(room: Room) -> None:
    bob = room.enter("bob")
    bob.page.evaluate(ON_ITS_WAY, bob.nick)
    do = bob.page.evaluate
    do("log.pending('1', 'first'); log.failed('1', 'you may not speak here.')")
    do("log.pending('2', 'second'); log.failed('2', 'it is too long')")
    fates = bob.log.locator(".fate")
    expect(fates.first).to_contain_text("Not sent: you may not speak here.")
    expect(bob.page.locator("#announcer").first).to_contain_text("Not sent: it is too long")
    assert_accessible(bob.page)
    fates.first.get_by_role("button", name="Send again").click()
    expect(bob.log.locator(".outgoing .text")).to_have_text(["second", "first"])
    fates.first.get_by_role("button", name="Discard").click()
    expect(bob.log.locator(".outgoing .text")).to_have_text(["first"])
    assert do("asked") == [["1", "first"], ["2"]]
