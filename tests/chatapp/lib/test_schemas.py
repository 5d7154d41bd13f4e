"""The types of the JSON interface: what is taken, and what is given."""

from __future__ import annotations

import json

import msgspec
import pytest

from chatapp.lib.schemas import Events, Gap, Login, Message, Messages, NewMessage, NewRoom, Wall


def test_something_to_say_may_have_a_nonce():
    decode = msgspec.json.Decoder(NewMessage).decode
    assert decode(b'{"text":"hello"}') == NewMessage("hello", None)
    assert decode(b'{"text":"hello","nonce":"n1"}') == NewMessage("hello", "n1")
    assert decode(b'{"text":"hello","nonce":null}') == NewMessage("hello", None)


BAD = [
    (NewMessage, {}),
    (NewMessage, {"text": ""}),
    (NewMessage, {"text": 1}),
    (NewMessage, {"text": "a", "nonce": ""}),
    (NewMessage, {"text": "a", "nonce": "n" * 65}),
    (NewMessage, {"text": "a", "nonse": "n"}),
    (NewMessage, {"text": "a", "kind": "wall"}),
    (NewRoom, {"name": ""}),
    (NewRoom, {"name": "n" * 201}),
    (Login, {"name": None}),
    (Login, {"name": "n" * 65}),
    (Wall, {"text": ["a"]}),
]


@pytest.mark.parametrize(("type", "given"), BAD)
def test_what_is_not_taken(type, given):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(given).encode(), type=type)


def test_what_several_rooms_said():
    hello = Message(1, 17, 1763630000123456, "ann", "say", "hello")
    given = Events([hello], "1:e.17,2:e.3", {"1": Gap(0, restarted=False)})
    assert json.loads(msgspec.json.encode(given)) == {
        "messages": [
            {"room": 1, "seq": 17, "time": 1763630000123456}
            | {"sender": "ann", "kind": "say", "text": "hello"}
        ],
        "cursor": "1:e.17,2:e.3",
        "gaps": {"1": {"missed": 0, "restarted": False}},
    }


def test_a_pull_s_answer_is_of_the_type_that_is_published(site):
    reader = site.curl()
    reader.read()
    reader.push("hello")
    answer = msgspec.json.decode(reader.read().body, type=Messages)
    assert [message.text for message in answer.messages] == ["hello"]
