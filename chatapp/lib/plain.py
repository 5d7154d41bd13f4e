"""A WebSocket without a subprotocol: what is sent is said, what is said comes as a line of text.

Each message is a text frame, as a pull has it: ``name: text``, gaps and refusals too. What people
write in the place of a message (``/nick``, ``/me``) is done.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from chatapp.lib.faults import FAULTS, refused
from chatapp.lib.speech import Speech
from chatapp.lib.text import gap_lines, line, notice_line
from chatapp.lib.visitor import Visitor
from chatapp.model.client import Answer
from chatapp.model.message import Message
from chatapp.model.room import Room
from cogen.web.websocket import Encoded

__all__ = ["Plain"]


class Plain:
    """How it is spoken; see `chatapp.controllers.socket`.

    Args:
        speech: by which it is spoken.
    """

    subprotocol: str | None = None

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def hello(self, visitor: Visitor, room: Room, answer: Answer) -> Sequence[str | Encoded]:
        """What is sent first."""
        return self.told(room, answer)

    def told(self, room: Room, answer: Answer) -> Sequence[str | Encoded]:
        """What there is to tell."""
        gaps = [gap.decode() for gap in gap_lines(answer)]
        return [*gaps, *map(_frame, answer.messages)]

    def heard(
        self, visitor: Visitor, room: Room, text: str
    ) -> Generator[Any, Any, Sequence[str | Encoded]]:
        """Do what was sent; gives what is answered."""
        try:
            self._speech.pace(visitor)
            yield from self._speech.obey(visitor, room, text)
        except FAULTS as fault:
            return [notice_line(refused(fault).detail).decode()]
        return []


def _frame(message: Message) -> Encoded:
    frame: Encoded | None = message.forms.get("plain")
    if frame is None:
        frame = message.forms["plain"] = Encoded(line(message).decode())
    return frame
