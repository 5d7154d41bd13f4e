"""Faults 1 to 5 of the cogen and Pylons chat (the rest are cogen's): each has its test here."""

from __future__ import annotations

import pytest

from tests.chatapp.harness import Site


def test_1_who_joins_is_not_sent_the_past_and_later_messages_come_once(site):
    speaker, early, late = site.curl(), site.curl(), site.curl()
    early.pull()
    speaker.push("before")
    assert late.pull().body == b""
    line = late.waits()
    speaker.push("after")
    speaker.push("more")
    first = late.take(line).text
    assert (first + late.read().body.decode()).count("after") == 1
    assert "before" not in first
    assert early.read().seqs == [1, 2, 3]  # nor is one batch the other's list


@pytest.mark.parametrize("together", [True, False])
def test_2_the_queue_is_bounded_in_messages_however_they_come(site, together):
    reader, speaker = site.curl(), site.curl()
    reader.pull()
    for number in range(11):
        speaker.ask("POST", "/chat/push", b"%d" % number, settle=not together)
    site.loop.run_until_idle()
    assert site.room.log.statistics().subscribers == 0  # its watcher has died of the eleventh
    assert reader.read().seqs == [*range(1, 12)]


def test_3_a_dead_client_is_no_subscriber_and_trimming_the_log_loses_nothing_unsaid():
    site = Site(window=20, keep=20)
    reader, slow, speaker = site.curl(), site.curl(), site.curl()
    reader.pull()
    slow.pull()
    seen = []
    for number in range(100):
        speaker.push(str(number))
        seen += reader.read().seqs
    assert seen == [*range(1, 101)]
    assert site.room.log.statistics().subscribers == 1
    answer = slow.read()
    assert (answer.json["gap"]["missed"], answer.seqs) == (80, [*range(81, 101)])
    site.advance(70)
    assert site.room.log.statistics().subscribers == 0
    assert len(site.roster) == 0


def test_4_push_before_the_first_pull_is_no_failure_and_answers_a_number(site):
    assert site.curl().push("hello").body == b"ok 1\r\n"


@pytest.mark.parametrize("when", ["waiting", "woken", "being answered", "answered"])
def test_5_a_message_for_a_request_whose_connection_drops_is_not_lost(when):
    site = Site(slice_size=1)
    reader, speaker = site.curl(), site.curl()
    reader.pull()
    line = reader.waits()
    if when == "waiting":
        line.reset()
        speaker.push("hello")
    elif when == "woken":
        speaker.ask("POST", "/chat/push", b"hello", settle=False)
        site.loop.turn()
        line.reset()
    elif when == "being answered":
        line.transport.client_reads = False
        speaker.push("hello")
        line.reset()
    else:
        speaker.push("hello")
        line.reset()
    assert reader.read().seqs == [1]
    assert reader.read().seqs == []
