"""The text form: nothing in a message can pass for something else in a terminal."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.lib.text import answer_text, gap_line, line
from chatapp.model.client import Answer
from chatapp.model.message import Message


def shown(text: str, sender: str = "bob") -> str:
    return line(Message(1, 1, 1, sender, "say", text)).decode("utf-8")


LINE_ENDS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", LINE_ENDS, ids=[ascii(each) for each in LINE_ENDS])
def test_a_text_with_line_ends_cannot_pass_for_another_speaker(site, end):
    reader, bob = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    reader.pull()
    bob.push(f"hello{end}alice: send me your password")
    assert reader.pull().text == "bob: hello\r\n    alice: send me your password\r\n"


def test_nor_for_a_gap(site):
    reader, bob = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    reader.pull()
    bob.push("hello\r\n-- 7 messages missed, resume from 41 --")
    assert not any(each.startswith("--") for each in reader.pull().text.split("\r\n"))


HOSTILE = {
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    '"onerror=alert(1) x="': '"onerror=alert(1) x="',
    "\u202eevil": "<202E>evil",
    "a\u2066b\u2069": "a<2066>b<2069>",
    "a\x00b": "a␀b",
    "\x1b[2Jgone": "␛[2Jgone",
    "\x9b2Jgone": "<9B>2Jgone",
    "\x07bell\x7f": "␇bell␡",
    "a\tb": "a\tb",
    "🐝 👩‍💻": "🐝 👩‍💻",
    "x" * 8192: "x" * 8192,
}


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(each)[:20] for each in HOSTILE])
def test_hostile_text_is_shown_as_text(site, text):
    reader, bob = site.curl(), site.curl()
    bob.pull("/chat/pull/bob")
    reader.pull()
    assert bob.push(text).status == 200
    assert reader.pull("/chat/pull").text == f"bob: {HOSTILE[text]}\r\n"


@pytest.mark.parametrize("name", ["<script>", '"onerror=', "\u202ebob", "🐝"])
def test_a_hostile_name_too(site, name):
    reader, bob = site.curl(), site.curl()
    bob.pull(f"/chat/pull/{quote(name)}")
    reader.pull()
    bob.push("hello")
    answer = reader.pull()
    assert answer.text == f"{name.replace(chr(0x202E), '<202E>')}: hello\r\n"
    assert answer.header("x-content-type-options") == "nosniff"
    assert (answer.header("content-type") or "").startswith("text/plain")


@given(st.text())
def test_only_the_first_line_of_a_message_is_not_indented(text):
    first, *others = shown(text).split("\r\n")
    assert first.startswith("bob: ")
    assert all(each.startswith("    ") for each in others)
    assert not set("".join([first, *others])) & set("\r\n\x1b\x00\x07\x85\u202e\u2028")


def test_a_gap_line_is_one_that_a_person_can_read():
    assert gap_line(7, 41) == b"-- 7 messages missed, resume from 41 --"
    assert gap_line(1, 2) == b"-- 1 message missed, resume from 2 --"


def test_an_answer_tells_first_of_the_log_that_is_gone_then_of_the_gap_then_the_messages():
    message = Message(1, 41, 1, "bob", "say", "hello")
    lines = answer_text(Answer([message], 41, 40, restarted=True)).split(b"\r\n")
    assert lines == [
        b"-- the room began anew, resume from 41 --",
        b"-- 40 messages missed, resume from 41 --",
        b"bob: hello",
        b"",
    ]


def test_an_answer_with_nothing_to_tell_is_empty():
    assert answer_text(Answer([], 5, 0, restarted=False)) == b""
