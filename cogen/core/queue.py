"""Queue: the standard library's, with operations in the place of blocking calls.

Invariant: **an item leaves the queue, and enters it, only when the code that asked for it goes
on.** Waking a getter promises it one item, waking a putter reserves it one place; promised items
and reserved places are counted, not moved. So a getter that is cancelled after it was woken (a
dropped connection) takes nothing, order is never disturbed, and ``maxsize`` is never exceeded:

    len(items) + reserved <= maxsize        promised <= len(items)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from cogen.core.operations import TimedOperation
from cogen.core.waitlist import WaitList
from cogen.errors import Empty, Full

__all__ = ["Empty", "Full", "Get", "JoinQueue", "Put", "Queue", "QueueStatistics"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """A queue at one moment: items in it, its bound (0 = none), and who waits."""

    size: int
    maxsize: int
    getters: int
    putters: int
    unfinished: int


class Queue(Generic[T]):
    """First in, first out.

    Args:
        maxsize: how many items it holds; 0 for no bound.
    """

    __slots__ = (
        "__weakref__",
        "_getters",
        "_items",
        "_joiners",
        "_promised",
        "_putters",
        "_reserved",
        "_size",
        "_unfinished",
        "maxsize",
    )

    def __init__(self, maxsize: int = 0) -> None:
        if maxsize < 0:
            raise ValueError(f"maxsize is 0 (no bound) or more: {maxsize}")
        self.maxsize = maxsize
        # Most queues are empty most of the time, and an empty deque takes 600 bytes.
        self._items: deque[T] | None = None
        self._size = 0
        self._getters = WaitList()
        self._putters = WaitList()
        self._joiners = WaitList()
        self._promised = 0
        self._reserved = 0
        self._unfinished = 0

    def qsize(self) -> int:
        """How many items are in it."""
        return self._size

    def empty(self) -> bool:
        """No item is in it."""
        return not self._size

    def full(self) -> bool:
        """``maxsize`` items are in it, or on their way in."""
        return 0 < self.maxsize <= self._size + self._reserved

    def get(self, timeout: float | timedelta | None = None) -> Get[T]:
        """Wait for an item; gives it. Waiting getters are served in the order they came."""
        return Get(self, timeout)

    def put(self, item: T, timeout: float | timedelta | None = None) -> Put[T]:
        """Wait for a free place, and put the item there; gives None."""
        return Put(self, item, timeout)

    def get_nowait(self) -> T:
        """Take an item.

        Raises:
            Empty: there is none that is not promised to somebody who waits.
        """
        if self._size <= self._promised:
            raise Empty
        return self._pop()

    def put_nowait(self, item: T) -> None:
        """Put an item in.

        Raises:
            Full: it holds ``maxsize``.
        """
        if 0 < self.maxsize <= self._size + self._reserved:
            raise Full
        self._push(item)

    def drain(self) -> list[T]:
        """All items that are not promised to anybody, in order; an empty list if there is none."""
        count = self._size - self._promised
        return [self._pop() for _ in range(count)] if count else []

    def task_done(self) -> None:
        """A worker has finished with one item that it got.

        Raises:
            ValueError: called more often than there were items.
        """
        if self._unfinished <= 0:
            raise ValueError("task_done() called more often than items were put")
        self._unfinished -= 1
        if not self._unfinished:
            self._joiners.wake_all()

    def join(self, timeout: float | timedelta | None = None) -> JoinQueue:
        """Wait until `task_done` was called for every item ever put in; gives None."""
        return JoinQueue(self, timeout)

    def statistics(self) -> QueueStatistics:
        """What there is at this moment."""
        return QueueStatistics(
            self._size,
            self.maxsize,
            len(self._getters),
            len(self._putters),
            self._unfinished,
        )

    def _push(self, item: T) -> None:
        if self._items is None:
            self._items = deque()
        self._items.append(item)
        self._size += 1
        self._unfinished += 1
        self._offer()

    def _pop(self) -> T:
        items = self._items
        assert items is not None
        item = items.popleft()
        self._size -= 1
        if not self._size:
            self._items = None
        self._invite()
        return item

    def _offer(self) -> None:
        """Promise free items to those who wait for one."""
        while self._getters and self._promised < self._size:
            self._promised += 1
            self._getters.pop().wake()

    def _invite(self) -> None:
        """Reserve free places for those who wait for one."""
        while self._putters and not self.full():
            self._reserved += 1
            self._putters.pop().wake()


class Get(TimedOperation[T]):
    """See `Queue.get`."""

    __slots__ = ("_queue",)

    def __init__(self, queue: Queue[T], timeout: float | timedelta | None) -> None:
        TimedOperation.__init__(self, timeout)
        self._queue = queue

    def _begin(self) -> bool:
        queue = self._queue
        if queue._promised < queue._size:
            queue._promised += 1
            return True
        queue._getters.park(self)
        return False

    def _undo(self) -> None:
        self._queue._getters.remove(self)

    def _take(self, outcome: Any) -> T:
        self._queue._promised -= 1
        return self._queue._pop()

    def _give_back(self) -> None:
        self._queue._promised -= 1
        self._queue._offer()


class Put(TimedOperation[None], Generic[T]):
    """See `Queue.put`."""

    __slots__ = ("_item", "_queue")

    def __init__(self, queue: Queue[T], item: T, timeout: float | timedelta | None) -> None:
        super().__init__(timeout)
        self._queue = queue
        self._item = item

    def _begin(self) -> bool:
        queue = self._queue
        if not queue._putters and not queue.full():
            queue._reserved += 1
            return True
        queue._putters.park(self)
        return False

    def _undo(self) -> None:
        self._queue._putters.remove(self)

    def _take(self, outcome: Any) -> None:
        self._queue._reserved -= 1
        self._queue._push(self._item)

    def _give_back(self) -> None:
        self._queue._reserved -= 1
        self._queue._invite()


class JoinQueue(TimedOperation[None]):
    """See `Queue.join`."""

    __slots__ = ("_queue",)

    def __init__(self, queue: Queue[Any], timeout: float | timedelta | None) -> None:
        super().__init__(timeout)
        self._queue = queue

    def _begin(self) -> bool:
        if not self._queue._unfinished:
            return True
        self._queue._joiners.park(self)
        return False

    def _undo(self) -> None:
        self._queue._joiners.remove(self)
