"""Timeouts: a line for each delay, a heap of the lines, and one alarm for the earliest of them.

Timeouts of one delay fall due in the order in which they were set, so setting one is an append; a
server knows few delays. Almost all are cancelled long before they are due (a poll's 10 seconds,
each time a message comes): cancelling only marks the entry, and a line that has grown to twice what
was alive in it is swept. (One heap for all cost 0.9 microseconds a timeout, this 0.3.)
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Final, Protocol

from mypy_extensions import mypyc_attr

__all__ = ["Alarm", "Clock", "Expires", "Timer", "Timers"]

RESOLUTION: Final = 0.001  # seconds: event loops round their timers to milliseconds
KEEP: Final = 512  # entries of a line that are never worth a sweep


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
    """One timeout; `cancel` is idempotent."""

    __slots__ = ("_clock", "number", "target", "when")

    def __init__(self, clock: Clock, when: float, number: int, target: Expires) -> None:
        self._clock = clock
        self.when = when
        self.number = number
        self.target: Expires | None = target

    @property
    def left(self) -> float:
        """Seconds until it rings; 0 when it should have."""
        return max(0.0, self.when - self._clock.time())

    def cancel(self) -> None:
        self.target = None


@mypyc_attr(native_class=False)
class _Line(deque[Timer]):
    """The timeouts of one delay, in the order in which they were set and fall due.

    Attributes:
        limit: when it is longer, the cancelled ones are swept out.
    """

    __slots__ = ("limit",)

    def __init__(self) -> None:
        super().__init__()
        self.limit = KEEP

    def sweep(self) -> None:
        """Drop what was cancelled; not the first one, by which the heap knows the line."""
        first = self.popleft()
        alive = [timer for timer in self if timer.target is not None]
        self.clear()
        self.append(first)
        self.extend(alive)
        self.limit = KEEP + 2 * len(self)


class Timers:
    """All timeouts of one scheduler.

    Args:
        clock: tells the time and rings once at a given one.

    Attributes:
        time: gives the clock's seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self.time = clock.time
        self._clock = clock
        self._lines: dict[float, _Line] = {}
        # When the first of each line is due; its number breaks ties, so that timers which are due
        # at the same time ring in the order in which they were set.
        self._heap: list[tuple[float, int, float]] = []
        self._number = 0
        self._alarm: Alarm | None = None
        # Else the alarm would ring in the context of whoever set it, and keep that alive.
        self._context = Context()

    def __len__(self) -> int:
        """How many are set and not cancelled; counts them one by one."""
        return sum(timer.target is not None for line in self._lines.values() for timer in line)

    def add(self, delay: float, target: Expires) -> Timer:
        """Call ``target.expire()`` after ``delay`` seconds."""
        self._number = number = self._number + 1
        timer = Timer(self._clock, self.time() + delay, number, target)
        line = self._lines.get(delay)
        if line is None:
            line = self._lines[delay] = _Line()
            line.append(timer)
            self._wait_for(line, delay)
            if self._heap[0][1] == number:
                self._set_alarm(timer.when)
            return timer
        line.append(timer)
        if len(line) > line.limit:
            line.sweep()
        return timer

    def close(self) -> None:
        """Forget them all."""
        for line in self._lines.values():
            for timer in line:
                timer.cancel()
        self._lines.clear()
        self._heap.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _wait_for(self, line: _Line, delay: float) -> None:
        heapq.heappush(self._heap, (line[0].when, line[0].number, delay))

    def _set_alarm(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._context.run(self._clock.call_at, when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        due = self.time() + RESOLUTION
        try:
            while self._heap and self._heap[0][0] <= due:
                timer = self._pop()
                target, timer.target = timer.target, None
                if target is not None:
                    target.expire()
        finally:  # also when one of them fails
            if self._heap:
                self._set_alarm(self._heap[0][0])

    def _pop(self) -> Timer:
        """Take out the earliest, and the cancelled ones behind it in its line."""
        _, _, delay = heapq.heappop(self._heap)
        line = self._lines[delay]
        timer = line.popleft()
        while line and line[0].target is None:
            line.popleft()
        if line:
            self._wait_for(line, delay)
        else:
            del self._lines[delay]
        return timer
