"""What may happen to a reader while its request waits for something else than messages."""

from __future__ import annotations

import pytest

from chatapp.model.ports import Draft
from tests.chatapp.harness import Site


def behind(site, curl):
    """The cookie's reader has message 1, and the log only the last two of five."""
    curl.pull()
    site.say("ann", "1")
    curl.pull()
    for text in "2345":
        site.say("ann", text)


def test_who_logs_out_while_the_store_is_slow_leaves_nothing_running():
    site = Site(window=2)
    curl = site.curl()
    curl.push("for a cookie")
    site.store.hold()
    first = curl.ask("GET", "/chat/pull/bob")  # the room is told that it has come
    out = curl.ask("POST", "/api/logout")
    site.store.let_go()
    site.settle()
    assert [line.answers()[0].status for line in (first, out)] == [200, 204]
    site.advance(100)
    assert site.scheduler.statistics().coroutines == 0
    assert site.room.log.statistics().subscribers == 0


def test_who_logs_out_before_its_first_answer_goes_on_from_there():
    site = Site()
    curl = site.curl()
    curl.push("for a cookie")
    site.store.hold()
    line = curl.ask("GET", "/chat/pull/bob", Accept="application/json")
    out = curl.ask("POST", "/api/logout")
    site.store.let_go()
    site.settle()
    curl.take(out)
    begun = int(curl.take(line).json["cursor"].partition(".")[2])
    site.say("ann", "hello")
    assert curl.read().seqs == list(range(begun + 1, site.room.log.end + 1))


def test_what_is_read_while_its_session_logs_out_does_not_come_twice():
    site = Site(window=2, queue_size=1)
    curl = site.curl()
    behind(site, curl)
    site.store.hold()
    line = curl.ask("GET", "/chat/pull")
    out = curl.ask("POST", "/api/logout")
    site.store.let_go()
    site.settle()
    curl.take(out)
    texts = curl.take(line).text + curl.pull().text + curl.read().text
    assert texts.count("ann: 2") == 1
    assert texts.count("ann: 5") == 1


@pytest.mark.parametrize("path", ["/chat/pull?timeout=5", "/api/rooms/1/messages?wait=5"])
def test_what_is_kept_and_not_yet_heard_comes_when_it_is_heard(path):
    """The store is read in the moment in which it has a message that the room is yet to hear."""
    site = Site(window=2, queue_size=1)
    curl = site.curl()
    behind(site, curl)
    since = site.room.cursor(1)
    site.store.hold()
    site.begin(site.broker.publish(Draft(1, "ann", "6")))
    line = curl.ask("GET", f"{path}&since={since}", Accept="application/json")
    append, after = site.store.holding
    append.do()
    after.do()
    after.wake()
    site.settle()
    first = curl.take(line)
    since = first.json["cursor"]
    line = curl.ask("GET", f"{path}&since={since}", Accept="application/json")
    site.store.holding = None
    append.wake()
    site.settle()
    assert first.seqs + curl.take(line).seqs == [2, 3, 4, 5, 6]
    line = curl.ask("GET", f"{path}&since={site.room.cursor(6)}", Accept="application/json")
    site.say("ann", "7")
    assert curl.take(line).seqs == [7]
