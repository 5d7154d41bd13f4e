"""What tests put in the place of time and network.

``FakeClock`` goes with a real event loop (``Scheduler(loop, clock=FakeClock())``); ``FakeLoop`` is
clock and loop in one, for code that needs no asyncio: nothing happens until the test says so.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from cogen.core.schedulers import Scheduler

__all__ = ["FakeClock", "FakeLoop"]


class _Alarm:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class FakeClock:
    """Time that passes only when `advance` says so."""

    def __init__(self, now: float = 1000.0) -> None:
        self._now = now
        self._alarms: list[tuple[float, int, _Alarm]] = []
        self._set = 0

    def time(self) -> float:
        return self._now

    def call_at(self, when: float, callback: Callable[[], None]) -> _Alarm:
        alarm = _Alarm(callback)
        self._set += 1
        heapq.heappush(self._alarms, (when, self._set, alarm))
        return alarm

    def advance(self, seconds: float) -> None:
        """Let so much time pass; everything that falls due on the way is called in its time."""
        until = self._now + seconds
        while self._alarms and self._alarms[0][0] <= until:
            when, _, alarm = heapq.heappop(self._alarms)
            self._now = max(self._now, when)
            if alarm.callback is not None:
                alarm.callback()
                self._settle()
        self._now = until
        self._settle()

    def _settle(self) -> None:
        pass


class FakeLoop(FakeClock):
    """An event loop without sockets, run by hand."""

    def __init__(self, now: float = 1000.0) -> None:
        super().__init__(now)
        self._soon: deque[tuple[Callable[..., Any], tuple[Any, ...], Context | None]] = deque()

    def scheduler(self, **options: Any) -> Scheduler:
        """A scheduler on this loop and clock."""
        return Scheduler(self, **options)

    def call_soon(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> None:
        self._soon.append((callback, args, context))

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> None:
        """The same from any thread (a deque's ``append`` is atomic); it does not wake a test."""
        self.call_soon(callback, *args, context=context)

    def turn(self) -> bool:
        """Call what is due now, once, as one iteration of a loop does; False if nothing was."""
        count = len(self._soon)
        for _ in range(count):
            callback, args, context = self._soon.popleft()
            if context is None:
                callback(*args)
            else:
                context.run(callback, *args)
        return bool(count)

    def run_until_idle(self, turns: int = 100_000) -> None:
        """Turn until nothing is left to do without time or network."""
        for _ in range(turns):
            if not self.turn():
                return
        raise AssertionError(f"still busy after {turns} turns")

    def _settle(self) -> None:
        self.run_until_idle()
