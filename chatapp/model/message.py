"""One message of a room."""

from __future__ import annotations

from typing import Any, Literal

__all__ = ["Kind", "Message"]

Kind = Literal["say", "wall", "join", "leave", "notice"]


class Message:
    """What somebody said, at its place in the room's order. Not to be changed.

    Attributes:
        room: the room's id.
        seq: 1, 2, 3 … without holes in its room's log.
        time: microseconds since the Unix epoch, strictly growing in a room.
        sender: the name of who said it.
        kind: what it is.
        text: as it was said.
        forms: what transports make of it, by a name of theirs: each encodes a message once,
            however many clients get it.
    """

    __slots__ = ("forms", "kind", "room", "sender", "seq", "text", "time")

    def __init__(self, room: int, seq: int, time: int, sender: str, kind: Kind, text: str) -> None:
        self.room = room
        self.seq = seq
        self.time = time
        self.sender = sender
        self.kind: Kind = kind
        self.text = text
        self.forms: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<message {self.seq} {self.sender}: {self.text[:20]!r}>"
