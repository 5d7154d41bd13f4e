"""The telnet codec: bytes in, lines and answers out, wherever the bytes are split."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.gateways.codec import TelnetCodec, outgoing
from cogen.web.codec import GONE, Ending

SE, NOP, DM, BRK, IP, AO, AYT, EC, EL, GA = (bytes([255, code]) for code in range(240, 250))
SB, WILL, WONT, DO, DONT = (bytes([255, code]) for code in range(250, 255))
IAC = b"\xff"
ECHO, SGA, TIMING_MARK, TERMINAL_TYPE, NAWS, LINEMODE = b"\1", b"\3", b"\6", b"\x18", b"\x1f", b'"'
HERE = b"-- Yes, the chat is here --\r\n"
TOO_LONG = b"-- A line has at most 8192 bytes --\r\n"


class Heard(NamedTuple):
    """What came of some bytes."""

    lines: list[str]
    answers: bytes
    failed: bool


def hear(*pieces: bytes) -> Heard:
    codec, answers = TelnetCodec(), b""
    for piece in pieces:
        codec.feed(piece)
        answers += codec.output()
    return Heard(list(codec.received), answers, codec.ending is not None)


LINES = {
    b"hello\r\n": ["hello"],
    b"hello\r\0": ["hello"],
    b"hello\n": ["hello"],
    b"hello\rworld\r": ["hello", "world"],
    b"hello\rworld\n": ["hello", "world"],
    b"one\r\ntwo\nthree\r\0four\r\n": ["one", "two", "three", "four"],
    b"not ended": [],
    b"\r\n\n\r": ["", "", ""],
    b"\r\0\n": ["", ""],
    b"\r\r\n": ["", ""],
    b"a\0b\n": ["ab"],
    b"tab\tbell\x07escape\x1b[2J\n": ["tab\tbell\x07escape\x1b[2J"],
    "žluťoučký 🐝\r\n".encode(): ["žluťoučký 🐝"],
    b"caf\xe9\n": ["caf\ufffd"],
    b"y\xff\xff\n": ["y\ufffd"],
    b"\xed\xa0\x80\n": ["\ufffd\ufffd\ufffd"],
    # keys that take something back
    b"helll\bo\n": ["hello"],
    b"helll\x7fo\n": ["hello"],
    b"\b\x7fa\n": ["a"],
    b"helll" + EC + b"o\n": ["hello"],
    "añ\bb🐝\bc\n".encode(): ["abc"],
    b"\xe9\xe9\b\n": ["\ufffd"],
    b"a\xb0\bb\n": ["ab"],
    b"secret" + EL + b"hello\n": ["hello"],
    b"secret" + IP + b"hello\n": ["hello"],
    # commands within a line are none of it, also between CR and LF
    b"he" + NOP + b"l" + GA + b"l" + DM + AO + BRK + b"o\r" + NOP + b"\n": ["hello"],
    b"he" + DO + ECHO + b"llo\n": ["hello"],
    b"he" + SB + NAWS + b"\0\x50\0\x18" + SE + b"llo\n": ["hello"],
    b"he" + SB + NAWS + b"\r\n" + IAC + IAC + b"\xf0 " + WILL + b"\n" + SE + b"llo\n": ["hello"],
    SE + b"hello\n": ["hello"],
    b"\xff\x01hello\n": ["hello"],
}

ANSWERS = {
    DO + ECHO: WONT + ECHO,
    DO + SGA: WONT + SGA,
    WILL + NAWS + WILL + TERMINAL_TYPE: DONT + NAWS + DONT + TERMINAL_TYPE,
    DO + b"\xff" + WILL + b"\xff": WONT + b"\xff" + DONT + b"\xff",
    WONT + ECHO + DONT + SGA: b"",
    # no loop: whoever insists gets no second answer, until a line has come
    (WILL + NAWS) * 3 + DO + NAWS: DONT + NAWS + WONT + NAWS,
    DO + ECHO + WONT + ECHO + DO + ECHO: WONT + ECHO,
    DO + ECHO + b"\r\n" + DO + ECHO: (WONT + ECHO) * 2,
    # a client that waits for its mark shows nothing meanwhile
    (IP + DO + TIMING_MARK) * 2: (WONT + TIMING_MARK) * 2,
    SB + LINEMODE + DO + ECHO + SE: b"",
    AYT: HERE,
    AYT + AYT + b"\n" + AYT: HERE * 2,
    NOP + DM + BRK + IP + AO + EC + EL + GA + SE: b"",
}


@pytest.mark.parametrize("data", LINES, ids=ascii)
def test_lines(data):
    heard = hear(data)
    assert (heard.lines, heard.failed) == (LINES[data], False)


@pytest.mark.parametrize("data", ANSWERS, ids=ascii)
def test_answers(data):
    heard = hear(data)
    assert (heard.answers, heard.failed) == (ANSWERS[data], False)


def test_an_answer_is_given_once():
    codec = TelnetCodec()
    codec.feed(DO + ECHO)
    assert codec.output() == WONT + ECHO
    assert codec.output() == b""


def test_what_telnet_says_when_it_connects_leaves_nothing_in_the_first_line():
    said = b"".join(verb + bytes([option]) for verb in (WILL, DO) for option in range(256))
    lines, answers, failed = hear(said + b"hello\r\n")
    assert (lines, failed) == (["hello"], False)
    assert len(answers) == len(said)


PIECES = st.sampled_from([*LINES, *ANSWERS, SB, IAC, b"x" * 3000, NOP * 1500, b"\r", b"\n", b"\0"])
TYPED = st.lists(PIECES | st.binary(max_size=8), max_size=12).map(b"".join)


@given(TYPED, st.lists(st.integers(0, 40_000), max_size=8))
def test_the_bytes_may_be_split_anywhere(data, cuts):
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert hear(*pieces) == hear(data)


@given(TYPED)
def test_or_into_single_bytes(data):
    assert hear(*(bytes([byte]) for byte in data)) == hear(data)


@pytest.mark.case(52)
def test_a_line_has_at_most_8_K():
    assert hear(b"x" * 8192 + b"\r\n") == (["x" * 8192], b"", False)
    assert hear(b"x" * 8193 + b"\r\n") == ([], TOO_LONG, True)
    assert hear(b"hello\n" + b"x" * 8193 + b"\nhello\n") == (["hello"], TOO_LONG, True)


def test_also_one_of_bytes_that_telnet_writes_twice():
    assert hear(b"\xff\xff" * 8192 + b"\n") == (["\ufffd" * 8192], b"", False)


FLOODS = {
    "an endless line": b"x",
    "commands": NOP,
    "are you there": AYT,
    "one request": DO + ECHO,
    "timing marks": DO + TIMING_MARK,
    "all requests": b"".join(DO + bytes([option]) for option in range(256)),
    "subnegotiations": SB + NAWS + b"\0\x50\0\x18" + SE,
    "what has no end": SB + b"x" * 64,
    "NUL": b"\0",
    "keys taken back": b"x\b",
    "lines erased": b"hello" + EL,
}


@pytest.mark.case(52)
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_ends_the_connection(flood):
    codec, fed, answers = TelnetCodec(), 0, 0
    while codec.ending is None:
        codec.feed(flood)
        fed += len(flood)
        answers += len(codec.output())
        assert fed < 20_000
    assert not codec.received
    assert answers <= 10_000


@pytest.mark.case(52)
def test_after_it_nothing_is_kept_or_answered():
    codec = TelnetCodec()
    codec.feed(b"x" * 10_000_000)
    codec.feed(AYT + DO + ECHO + b"\r\nhello\r\n")
    assert codec.ending == Ending(1009, "A line has at most 8192 bytes.")
    assert (list(codec.received), codec.output()) == ([], TOO_LONG)
    codec.end()
    assert codec.ending.code == 1009


def test_a_line_that_has_not_ended_is_none():
    codec = TelnetCodec()
    codec.feed(b"hello\nrm -rf")
    codec.end()
    assert codec.ending == GONE
    assert list(codec.received) == ["hello"]


def test_a_goodbye_is_a_line_of_the_servers_own_and_awaits_no_answer():
    codec = TelnetCodec()
    assert not codec.close(1001, "The server is going down.")
    assert codec.output() == b"-- The server is going down --\r\n"
    codec.feed(AYT + b"hello\n")
    assert (list(codec.received), codec.output()) == ([], b"")
    silent = TelnetCodec()
    assert not silent.close(1000, "")
    assert silent.output() == b""


@pytest.mark.case(52)
def test_answers_are_in_proportion_to_what_was_asked_also_with_lines_in_between():
    asked = (AYT + DO + ECHO + b"\n") * 10_000
    assert len(hear(asked).answers) < 6 * len(asked)


def test_what_is_sent_ends_with_cr_lf_and_writes_byte_255_twice():
    assert outgoing(b"bob: hello") == b"bob: hello\r\n"
    assert outgoing(b"") == b"\r\n"
    assert outgoing(b"one\r\n    two\nthree\r") == b"one\r\n    two\r\nthree\r\n"
    assert outgoing(b"y\xff") == b"y\xff\xff\r\n"


@given(st.binary(max_size=100).filter(lambda text: not set(text) & set(b"\0\b\r\n\x7f")))
def test_what_is_sent_is_what_is_read(text):
    assert hear(outgoing(text)).lines == [text.decode("utf-8", "replace")]
