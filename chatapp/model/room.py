"""A room: one ordered log, whose order is fixed when a message is accepted."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from chatapp.model.message import Kind, Message
from cogen.core.pubsub import Batch, PublishSubscribeQueue

__all__ = ["BadCursor", "Position", "Room"]

_CURSOR: Final = re.compile(r"([0-9a-f]{8})\.([0-9]{1,18})")

MICROSECONDS: Final = 1_000_000


class BadCursor(ValueError):
    """A text that is no cursor of this room; the message says why."""


class Position(NamedTuple):
    """A place in a room's log.

    Attributes:
        seq: of the last message before it.
        restarted: the cursor was another log's, which is gone: everything in this one is new.
    """

    seq: int
    restarted: bool = False


class Room:
    """The newest messages, and everyone who waits for more.

    Args:
        name: what people call it.
        window: how many messages the log holds.
        clock: seconds since the Unix epoch.

    Attributes:
        epoch: eight hexadecimal digits, new whenever the log begins anew, so that a cursor into a
            log that is gone is recognised and not misread.
        log: the global publish/subscribe queue of the ancestor.
    """

    def __init__(
        self, name: str, window: int = 1000, clock: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self.epoch = secrets.token_hex(4)
        self.log: PublishSubscribeQueue[Message] = PublishSubscribeQueue(maxlen=window)
        self._clock = clock
        self._time = 0

    def say(self, sender: str, text: str, kind: Kind = "say") -> Message:
        """Accept a message: from here on its place in the order is fixed, and everyone gets it."""
        self._time = max(int(self._clock() * MICROSECONDS), self._time + 1)
        message = Message(1, self.log.end + 1, self._time, sender, kind, text)
        self.log.publish(message)
        return message

    def read(self, seq: int, limit: int, size: int) -> Batch[Message]:
        """What comes after ``seq``: at most ``limit`` messages and about ``size`` characters.

        At least one message, if there is one.
        """
        batch = self.log.since(seq, limit)
        total = 0
        for count, message in enumerate(batch):
            total += len(message.text)
            if total > size and count:
                return self.log.since(seq, count)
        return batch

    def cursor(self, seq: int) -> str:
        """The place after message ``seq``, as clients keep it."""
        return f"{self.epoch}.{seq}"

    def position(self, cursor: str) -> Position:
        """The place that a cursor names.

        Raises:
            BadCursor: it is none, or lies after the last message.
        """
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            raise BadCursor("A cursor is what X-Chat-Cursor said, e.g. 9f3a01bc.17.")
        if match[1] != self.epoch:
            return Position(0, restarted=True)
        seq = int(match[2])
        if seq > self.log.end:
            raise BadCursor(f"The room has no message {seq} yet.")
        return Position(seq)
