"""The JSON form."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.chatapp.harness import Site


def test_an_answer_in_json(site):
    reader, bob = site.curl(), site.curl()
    empty = reader.read()
    assert empty.header("content-type") == "application/json"
    assert empty.json == {
        "messages": [],
        "cursor": f"{site.room.epoch}.0",
        "gap": {"missed": 0, "restarted": False},
    }
    bob.pull("/chat/pull/bob")
    bob.push("hello")
    answer = reader.read()
    joined, message = answer.json["messages"]
    assert (joined["kind"], joined["text"]) == ("join", "user bob has joined the room")
    assert message.pop("time") == 1_000_000_001  # the same microsecond, a moment later
    assert message == {"room": 1, "seq": 2, "sender": "bob", "kind": "say", "text": "hello"}
    assert answer.json["cursor"] == answer.header("x-chat-cursor") == f"{site.room.epoch}.2"


def test_a_gap_in_json():
    site = Site(window=2, keep=2)
    reader, bob = site.curl(), site.curl()
    reader.read()
    for number in range(11):
        bob.push(str(number))
    answer = reader.read()
    assert answer.json["gap"] == {"missed": 9, "restarted": False}
    assert answer.seqs == [10, 11]


@pytest.mark.parametrize(
    "accept", ["application/json", "Application/JSON", "text/html, application/json;q=0.5"]
)
def test_json_is_for_who_asks_for_it(site, accept):
    assert site.curl().pull(Accept=accept).header("content-type") == "application/json"


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "", "application/json;q=0", "x/json"])
def test_text_is_for_all_others(site, accept):
    answer = site.curl().pull(Accept=accept)
    assert (answer.header("content-type") or "").startswith("text/plain")


HOSTILE = [
    ("<script>", "<script>"),
    ('"onerror=', '"onerror='),
    ("\u202eevil", "\u202eevil"),
    ("🐝", "🐝"),
    ("x" * 64, "x" * 8192),
    ("bob", "a\x00b\x1b[2J"),
    ("bob", "a\r\nalice: b\u2028c"),
    ("\\u0000\\", "\\u0000\\"),
]


@pytest.mark.parametrize(("name", "text"), HOSTILE, ids=[ascii(text)[:20] for _, text in HOSTILE])
def test_hostile_text_comes_out_as_it_went_in(site, name, text):
    reader, bob = site.curl(), site.curl()
    assert bob.pull(f"/chat/pull/{quote(name, safe='')}").status == 200
    reader.pull()
    bob.push(text)
    (message,) = reader.read().json["messages"]
    assert (message["sender"], message["text"]) == (name, text)
