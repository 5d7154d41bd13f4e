"""A reader loses nothing that the room's log still has, and gets nothing twice."""

from __future__ import annotations

import gc

import pytest

from chatapp.model.client import Client
from tests.chatapp.harness import Curl, Line, Site


def say(site: Site, *texts: object) -> None:
    speaker = site.curl()
    for text in texts:
        speaker.push(str(text))


def reader(site: Site) -> Curl:
    curl = site.curl()
    curl.pull()
    return curl


# A queue of ten


def test_ten_messages_wait_in_the_queue_and_the_eleventh_ends_the_watcher(site):
    curl = reader(site)
    say(site, *range(10))
    assert site.scheduler.statistics().coroutines == 2  # the watcher and the roster's reaper
    say(site, 10)
    assert site.scheduler.statistics().coroutines == 1
    assert site.room.log.statistics().subscribers == 0
    assert curl.read().seqs == [*range(1, 12)]


def test_the_pull_after_an_overflow_goes_on_from_the_log_with_a_new_watcher(site):
    curl = reader(site)
    say(site, *range(25))
    assert curl.read().seqs == [*range(1, 26)]
    line = curl.waits()
    say(site, "more")
    assert curl.take(line).text.endswith(": more\r\n")
    assert site.scheduler.statistics().coroutines == 2


def test_the_overflow_of_one_reader_is_nothing_to_another(site):
    slow, fast = reader(site), reader(site)
    for number in range(1, 16):
        say(site, number)
        assert fast.read().seqs == [number]
    assert slow.read().seqs == [*range(1, 16)]


def test_a_burst_while_a_pull_waits_arrives_whole(site):
    curl = reader(site)
    line = curl.waits()
    speaker = site.curl()
    for number in range(25):
        speaker.ask("POST", "/chat/push", b"%d" % number, settle=False)
    site.loop.run_until_idle()
    first = len(curl.take(line).text.splitlines())
    assert first > 0
    assert curl.read().seqs == [*range(first + 1, 26)]


# What is lost for ever


def test_what_the_log_no_longer_has_is_announced_exactly():
    site = Site(window=5, keep=5)
    curl = reader(site)
    say(site, *range(33))
    assert curl.read().seqs == [29, 30, 31, 32, 33]
    say(site, *range(12))
    lines = curl.pull().text.splitlines()
    assert lines[0] == "-- 7 messages missed, resume from 41 --"
    assert len(lines) == 6
    assert curl.read().json == {
        "messages": [],
        "cursor": f"{site.room.epoch}.45",
        "gap": {"missed": 0, "restarted": False},
    }


def test_one_missed_message_is_one_message():
    site = Site(window=11, keep=11)
    curl = reader(site)
    say(site, *range(12))
    assert curl.pull().text.splitlines()[0] == "-- 1 message missed, resume from 2 --"


def test_a_gap_whose_notice_was_lost_is_announced_again_and_by_its_new_size():
    site = Site(window=5, keep=5)
    curl = reader(site)
    say(site, *range(12))
    curl.ask("GET", "/chat/pull").reset()
    say(site, "more")
    assert curl.pull().text.splitlines()[0] == "-- 8 messages missed, resume from 9 --"


def test_a_reader_overtaken_while_it_waits_is_answered_at_once():
    site = Site(window=3, keep=3)
    curl = reader(site)
    line = curl.waits()
    speaker = site.curl()
    for number in range(5):  # faster than the watcher gets its turn
        speaker.ask("POST", "/chat/push", b"%d" % number, settle=False)
    site.loop.run_until_idle()
    (answer,) = line.answers()
    assert answer.text.splitlines()[0] == "-- 2 messages missed, resume from 3 --"
    line.end()
    say(site, "more")
    assert curl.read().seqs == [6]


def test_who_waits_does_not_wait_on_when_its_watcher_has_ended(site):
    curl = site.curl()
    curl.pull()
    line = curl.waits()
    (member,) = site.roster.members(site.room)
    (client,) = member.clients
    client.watcher.cancel()
    site.say("bob", "hello")
    site.settle()
    assert curl.take(line).text + curl.read().text.partition("hello")[1] == "hello"


def test_an_answer_holds_no_more_than_a_thousand_messages_or_half_a_megabyte():
    site = Site(window=3000)
    curl = reader(site)
    for _ in range(2500):
        site.say("bob", "x")
    assert [len(curl.read().seqs) for _ in range(4)] == [1000, 1000, 500, 0]
    for _ in range(200):
        site.say("bob", "x" * 8000)
    counts = [len(curl.read().seqs) for _ in range(5)]
    assert max(counts) * 8000 <= 512 * 1024
    assert sum(counts) == 200


# Connections that drop


def test_closed_while_waiting(site):
    curl = reader(site)
    curl.waits().reset()
    say(site, "hello")
    assert curl.read().seqs == [1]


def test_closed_between_wake_and_resume():
    site = Site(slice_size=1)
    curl = reader(site)
    line = curl.waits()
    site.hear("hello")
    site.loop.turn()  # the watcher puts it into the queue: the pull is woken
    assert line.connection.exchange is not None
    assert not line.connection.exchange.parked
    line.reset()
    assert line.answers() == []
    assert curl.read().seqs == [1]
    assert curl.read().seqs == []


def test_closed_while_the_answer_is_written(site):
    curl = reader(site)
    line = curl.waits()
    line.transport.client_reads = False
    say(site, "hello")
    assert line.transport.unwritten
    line.reset()
    assert curl.read().seqs == [1]
    assert curl.read().seqs == []


def test_asked_again_while_the_answer_is_still_being_written(site):
    curl = reader(site)
    line = curl.waits()
    line.transport.client_reads = False
    say(site, "hello")
    assert curl.read().seqs == [1]
    line.reset()
    assert curl.read().seqs == []


def test_closed_after_the_answer_was_written_but_before_it_was_read(site):
    curl = reader(site)
    line = curl.waits()
    say(site, "hello")
    line.reset()
    assert curl.read().seqs == [1]
    assert curl.read().seqs == []


def test_closed_after_the_answer_was_read(site):
    curl = reader(site)
    line = curl.waits()
    say(site, "hello")
    curl.take(line)
    assert curl.read().seqs == []


def test_the_next_request_on_the_same_connection_says_that_the_answer_arrived(site):
    curl = reader(site)
    line = curl.waits()
    say(site, "hello")
    assert line.answers()
    line.send(f"GET /chat/pull HTTP/1.1\r\nHost: x\r\nCookie: {curl.cookie}\r\n\r\n".encode())
    line.reset()
    assert curl.read().seqs == []


def test_several_lost_answers_one_after_the_other(site):
    curl = reader(site)
    for number in range(5):
        say(site, number)
        curl.ask("GET", "/chat/pull").reset()
    assert curl.read().seqs == [1, 2, 3, 4, 5]
    assert curl.read().seqs == []


def test_a_cursor_goes_before_what_the_server_believes(site):
    curl = reader(site)
    say(site, "one", "two")
    curl.ask("GET", "/chat/pull").reset()  # lost, says the server
    assert curl.read(f"/chat/pull?since={site.room.epoch}.2").seqs == []
    say(site, "three")
    assert curl.read().seqs == [3]
    assert curl.read(f"/chat/pull?since={site.room.epoch}.0").seqs == [1, 2, 3]  # arrived, it says


def test_closed_before_a_new_watcher_has_begun(site):
    curl = reader(site)
    say(site, *range(11))
    line = curl.ask("GET", "/chat/pull", settle=False)
    line.reset()
    say(site, "more")
    assert curl.read().seqs == [*range(1, 13)]
    assert site.room.log.statistics().subscribers == 1


def slow_line(curl: Curl) -> Line:
    """Blocked between the start of its watcher and its wait: it does not read what it asked."""
    service, line = curl.site.service, Line(curl.site)
    application = service.application

    def slow(environ, start_response):
        line.connection.pause_writing()  # no request is begun for who does not read
        return application(environ, start_response)

    service.application = slow
    line.send(f"GET /chat/pull HTTP/1.1\r\nHost: x\r\nCookie: {curl.cookie}\r\n\r\n".encode())
    service.application = application
    assert line.connection.exchange is not None
    assert line.connection.exchange.blocked
    return line


def test_closed_as_its_watcher_has_just_been_started(site):
    curl = reader(site)
    say(site, *range(11))
    slow_line(curl).reset()
    assert site.room.log.statistics().subscribers == 1
    site.advance(70)
    assert site.room.log.statistics().subscribers == 0
    assert site.scheduler.statistics().coroutines == 0


def test_a_newer_pull_as_the_watcher_of_the_older_one_has_just_been_started(site):
    curl = reader(site)
    say(site, *range(11))
    line = slow_line(curl)
    assert curl.read().seqs == [*range(1, 12)]
    line.connection.resume_writing()
    say(site, "more")
    assert curl.read().seqs == [12]
    assert site.room.log.statistics().subscribers == 1


# Memory


def clients() -> int:
    return sum(type(each) is Client for each in gc.get_objects())


@pytest.mark.parametrize("kind", ["answered", "timed out", "dropped", "superseded", "overflown"])
def test_a_client_that_is_gone_is_freed_at_once(site, kind):
    gc.collect()
    before = clients()
    gc.disable()
    try:
        curl = reader(site)
        if kind == "answered":
            line = curl.waits()
            say(site, "hello")
            curl.take(line)
        elif kind == "timed out":
            line = curl.waits()
            site.advance(11)
            curl.take(line)
        elif kind == "dropped":
            curl.waits().reset()
        elif kind == "superseded":
            old = curl.waits()
            curl.waits().reset()
            site.advance(10)
            curl.take(old)
        else:
            say(site, *range(11))
        site.advance(70)
        assert len(site.roster) == 0
        assert clients() == before
    finally:
        gc.enable()
