"""A room: one ordered log, whose order is fixed when a message is accepted.

The newest messages are here, everything that is kept at all is in the store. What is read comes
from one of the two, never half from each: the log, if it still has what follows the reader's place.
Nobody reads in the store what the log has not heard yet: what was kept a moment ago may have to be
taken back.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, Final, NamedTuple

from chatapp.model.message import Message
from chatapp.model.ports import Page, RoomRow, Store
from chatapp.model.recalled import Recalled, Recollections
from chatapp.model.records import Note
from cogen.core.coroutines import coro
from cogen.core.pubsub import Batch, PublishSubscribeQueue

__all__ = ["BadCursor", "Gaps", "NoMessage", "Position", "Room"]

_CURSOR: Final = re.compile(r"([0-9a-f]{8})\.([0-9]{1,18})")


class BadCursor(ValueError):
    """A text that is no cursor of this room; the message says why."""


class NoMessage(LookupError):
    """There is no such message, or no longer. The argument is a sentence for people."""


class Position(NamedTuple):
    """A place in a room's log.

    Attributes:
        seq: of the last message before it.
        restarted: the cursor was another log's, which is gone: everything in this one is new.
    """

    seq: int
    restarted: bool = False


class Gaps:
    """What readers were told that they have missed, since the start.

    Attributes:
        told: how many times one was told.
        missed: messages, of all these times.
    """

    __slots__ = ("missed", "told")

    def __init__(self) -> None:
        self.told = 0
        self.missed = 0

    def tell(self, missed: int) -> None:
        """One is told that it has missed so many; 0 is no gap."""
        if missed:
            self.told += 1
            self.missed += missed


class Room:
    """The newest messages, and everyone who waits for more.

    Args:
        row: as it is kept.
        store: has what the log no longer has.
        window: how many messages the log holds.
        gaps: counts them, of all rooms.

    Attributes:
        id: see `RoomRow`.
        name: what people call it.
        epoch: new whenever the log begins anew, so that a cursor into a log that is gone is
            recognised and not misread.
        log: the global publish/subscribe queue of the ancestor.
        time: when its newest message was said, in microseconds since the Unix epoch.
    """

    __slots__ = ("_recollections", "_store", "epoch", "gaps", "id", "log", "name", "time")

    def __init__(
        self, row: RoomRow, store: Store, window: int = 1000, gaps: Gaps | None = None
    ) -> None:
        self.gaps = gaps if gaps is not None else Gaps()
        self.id = row.id
        self.name = row.name
        self.epoch = row.epoch
        self.log: PublishSubscribeQueue[Message] = PublishSubscribeQueue(window, row.end)
        self.time = row.time
        self._store = store
        self._recollections = Recollections()

    def hear(self, message: Message) -> None:
        """The broker's call: it was accepted, and everyone gets it."""
        self.time = message.time
        self.log.publish(message)

    def read(self, seq: int, limit: int, size: int) -> Batch[Message] | None:
        """What comes after ``seq``: at most ``limit`` messages and about ``size`` characters.

        At least one message, if there is one. None when only the store has it: see `past`.
        """
        log = self.log
        if seq < log.base - 1:
            return None
        batch = log.since(seq, limit)
        total = 0
        for count, message in enumerate(batch):
            total += len(message.text)
            if total > size and count:
                return log.since(seq, count)
        return batch

    @coro
    def past(self, seq: int, limit: int, size: int) -> Generator[Any, Any, Page]:
        """The same out of the store, to be waited for."""
        recalled = self._recollections.begin()
        return self._heard(recalled, (yield self._store.after(self.id, seq, limit, size)))

    @coro
    def before(self, seq: int, limit: int, size: int) -> Generator[Any, Any, Page]:
        """The newest messages before message ``seq``, as many as `read` would give; to be waited
        for."""
        end = min(seq, self.log.end + 1)
        recalled = self._recollections.begin()
        page = self._heard(recalled, (yield self._store.before(self.id, end, limit)))
        total = 0
        for count, message in enumerate(reversed(recalled)):
            total += len(message.text)
            if total > size and count:
                del recalled[:-count]
                break
        return page

    @coro
    def find(self, seq: int) -> Generator[Any, Any, Message]:
        """Message ``seq``; to be waited for.

        Raises:
            NoMessage: there is none, or it is not kept any more.
            Unavailable: the store has it, and cannot be read now.
        """
        message = self._in_log(seq)
        if message is None and 0 < seq < self.log.base:
            page = yield self._store.after(self.id, seq - 1, 1, 1)
            message = next((each for each in page.messages if each.seq == seq), None)
        if message is None:
            raise NoMessage("There is no such message.")
        return message

    @coro
    def erase(self, seq: int, note: Note) -> Generator[Any, Any, None]:
        """Message ``seq`` has nothing to say any more, here, in the store, and in what was read
        from there and not given yet; to be waited for.

        Raises:
            Unavailable: the store cannot do it now, so nothing has changed.
        """
        yield self._store.records.erase(self.id, seq, note)
        message = self._in_log(seq)
        if message is not None:
            message.erase()
        self._recollections.erase(seq)

    def _in_log(self, seq: int) -> Message | None:
        log = self.log
        return log.since(seq - 1, 1)[0] if log.base <= seq <= log.end else None

    def _heard(self, recalled: Recalled, page: Page) -> Page:
        """Without what the store keeps already, and nobody may know yet: the room has not heard."""
        end = self.log.end
        messages = page.messages
        if messages and messages[-1].seq > end:
            messages = [message for message in messages if message.seq <= end]
        recalled.arrive(messages)
        return Page(recalled, min(page.base, end + 1))

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
