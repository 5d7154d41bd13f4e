"""The JSON form of messages and answers."""

from __future__ import annotations

from typing import Final

import msgspec

from chatapp.model.client import Answer
from chatapp.model.message import Message

__all__ = ["answer_json", "message_json"]

_encode: Final = msgspec.json.Encoder().encode


def message_json(message: Message) -> bytes:
    """``{"room", "seq", "time", "sender", "kind", "text"}``; the time as `Message` has it."""
    encoded: bytes | None = message.forms.get("json")
    if encoded is None:
        encoded = message.forms["json"] = _encode(
            {
                "room": message.room,
                "seq": message.seq,
                "time": message.time,
                "sender": message.sender,
                "kind": message.kind,
                "text": message.text,
            }
        )
    return encoded


def answer_json(answer: Answer, cursor: str) -> bytes:
    """``{"messages", "cursor", "gap": {"missed", "restarted"}}``."""
    return b'{"messages":[%b],"cursor":%b,"gap":{"missed":%d,"restarted":%b}}' % (
        b",".join([message_json(message) for message in answer.messages]),
        _encode(cursor),
        answer.missed,
        b"true" if answer.restarted else b"false",
    )
