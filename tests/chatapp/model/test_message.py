"""A message is encoded once for all its readers."""

from __future__ import annotations

from chatapp.lib.json import message_json
from chatapp.lib.text import line
from chatapp.model.message import Message


def test_each_form_is_made_once():
    message = Message(1, 1, 2, "bob", "say", "hello")
    assert line(message) is line(message)
    assert message_json(message) is message_json(message)
    assert set(message.forms) == {"text", "json"}


def test_it_says_what_it_is():
    assert repr(Message(1, 1, 2, "bob", "say", "x" * 50)) == f"<message 1 bob: '{'x' * 20}'>"
