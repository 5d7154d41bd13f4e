"""Readers on a script of what the server sends, read by read."""

from __future__ import annotations

import pytest

from bench.readers import NchanReader, NumberedReader, Reader, TimedReader
from bench.stream import Failure, Stream
from tests.bench.harness import GET, scripted


def answer(body, head=b"200 OK\r\nServer: x"):
    return b"HTTP/1.1 %b\r\ncontent-length: %d\r\n\r\n%b" % (head, len(body), body)


@pytest.fixture
def stream():
    return Stream()


@pytest.fixture
def line(stream):
    stream.readers = 0
    return stream.push("ann")


def test_a_message_is_taken_and_polled_again(stream, line):
    reader = scripted(Reader, stream, answer(line))
    reader.ready()
    assert reader.at == len(line)
    assert reader.sent == [GET]


def test_an_answer_may_come_in_pieces(stream, line):
    whole = answer(line)
    reader = scripted(Reader, stream, *[whole[n : n + 1] for n in range(len(whole))])
    for _ in whole:
        assert reader.sent == []
        reader.ready()
    assert reader.at == len(line)
    assert reader.sent == [GET]


def test_of_several_lines_cut_between_two_of_them_the_rest_is_waited_for(stream, line):
    whole = answer(line + stream.push("ann"))
    reader = scripted(Reader, stream, whole[: -len(line)], whole[-len(line) :])
    reader.ready()
    assert reader.sent == []
    reader.ready()
    assert reader.at == 2 * len(line)


def test_an_empty_answer_is_right_when_nothing_was_said(stream):
    reader = scripted(Reader, stream, answer(b""))
    reader.ready()
    assert reader.sent == [GET]


@pytest.mark.parametrize(
    ("come", "said"),
    [
        (lambda line: answer(line) + answer(line), "an answer too many"),
        (lambda line: answer(line + line), "came twice"),
        (lambda line: answer(b""), "no messages"),
        (lambda line: answer(line, b"500 Internal Server Error"), "500 Internal"),
        (lambda line: answer(line.replace(b"what", b"that")), "no message"),
        (lambda line: b"", "closed the connection"),
    ],
)
def test_what_is_not_as_it_should_be_is_a_failure_of_this_reader(stream, line, come, said):
    reader = scripted(Reader, stream, come(line))
    with pytest.raises(Failure, match=f"reader 7: .*{said}"):
        reader.ready()


def test_a_numbered_reader_says_how_many_it_has(stream, line):
    reader = scripted(NumberedReader, stream, answer(line))
    reader.poll()
    reader.ready()
    assert [request.split()[1] for request in reader.sent] == [b"/pull?since=0", b"/pull?since=1"]


def test_a_timed_reader_notes_when(stream, line):
    reader = scripted(TimedReader, stream, answer(line))
    reader.ready()
    assert len(reader.times) == 1


def test_an_nchan_reader_sends_back_what_names_its_last_message(stream, line):
    head = b"200 OK\r\nLast-Modified: Fri, 20 Nov 2026 14:00:57 GMT\r\nA: b\r\nEtag: 3"
    reader = scripted(NchanReader, stream, answer(line[:-1], head), answer(line[:-1]))
    reader.ready()
    assert reader.at == len(line)
    assert b"If-Modified-Since: Fri, 20 Nov 2026 14:00:57 GMT\r\n" in reader.sent[0]
    assert reader.sent[0].endswith(b"If-None-Match: 3\r\n\r\n")
    with pytest.raises(Failure, match="nchan names no message"):
        reader.ready()
