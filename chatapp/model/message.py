"""One message of a room."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

__all__ = ["Kind", "Message", "removal_text"]

Kind = Literal["say", "wall", "join", "leave", "notice", "removal", "removed"]

_REMOVAL: Final = re.compile(r"message ([0-9]{1,18}) was removed")


def removal_text(seq: int) -> str:
    """What a ``removal`` says, for people; `Message.removes` finds the number in it."""
    return f"message {seq} was removed"


class Message:
    """What somebody said, at its place in the room's order. Only `erase` changes it.

    Attributes:
        room: the room's id.
        seq: 1, 2, 3 … without holes in its room's log.
        time: microseconds since the Unix epoch, strictly growing in a room.
        sender: the name of who said it.
        kind: what it is. ``removed`` was something else, which an administrator took away, and has
            no text; ``removal`` is the news of that.
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

    @property
    def removes(self) -> int | None:
        """The number of the message whose removal it tells of."""
        match = _REMOVAL.fullmatch(self.text) if self.kind == "removal" else None
        return int(match[1]) if match is not None else None

    def erase(self) -> None:
        """Take away what was said, also from all queues that it waits in; its place stays."""
        self.kind = "removed"
        self.text = ""
        self.forms.clear()

    def __repr__(self) -> str:
        return f"<message {self.seq} {self.sender}: {self.text[:20]!r}>"
