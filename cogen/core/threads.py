"""Between the loop's thread and others: a bell that they ring, and workers that block for us.

`Bell` is how code in another thread wakes who waits for it. Invariant: a ring is heard. It is
kept until a wait has taken it, so it does not matter whether it comes before, during or after the
moment in which somebody begins to wait; and a wait that is cancelled leaves it for the next.

`Workers` are threads that are made when there is work, at most so many, and that end when there is
none for a while. What finds all of them busy stands in a line, first come first served, and can
leave it in O(1). They are daemons: code that blocks for ever does not keep the process from its
end. (``concurrent.futures`` joins its threads at the interpreter's end, and keeps in its line what
was cancelled.)

`Workers.call` is a function's call in such a thread, to be waited for as any operation.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from cogen.core.operations import Operation, TimedOperation
from cogen.errors import ServerClosing

__all__ = ["Bell", "Called", "Heard", "Workers", "WorkersStatistics"]

log = logging.getLogger(__name__)

T = TypeVar("T")

IDLE = 60.0  # seconds without work, after which a thread ends

Job = Callable[[], None]


class Bell:
    """Rung in any thread, heard by the one coroutine or request that waits for it."""

    __slots__ = ("_lock", "_loop", "_rung", "_waiting")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rung = False
        self._loop: Any = None  # while somebody waits
        self._waiting: Heard | None = None

    def ring(self) -> None:
        """Let who waits go on. Further rings until then are the same ring. Any thread."""
        with self._lock:
            if self._rung:
                return
            self._rung = True
            loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._wake)

    def heard(self, timeout: float | timedelta | None = None) -> Heard:
        """Wait until it is rung, or was since the last wait; gives None. The loop's thread."""
        return Heard(self, timeout)

    def _wake(self) -> None:
        waiting = self._waiting
        if waiting is not None and self._rung:
            self._leave()
            waiting.wake()

    def _park(self, waiting: Heard, loop: Any) -> bool:
        with self._lock:
            if self._rung:
                return False
            self._waiting, self._loop = waiting, loop
        return True

    def _leave(self) -> None:
        with self._lock:
            self._waiting = self._loop = None

    def _take(self) -> None:
        with self._lock:
            self._rung = False


class Heard(TimedOperation[None]):
    """See `Bell.heard`."""

    __slots__ = ("_bell",)

    def __init__(self, bell: Bell, timeout: float | timedelta | None) -> None:
        super().__init__(timeout)
        self._bell = bell

    def _begin(self) -> bool:
        return not self._bell._park(self, self.scheduler.loop)

    def _undo(self) -> None:
        self._bell._leave()

    def _take(self, outcome: Any) -> None:
        self._bell._take()


@dataclass(frozen=True, slots=True)
class WorkersStatistics:
    """Workers at one moment.

    Attributes:
        threads: that there are.
        idle: of them without work.
        waiting: jobs in the line.
    """

    threads: int
    idle: int
    waiting: int


class Workers:
    """At most so many threads, and a line before them.

    Args:
        threads: the most there are at once.
        name: what the threads' names begin with.
        idle: seconds without work, after which a thread ends.
    """

    def __init__(self, threads: int, name: str = "cogen-worker", idle: float = IDLE) -> None:
        if threads < 1:
            raise ValueError(f"threads is 1 or more: {threads}")
        self._most = threads
        self._name = name
        self._idle_time = idle
        self._numbers = itertools.count(1)
        self._work = threading.Condition()
        self._line: OrderedDict[Job, None] = OrderedDict()
        self._threads = 0
        self._idle = 0

    def submit(self, job: Job) -> None:
        """Run it in a thread when its turn comes. It is hashable, and not in the line already.

        What it raises is logged. Any thread may call this.
        """
        with self._work:
            self._line[job] = None
            if len(self._line) <= self._idle:
                self._work.notify()
                return
            if self._threads == self._most:
                return
            self._threads += 1
        name = f"{self._name}-{next(self._numbers)}"
        try:
            threading.Thread(target=self._run, name=name, daemon=True).start()
        except BaseException:  # no more threads can be had
            with self._work:
                self._threads -= 1
                if not self._threads:  # or it would wait for nobody
                    self._line.pop(job, None)
                    raise
            log.warning("a worker thread cannot be started: %d work", self._threads)

    def withdraw(self, job: Job) -> bool:
        """Take it out of the line; False if it was begun. Any thread may call this."""
        with self._work:
            return self._line.pop(job, self) is None

    def call(self, function: Callable[..., T], *args: Any) -> Called[T]:
        """Call it in a thread, once this is waited for; gives what it returns, or raises.

        Who no longer waits takes it out of the line; what was begun goes on, and nobody hears of
        its result. It is not ended when the server is stopped, but has until ``graceful_timeout``.
        """
        return Called(self, partial(function, *args))

    def statistics(self) -> WorkersStatistics:
        """What there is at this moment."""
        with self._work:
            return WorkersStatistics(self._threads, self._idle, len(self._line))

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except BaseException:
                log.exception("a worker's job failed")
            del job  # not kept while there is nothing to do

    def _next(self) -> Job | None:
        """The first in the line; None when there was none for a while."""
        with self._work:
            self._idle += 1
            try:
                if self._work.wait_for(lambda: self._line, self._idle_time):
                    return self._line.popitem(last=False)[0]
                self._threads -= 1
                return None
            finally:
                self._idle -= 1


class Called(Operation[T]):
    """See `Workers.call`. It is itself the job."""

    __slots__ = ("_function", "_loop", "_workers")

    def __init__(self, workers: Workers, function: Callable[[], T]) -> None:
        super().__init__()
        self._workers = workers
        self._function = function
        self._loop: Any = None

    def fail(self, error: BaseException) -> bool:
        return not isinstance(error, ServerClosing) and super().fail(error)

    def __call__(self) -> None:
        """The worker's call."""
        ended: Callable[[], Any]
        try:
            ended = partial(self.wake, self._function())
        except BaseException as error:
            ended = partial(super().fail, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(ended)
        del ended  # an error's traceback keeps this frame: no circle

    def _begin(self) -> bool:
        self._loop = self.scheduler.loop
        self._workers.submit(self)
        return False

    def _undo(self) -> None:
        self._workers.withdraw(self)
