"""Timeouts: a heap with lazy removal, and one alarm at the clock for the earliest of them.

Almost every timeout is cancelled long before it is due (a poll's 10 seconds, each time a message
comes), so cancelling only marks the entry, and the heap is rebuilt when most of it is marked.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextvars import Context
from typing import Protocol

__all__ = ["Alarm", "Clock", "Expires", "Timer", "Timers"]

RESOLUTION = 0.001  # seconds: event loops round their timers to milliseconds
KEEP = 512  # cancelled entries that are never worth a rebuild


class Alarm(Protocol):
    """What ``call_at`` gives."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """The part of an asyncio loop that tells the time; a test puts its own in its place."""

    def time(self) -> float:
        """Seconds, monotonic."""
        ...

    def call_at(self, when: float, callback: Callable[[], None], /) -> Alarm: ...


class Expires(Protocol):
    """What a timer is set for."""

    def expire(self) -> None: ...


class Timer:
    """One entry of the heap; `cancel` is idempotent."""

    __slots__ = ("_timers", "target", "when")

    def __init__(self, timers: Timers, when: float, target: Expires) -> None:
        self._timers = timers
        self.when = when
        self.target: Expires | None = target

    @property
    def left(self) -> float:
        """Seconds until it rings; 0 when it should have."""
        return max(0.0, self.when - self._timers.time())

    def cancel(self) -> None:
        if self.target is not None:
            self.target = None
            self._timers.forgotten()


class Timers:
    """All timeouts of one scheduler.

    Args:
        clock: tells the time and rings once at a given one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Timer]] = []
        self._number = 0  # breaks ties, so that equal times ring in the order they were set
        self._cancelled = 0
        self._alarm: Alarm | None = None
        # Else the alarm would ring in the context of whoever set it, and keep that alive.
        self._context = Context()

    def __len__(self) -> int:
        """How many are set and not cancelled."""
        return len(self._heap) - self._cancelled

    def time(self) -> float:
        """The clock's seconds."""
        return self._clock.time()

    def add(self, delay: float, target: Expires) -> Timer:
        """Call ``target.expire()`` after ``delay`` seconds."""
        when = self._clock.time() + delay
        timer = Timer(self, when, target)
        self._number += 1
        heapq.heappush(self._heap, (when, self._number, timer))
        if self._heap[0][2] is timer:
            self._set_alarm(when)
        return timer

    def forgotten(self) -> None:
        """A timer was cancelled; drop the marked entries once they are the most of the heap."""
        self._cancelled += 1
        if self._cancelled > KEEP and self._cancelled * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].target is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def close(self) -> None:
        """Forget them all."""
        for _, _, timer in self._heap:
            timer.target = None
        self._heap.clear()
        self._cancelled = 0
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _set_alarm(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._context.run(self._clock.call_at, when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        due = self._clock.time() + RESOLUTION
        try:
            while self._heap and self._heap[0][0] <= due:
                _, _, timer = heapq.heappop(self._heap)
                target, timer.target = timer.target, None
                if target is None:
                    self._cancelled -= 1
                else:
                    target.expire()
        finally:  # also when one of them fails
            while self._heap and self._heap[0][2].target is None:
                heapq.heappop(self._heap)
                self._cancelled -= 1
            if self._heap:
                self._set_alarm(self._heap[0][0])
