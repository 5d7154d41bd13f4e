"""The check that every message comes once and in order: nothing else would notice."""

from __future__ import annotations

import pytest

from bench.stream import LENGTH, Failure, Stream


@pytest.fixture
def stream():
    stream = Stream()
    stream.readers = 2
    return stream


def said(stream, count, pusher="ann"):
    return [stream.push(pusher) for _ in range(count)]


def test_what_is_pushed_may_come_one_by_one_or_in_batches(stream):
    lines = said(stream, 3)
    assert stream.left == 6
    one = stream.take(0, lines[0])
    assert stream.take(one, lines[1] + lines[2]) == 3 * LENGTH
    assert stream.take(0, b"".join(lines)) == 3 * LENGTH
    assert stream.left == 0


def test_a_lost_message_is_noticed_by_the_first_reader(stream):
    lines = said(stream, 3)
    at = stream.take(0, lines[0])
    with pytest.raises(Failure, match="message 1 was lost: 2 came"):
        stream.take(at, lines[2])


def test_a_lost_message_is_noticed_by_the_second_reader(stream):
    lines = said(stream, 3)
    stream.take(0, b"".join(lines))
    at = stream.take(0, lines[0])
    with pytest.raises(Failure, match=r"000000001 is .* was due.* 000000002 is"):
        stream.take(at, lines[2])


@pytest.mark.parametrize("first", [True, False])
def test_a_doubled_message_is_noticed(stream, first):
    lines = said(stream, 2)
    if not first:
        stream.take(0, b"".join(lines))
    at = stream.take(0, lines[0])
    with pytest.raises(Failure, match=r"twice|was due"):
        stream.take(at, lines[0])


def test_a_message_doubled_within_one_answer_is_noticed(stream):
    lines = said(stream, 2)
    with pytest.raises(Failure, match="message 0 came twice"):
        stream.take(0, lines[0] + lines[0] + lines[1])


def test_a_pushers_messages_in_another_order_are_noticed(stream):
    lines = said(stream, 2)
    with pytest.raises(Failure, match="message 0 was lost: 1 came"):
        stream.take(0, lines[1] + lines[0])


def test_of_two_pushers_either_order_will_do_but_it_is_everybodys(stream):
    anns, bobs = said(stream, 1, "ann")[0], said(stream, 1, "bob")[0]
    stream.take(0, bobs + anns)
    assert stream.take(0, bobs + anns) == 2 * LENGTH
    with pytest.raises(Failure, match="was due, which others have got"):
        stream.take(0, anns + bobs)


@pytest.mark.parametrize("body", [b"", b"hello", b"x" * LENGTH, b"bench: 000000000 is what"])
def test_what_is_no_message_is_noticed(stream, body):
    said(stream, 1)
    with pytest.raises(Failure, match="no message"):
        stream.take(0, body)


def test_a_message_that_nobody_pushed_is_noticed(stream):
    lines = said(Stream(), 2)
    said(stream, 1)
    with pytest.raises(Failure, match="message 1 came before it was pushed"):
        stream.take(0, lines[0] + lines[1])
