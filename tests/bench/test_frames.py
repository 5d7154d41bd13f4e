from __future__ import annotations

import pytest
from websockets.frames import Opcode

from bench.frames import CLOSE, PING, PONG, TEXT, pong, read_frame, read_switch, text
from bench.stream import Failure
from tests.bench.harness import frame, served


def test_the_handshake_is_understood_and_its_answer_too():
    answer, server = served()
    assert server.state.name == "OPEN"
    assert read_switch(answer + frame(b"hello")) == len(answer)


def test_its_answer_is_read_when_it_is_whole():
    answer, _ = served()
    assert {read_switch(answer[:cut]) for cut in range(len(answer))} == {0}


@pytest.mark.parametrize(
    "extra",
    [
        [("Sec-WebSocket-Extensions", "permessage-deflate")],
        [("Sec-WebSocket-Protocol", "chat.v1.json")],
    ],
)
def test_what_was_not_offered_must_not_be_chosen(extra):
    answer, _ = served(extra)
    with pytest.raises(Failure, match="answers another"):
        read_switch(answer)


def test_an_answer_to_another_key_is_a_failure():
    answer, _ = served()
    with pytest.raises(Failure, match="answers another"):
        read_switch(answer.replace(b"Accept: ", b"Accept: x"))


@pytest.mark.parametrize(
    "data", [b"HTTP/1.1 403 Forbidden\r\n", b"HTTP/1.1 200 OK\r\n\r\n", frame(b"hello")]
)
def test_what_is_no_switch_is_a_failure(data):
    with pytest.raises(Failure, match="answered the handshake"):
        read_switch(data)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_read_when_it_is_whole_whatever_its_length(size):
    whole, payload = frame(b"x" * size), b"x" * size
    assert read_frame(whole + b"\x81") == (TEXT, payload, len(whole))
    for cut in (*range(min(10, len(whole))), len(whole) - 1):
        assert read_frame(whole[:cut]) is None


@pytest.mark.parametrize(
    ("sent", "opcode"), [(Opcode.PING, PING), (Opcode.PONG, PONG), (Opcode.CLOSE, CLOSE)]
)
def test_control_frames(sent, opcode):
    assert read_frame(frame(b"ab", sent)) == (opcode, b"ab", 4)


@pytest.mark.parametrize(
    "data",
    [
        frame(b"hello", Opcode.BINARY),
        frame(b"hel", fin=False),
        frame(b"lo", Opcode.CONT),
        b"\xc1" + frame(b"hello")[1:],
        frame(b"", mask=True)[:2],
        b"\x89\x7e\x00\x7e",
        b"\x81\x7f" + (1 << 40).to_bytes(8, "big"),
    ],
)
def test_what_is_no_whole_message_as_text_is_a_failure(data):
    with pytest.raises(Failure):
        read_frame(data)


def test_a_server_understands_the_pong():
    _, server = served()
    server.receive_data(pong(b"are you there"))
    (event,) = server.events_received()
    assert (event.opcode, event.data) == (Opcode.PONG, b"are you there")


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_server_understands_a_text_of_any_length(size):
    _, server = served()
    server.receive_data(text(b"x" * size))
    (received,) = server.events_received()
    assert (received.opcode, bytes(received.data)) == (Opcode.TEXT, b"x" * size)
