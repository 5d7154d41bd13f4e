"""The JSON form of messages and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from chatapp.model.client import Answer
from chatapp.model.message import Message

__all__ = ["answer_json", "encode", "gap_json", "message_json", "messages_json"]

encode: Final = msgspec.json.Encoder().encode


def message_json(message: Message) -> bytes:
    """``{"room", "seq", "time", "sender", "kind", "text"}``; the time as `Message` has it.

    That of a removal has ``removes`` besides.
    """
    encoded: bytes | None = message.forms.get("json")
    if encoded is None:
        fields = {
            "room": message.room,
            "seq": message.seq,
            "time": message.time,
            "sender": message.sender,
            "kind": message.kind,
            "text": message.text,
        }
        if message.kind == "removal":
            fields["removes"] = message.removes
        encoded = message.forms["json"] = encode(fields)
    return encoded


def messages_json(messages: Iterable[Message]) -> bytes:
    """A list of them."""
    return b"[%b]" % b",".join([message_json(message) for message in messages])


def gap_json(missed: int, restarted: bool) -> bytes:
    """``{"missed", "restarted"}``; see `Answer`."""
    return b'{"missed":%d,"restarted":%b}' % (missed, b"true" if restarted else b"false")


def answer_json(answer: Answer, cursor: str) -> bytes:
    """``{"messages", "cursor", "gap": {"missed", "restarted"}}``."""
    return b'{"messages":%b,"cursor":%b,"gap":%b}' % (
        messages_json(answer.messages),
        encode(cursor),
        gap_json(answer.missed, answer.restarted),
    )
