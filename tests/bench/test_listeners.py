"""Listeners on a script of what the server sends, read by read."""

from __future__ import annotations

import pytest
from websockets.frames import Opcode

from bench.frames import handshake, pong
from bench.listeners import Listener
from bench.stream import LENGTH, Failure, Stream
from tests.bench.harness import frame, scripted, served

SWITCH, _ = served()


def heard(line):
    return frame(line.removesuffix(b"\r\n"))


@pytest.fixture
def stream():
    return Stream()


@pytest.fixture
def lines(stream):
    return [stream.push("ann") for _ in range(3)]


def listener(stream, *reads):
    return scripted(Listener, stream, *reads)


def test_its_handshake_is_all_that_it_asks(stream, lines):
    reader = listener(stream, SWITCH, heard(lines[0]), heard(lines[1]))
    reader.request = handshake("/ws")
    reader.poll()
    for _ in range(3):
        reader.ready()
    assert reader.at == 2 * LENGTH
    assert reader.sent == [handshake("/ws")]


def test_all_may_come_in_pieces(stream, lines):
    whole = SWITCH + heard(lines[0]) + heard(lines[1])
    reader = listener(stream, *[whole[n : n + 1] for n in range(len(whole))])
    for _ in whole:
        reader.ready()
    assert reader.at == 2 * LENGTH


def test_all_may_come_at_once(stream, lines):
    reader = listener(stream, SWITCH + b"".join(map(heard, lines)))
    reader.ready()
    assert reader.at == 3 * LENGTH


def test_a_frame_cut_where_another_could_begin_is_put_together(stream, lines):
    first, second = heard(lines[0]), heard(lines[1])
    reader = listener(stream, SWITCH, first[:1], first[1:] + second[:1], second[1:])
    for _ in range(4):
        reader.ready()
    assert reader.at == 2 * LENGTH


def test_a_ping_is_answered_and_a_pong_is_not(stream, lines):
    ping, unasked = frame(b"hello", Opcode.PING), frame(b"", Opcode.PONG)
    reader = listener(stream, SWITCH, ping + unasked + heard(lines[0]))
    reader.ready()
    reader.ready()
    assert reader.sent == [pong(b"hello")]
    assert reader.at == LENGTH


@pytest.mark.parametrize(
    ("come", "said"),
    [
        (lambda lines: [heard(lines[0]), heard(lines[0])], "message 0 came twice"),
        (lambda lines: [heard(lines[0]) * 2], "message 0 came twice"),
        (lambda lines: [heard(lines[1])], "message 0 was lost: 1 came"),
        (lambda lines: [heard(lines[0].replace(b"what", b"that"))], "no message"),
        (lambda lines: [frame(lines[0])], "no message"),
        (lambda lines: [heard(lines[0])[:5], heard(lines[0])], "no message"),
        (lambda lines: [frame(lines[0][:-2], Opcode.BINARY)], "no whole message as text"),
        (lambda lines: [frame(b"\x03\xf3broken", Opcode.CLOSE)], "closed the WebSocket.*broken"),
        (lambda lines: [b""], "closed the connection"),
    ],
)
def test_what_is_not_as_it_should_be_is_a_failure_of_this_reader(stream, lines, come, said):
    reads = come(lines)
    reader = listener(stream, SWITCH, *reads)
    for _ in reads:  # the handshake's answer, and all but the last
        reader.ready()
    with pytest.raises(Failure, match=rf"^reader 7: (?!reader).*{said}"):
        reader.ready()


def test_a_lost_message_is_noticed_by_the_second_listener(stream, lines):
    first, second = (
        listener(stream, SWITCH + b"".join(map(heard, each)))
        for each in (lines, lines[:1] + lines[2:])
    )
    first.ready()
    with pytest.raises(Failure, match="was due, which others have got"):
        second.ready()


def test_a_message_before_the_handshake_is_answered_is_a_failure(stream, lines):
    reader = listener(stream, heard(lines[0]))
    with pytest.raises(Failure, match="reader 7: the server answered the handshake"):
        reader.ready()


def test_a_refused_handshake_is_a_failure(stream):
    reader = listener(stream, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(Failure, match=r"reader 7: .*404 Not Found"):
        reader.ready()
