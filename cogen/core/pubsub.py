"""PublishSubscribeQueue: a log, and a cursor in it for each subscriber.

Messages are numbered 1, 2, 3 … in the order in which they are published. The log holds the newest
of them: ``base`` is the number of the oldest that it still has, ``end`` of the newest.

Invariants:

    cursor = the number of the last message that the subscriber has taken
    base - 1 <= cursor <= end, as soon as the subscriber has fetched
    fetch gives (cursor, end], a new list, in order, each message once, and moves the cursor to end
    when the log was trimmed past the cursor, the batch says how many messages were missed

The cursor moves in the step in which the fetching code goes on (see `cogen.core.operations`): one
that is cancelled, even after it was woken, has missed nothing. (In the original a new subscriber
began at the log's oldest message, and the first batch was the live list itself.)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any, Generic, TypeVar
from weakref import ref

from mypy_extensions import mypyc_attr

from cogen.core.operations import TimedOperation
from cogen.core.waitlist import WaitList

__all__ = ["Batch", "Fetch", "LogStatistics", "PublishSubscribeQueue", "Subscription"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LogStatistics:
    """A log at one moment: its bounds, its subscribers, and how many of them wait."""

    base: int
    end: int
    subscribers: int
    waiting: int


@mypyc_attr(native_class=False)
class Batch(list[T]):
    """Messages in order.

    Attributes:
        missed: how many between the cursor and the first of these the log no longer has.
        end: the cursor after them.
    """

    __slots__ = ("end", "missed")

    missed: int
    end: int

    @property
    def first(self) -> int:
        """The number of the first message, or of the one that will come next."""
        return self.end - len(self) + 1


@mypyc_attr(native_class=False)
class Subscription:
    """One subscriber. The log knows it only weakly: whoever drops it is forgotten."""

    __slots__ = ("__weakref__", "cursor")

    def __init__(self, cursor: int) -> None:
        self.cursor = cursor


class PublishSubscribeQueue(Generic[T]):
    """Everything that is published reaches every subscriber, in order, once.

    Args:
        maxlen: how many messages the log holds; None for all, until `compact`.
        end: the number of the newest message that there was before; the log does not have it.
    """

    def __init__(self, maxlen: int | None = None, end: int = 0) -> None:
        if maxlen is not None and maxlen < 1:
            raise ValueError(f"maxlen is 1 or more, or None: {maxlen}")
        if end < 0:
            raise ValueError(f"end is a message's number, 0 or more: {end}")
        self._log: deque[T] = deque(maxlen=maxlen)
        self._end = end
        self._subscriptions: set[ref[Subscription]] = set()
        self._waiting = WaitList()

    @property
    def base(self) -> int:
        """The number of the oldest message it has; ``end + 1`` when it has none."""
        return self._end - len(self._log) + 1

    @property
    def end(self) -> int:
        """The number of the newest message; 0 before the first ever."""
        return self._end

    def publish(self, message: T) -> int:
        """Add a message, and wake everyone who waits for one. Gives its number."""
        self._log.append(message)
        self._end += 1
        self._waiting.wake_all()
        return self._end

    def subscribe(self, since: int | None = None) -> Subscription:
        """A new subscriber.

        Args:
            since: the number of the last message that it has; None for the newest one, so that
                only what is published from now on reaches it.

        Raises:
            ValueError: ``since`` lies outside of 0 … `end`.
        """
        if since is None:
            since = self._end
        elif not 0 <= since <= self._end:
            raise ValueError(f"since is a message's number, 0 to {self._end}: {since}")
        subscription = Subscription(since)
        # A WeakSet does the same, in Python, at twice the price.
        self._subscriptions.add(ref(subscription, self._subscriptions.discard))
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a subscriber; no effect if it is forgotten."""
        self._subscriptions.discard(ref(subscription))

    def fetch(
        self, subscription: Subscription, timeout: float | timedelta | None = None
    ) -> Fetch[T]:
        """Wait until there is something after the subscriber's cursor; gives it as a `Batch`.

        One at a time: of two that wait for one subscriber, the second gets an empty batch.
        """
        return Fetch(self, subscription, timeout)

    def since(self, cursor: int, limit: int | None = None) -> Batch[T]:
        """What comes after ``cursor``, without waiting; the oldest ``limit`` messages of it."""
        log, count = self._log, self._end - cursor
        batch: Batch[T]
        if count == 1 and log:  # what almost everyone waits for
            batch = Batch((log[-1],))
            batch.missed = 0
        elif count >= len(log):
            batch = Batch(log)
            batch.missed = max(0, count - len(log))
        else:  # from the near end: reading costs what is read, not what is kept
            batch = Batch(islice(reversed(log), max(0, count)))
            batch.reverse()
            batch.missed = 0
        if limit is not None:
            del batch[limit:]
        batch.end = cursor + batch.missed + len(batch)
        return batch

    def compact(self) -> int:
        """Drop what every subscriber has taken; gives how many messages that were.

        Without subscribers it drops everything.
        """
        alive = [each for each in (known() for known in self._subscriptions) if each is not None]
        taken = min((each.cursor for each in alive), default=self._end)
        count = max(0, taken - self.base + 1)
        for _ in range(count):
            self._log.popleft()
        return count

    def statistics(self) -> LogStatistics:
        """What there is at this moment."""
        return LogStatistics(self.base, self._end, len(self._subscriptions), len(self._waiting))


class Fetch(TimedOperation[Batch[T]]):
    """See `PublishSubscribeQueue.fetch`."""

    __slots__ = ("_queue", "_subscription")

    def __init__(
        self,
        queue: PublishSubscribeQueue[T],
        subscription: Subscription,
        timeout: float | timedelta | None,
    ) -> None:
        TimedOperation.__init__(self, timeout)
        self._queue = queue
        self._subscription = subscription

    def _begin(self) -> bool:
        if self._subscription.cursor < self._queue._end:
            return True
        self._queue._waiting.park(self)
        return False

    def _undo(self) -> None:
        self._queue._waiting.remove(self)

    def _take(self, outcome: Any) -> Batch[T]:
        batch = self._queue.since(self._subscription.cursor)
        self._subscription.cursor = batch.end
        return batch
