"""The scheduler: ready queues and timers, on an asyncio (or uvloop) event loop.

Work is run in slices, and between two slices the loop serves sockets and timers: a message to ten
thousand clients never keeps it from them for longer than one slice. What arrives has a queue of its
own, beside that of what is woken: it does not wait for the ten thousand either.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import _get_running_loop, _set_running_loop
from collections import deque
from collections.abc import Callable, Generator
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import uvloop

from cogen.core.awaiting import AwaitDriver, Awaiting, awaitable
from cogen.core.coroutines import Call, CoroutineInstance, is_coroutine_function
from cogen.core.drivers import Runnable
from cogen.core.operations import Operation
from cogen.core.signals import Signals
from cogen.core.timers import Clock, Timers

__all__ = ["Scheduler", "Statistics"]

log = logging.getLogger(__name__)

T = TypeVar("T")

SLICE: Final = 64  # items of each queue; a parked poll that is answered takes some 10 microseconds


@dataclass(frozen=True, slots=True)
class Statistics:
    """A scheduler at one moment.

    Attributes:
        coroutines: begun and not ended.
        ready: items in the ready queue.
        timers: timeouts that are set.
    """

    coroutines: int
    ready: int
    timers: int


class Scheduler:
    """Runs coroutines and whatever else waits for operations, in one thread.

    Args:
        loop: the asyncio event loop to run on; by default a new uvloop one, for `run`.
        clock: tells the time (`cogen.core.timers.Clock`); by default the loop. Tests put a
            `cogen.testing.FakeClock` here, and a ten-second timeout takes microseconds.
        slice_size: how many items of each queue are run before the loop gets its turn.

    Attributes:
        time: gives the clock's seconds, monotonic.
    """

    def __init__(
        self, loop: Any = None, clock: Clock | None = None, slice_size: int = SLICE
    ) -> None:
        self.loop: Any = loop if loop is not None else uvloop.new_event_loop()
        clock = clock if clock is not None else self.loop
        self.timers = Timers(clock)
        self.time = clock.time
        self.signals = Signals()
        self._owns_loop = loop is None
        self._ready: deque[Runnable] = deque()
        self._arrivals: deque[Runnable] = deque()
        self._slice_size = slice_size
        self._slice_due = False
        # Else a slice would run in the context of whoever happened to fill the queue.
        self._context = Context()
        self._alive = 0
        self._on_last: Callable[[], None] | None = None
        vars(self.loop)["_cogen_scheduler"] = self  # there, it lives as long as the loop

    @staticmethod
    def current() -> Scheduler:
        """The scheduler of the asyncio loop that runs in this thread; made if there is none.

        Raises:
            RuntimeError: no loop is running.
        """
        loop = asyncio.get_running_loop()
        scheduler: Scheduler | None = getattr(loop, "_cogen_scheduler", None)
        return scheduler if scheduler is not None else Scheduler(loop)

    # Coroutines

    def add(
        self, coro: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> CoroutineInstance[Any]:
        """Start a coroutine.

        Args:
            coro: what a ``@coro`` function returned, or any function (generator, ``async def`` or
                plain), which is then called with ``args`` and ``kwargs``.

        Raises:
            OperationMisuse: it was started before.
            TypeError: it is nothing that can be started.
        """
        instance: CoroutineInstance[Any]
        if isinstance(coro, CoroutineInstance):
            instance = coro
        elif not callable(coro):
            raise TypeError(f"{coro!r} is no coroutine")
        elif is_coroutine_function(coro):
            instance = coro(*args, **(kwargs or {}))
        else:
            instance = CoroutineInstance(coro, args, kwargs)
        instance.begin(self)
        self._alive += 1
        return instance

    def left(self) -> None:
        """A coroutine has ended."""
        self._alive -= 1
        if not self._alive and self._on_last is not None:
            self._on_last()

    def run(self) -> None:
        """Run until the last coroutine has ended: a program without a web server.

        Ctrl-C ends it as it ends any program. Only for a scheduler that made its own loop.
        """
        if not self._alive:
            return
        self._on_last = self.loop.stop
        try:
            self.loop.run_forever()
        finally:
            self._on_last = None

    def close(self) -> None:
        """Forget all timers; close the loop if it is the scheduler's own."""
        self.timers.close()
        if self._owns_loop:
            self.loop.close()

    # Drivers

    def operation(self, waited: Any) -> Operation[Any]:
        """What a coroutine or a request may wait for, as an operation.

        Args:
            waited: an operation; a coroutine (it is called: `Call`); an asyncio awaitable.

        Raises:
            TypeError: none of these.
        """
        if isinstance(waited, Operation):
            return waited
        if isinstance(waited, CoroutineInstance):
            return Call(waited)
        if awaitable(waited):
            return Awaiting(waited)
        raise TypeError(f"{waited!r} is no operation, coroutine or awaitable: cannot wait for it")

    def ready(self, runnable: Runnable) -> None:
        """Run it when its turn comes."""
        self._ready.append(runnable)
        if not self._slice_due:
            self._slice_due = True
            self.loop.call_soon(self._run_slice, context=self._context)

    def arrived(self, runnable: Runnable) -> None:
        """Run what has just come from outside: beside those that are ready, not behind them all."""
        self._arrivals.append(runnable)
        if not self._slice_due:
            self._slice_due = True
            self.loop.call_soon(self._run_slice, context=self._context)

    def outside(self, context: Context, step: Callable[..., None], *args: Any) -> None:
        """Run synchronous code in its context, as if no event loop ran in this thread.

        What is `Runnable.outside` runs so as well, in the ready queue.

        Libraries that refuse to block a loop (Django's database layer), or run one of their own for
        a while (asgiref, for ``async def`` views under WSGI), then work as under any WSGI server.
        """
        loop = _get_running_loop()
        _set_running_loop(None)
        try:
            context.run(step, *args)
        finally:
            _set_running_loop(loop)

    def ahead(self, wake: Callable[[], T]) -> T:
        """Let those whom ``wake`` wakes run before everyone who is ready now."""
        before = len(self._ready)
        result = wake()
        self._ready.rotate(len(self._ready) - before)
        return result

    def _run_slice(self) -> None:
        loop, outside = None, False
        runnable: Runnable | None = None
        try:
            for queue in (self._arrivals, self._ready):
                for _ in range(min(len(queue), self._slice_size)):
                    runnable = queue.popleft()
                    if runnable.outside is not outside:
                        # Seldom: who is woken together is of one kind. (It is a system call each
                        # time, for Python 3.11 asks for the process's id with every look at the
                        # loop.)
                        outside = not outside
                        loop = loop or _get_running_loop()
                        _set_running_loop(None if outside else loop)
                    runnable.run()
        finally:  # also when KeyboardInterrupt passes through
            del runnable  # an error's traceback keeps this frame
            if outside:
                _set_running_loop(loop)
            self._slice_due = bool(self._ready or self._arrivals)
            if self._slice_due:
                self.loop.call_soon(self._run_slice, context=self._context)

    def statistics(self) -> Statistics:
        """What there is at this moment."""
        ready = len(self._ready) + len(self._arrivals)
        return Statistics(self._alive, ready, len(self.timers))


def _await(operation: Operation[T]) -> Generator[Any, None, T]:
    return AwaitDriver(Scheduler.current(), operation).wait()


Operation.awaited = staticmethod(_await)
