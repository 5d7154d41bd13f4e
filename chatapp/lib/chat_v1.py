"""The subprotocol ``chat.v1.json``: the messages of the JSON interface, both ways, with answers.

The types are those of `chatapp.lib.socket_schemas`; what is sent to everybody is put together once.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final

import msgspec

from chatapp.lib.body import decoded
from chatapp.lib.faults import FAULTS, refused
from chatapp.lib.json import encode, message_json, messages_json
from chatapp.lib.naming import speaker
from chatapp.lib.polling import before, recent
from chatapp.lib.refusal import Refusal
from chatapp.lib.socket_schemas import SUBPROTOCOL, Nick, Past, Ping, Say, Who, Wish
from chatapp.lib.speech import Speech
from chatapp.lib.visitor import Visitor
from chatapp.model.client import Answer
from chatapp.model.message import Message
from chatapp.model.room import Room
from chatapp.model.roster import Roster
from cogen.web.websocket import Encoded

__all__ = ["ChatV1"]

PRESENCE: Final = ("join", "leave")

_decoder: Final = msgspec.json.Decoder(Wish)


class ChatV1:
    """How it is spoken; see `chatapp.controllers.socket`.

    Args:
        roster: who is there.
        speech: by which it is spoken.
    """

    subprotocol: str | None = SUBPROTOCOL

    def __init__(self, roster: Roster, speech: Speech) -> None:
        self._roster = roster
        self._speech = speech

    def hello(self, visitor: Visitor, room: Room, answer: Answer) -> Sequence[str | Encoded]:
        """What is sent first."""
        hello = {
            "type": "hello",
            "room": {"id": room.id, "name": room.name},
            "name": speaker(visitor.session, self._roster.people),
            "cursor": room.cursor(answer.first - 1 - answer.missed),
        }
        return [encode(hello).decode(), *self.told(room, answer)]

    def told(self, room: Room, answer: Answer) -> Sequence[str | Encoded]:
        """What there is to tell."""
        frames: list[str | Encoded] = [_frame(room, message) for message in answer.messages]
        if answer.missed or answer.restarted:
            gap = {
                "type": "gap",
                "missed": answer.missed,
                "restarted": answer.restarted,
                "resume": answer.first,
                "cursor": room.cursor(answer.first - 1),
            }
            frames.insert(0, encode(gap).decode())
        return frames

    def heard(
        self, visitor: Visitor, room: Room, text: str
    ) -> Generator[Any, Any, Sequence[str | Encoded]]:
        """Do what was sent; gives what is answered."""
        id: str | None = None
        try:
            wish = decoded(_decoder, text)
            id = wish.id
            answer = yield from self._do(visitor, room, wish)
        except FAULTS as fault:
            answer = _error(refused(fault))
        if id is not None:
            answer["id"] = id
        return [encode(answer).decode()]

    def _do(self, visitor: Visitor, room: Room, wish: Wish) -> Generator[Any, Any, dict[str, Any]]:
        if isinstance(wish, Ping):
            return {"type": "pong"}
        if isinstance(wish, Say):
            self._speech.pace(visitor)
            text = self._speech.checked(wish.text)
            said = self._speech.say(visitor, room, text, wish.kind, wish.nonce)
            message, new = yield from said
            return {"type": "ack", "message": msgspec.Raw(message_json(message)), "new": new}
        if isinstance(wish, Nick):
            return {"type": "named", "name": (yield from self._speech.rename(visitor, wish.name))}
        if isinstance(wish, Who):
            members = [{"name": name} for name in self._roster.names(room)]
            return {"type": "members", "members": members}
        messages = yield from self._past(visitor, room, wish)
        return {"type": "history", "messages": msgspec.Raw(messages_json(messages))}

    def _past(
        self, visitor: Visitor, room: Room, wish: Past
    ) -> Generator[Any, Any, Sequence[Message]]:
        if wish.before is None:
            return (yield from recent(visitor, room, wish.limit)).messages
        return (yield from before(visitor, room, wish.before, wish.limit)).messages


def _frame(room: Room, message: Message) -> Encoded:
    frame: Encoded | None = message.forms.get("chat.v1")
    if frame is None:
        kind = b"presence" if message.kind in PRESENCE else b"message"
        parts = kind, message_json(message), encode(room.cursor(message.seq))
        text = b'{"type":"%b","message":%b,"cursor":%b}' % parts
        frame = message.forms["chat.v1"] = Encoded(text.decode())
    return frame


def _error(refusal: Refusal) -> dict[str, Any]:
    error: dict[str, Any] = {
        "type": "error",
        "status": int(refusal.status),
        "title": refusal.status.phrase,
        "detail": refusal.detail,
    }
    again = dict(refusal.headers).get("Retry-After")
    if again is not None:
        error["retry_after"] = int(again)
    return error
