"""Operations: the one thing that can be waited for.

An operation is made by whoever wants to wait, started once by a *driver* (the coroutine, the
``await`` or the WSGI request that waits), and ended once by whatever it waits on:

    NEW ── start ──▶ PARKED ── wake / fail / timeout ──▶ READY ── result ──▶ TAKEN
      └───── has its result at once ─────────────────────┘
    PARKED, READY ── cancel ──▶ CANCELLED

Invariant: **nothing is taken before the waiting code goes on.** Waking an operation only promises
it a result; `result()` takes it, in the step in which the driver resumes. An operation that is
cancelled between the two gives the promise back, so a connection that drops in that moment costs
no message. (asyncio and trio hand the item over in the wake and must undo it.)

A driver (`Driver`) is any object with ``scheduler``, ``context`` and ``wake()``; ``wake`` is called
at most once for each `start` that returned False, and never within it. A subclass writes four
small methods:

    _begin() -> bool    try now: True if the result is there, False when parked somewhere
    _undo()             leave the place where it is parked
    _take(outcome)      the result, taken in this moment; by default what the wake promised
    _give_back()        a promised result is not wanted: let it go to the next
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any, ClassVar, Final, Generic, TypeVar

from mypy_extensions import mypyc_attr

from cogen.core.drivers import Driver, Hub
from cogen.core.timers import Timer
from cogen.errors import OperationMisuse, OperationTimeout

__all__ = ["Failed", "Operation", "TimedOperation"]

T = TypeVar("T")

NEW: Final = 0
PARKED: Final = 1
READY: Final = 2
FAILED: Final = 3
TAKEN: Final = 4
CANCELLED: Final = 5
_STATES: Final = ("new", "parked", "ready", "failed", "taken", "cancelled")


@mypyc_attr(allow_interpreted_subclasses=True)
class Operation(Generic[T]):
    """Something that can be waited for, once: ``yield`` it in a coroutine, or ``await`` it."""

    __slots__ = ("_driver", "_outcome", "_state")

    # `await operation` needs asyncio, which this module does not know: cogen.core.awaiting sets it.
    awaited: ClassVar[Callable[[Operation[Any]], Generator[Any, None, Any]]]

    def __init__(self) -> None:
        self._state = NEW
        self._driver: Driver | None = None
        self._outcome: Any = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {_STATES[self._state]}>"

    def __await__(self) -> Generator[Any, None, T]:
        return Operation.awaited(self)

    @property
    def parked(self) -> bool:
        """True while it waits: it can still be woken, failed or cancelled."""
        return self._state == PARKED

    # What drivers call

    def start(self, driver: Driver) -> bool:
        """Begin, once. True: `result()` is there now. False: ``driver.wake()`` will be called.

        Raises:
            OperationMisuse: it was started before; an operation waits only once.
            Exception: whatever the operation's own beginning raises; it is then not parked.
        """
        if self._state != NEW:
            raise OperationMisuse(f"{self!r} was started before: make a new one for each wait")
        self._driver = driver
        del driver  # an error's traceback keeps this frame: it must not keep the driver
        try:
            ready = self._begin()
        except BaseException:
            self._state, self._driver = TAKEN, None
            raise
        if ready:
            self._state = READY
            return True
        self._state = PARKED
        self._on_park()
        return False

    def result(self) -> T:
        """Take the result, or raise the error. Once, and only when there is one.

        Raises:
            OperationMisuse: there is none, or it was taken.
            OperationTimeout: the timeout ended it.
        """
        state, outcome = self._state, self._outcome
        if state != READY and state != FAILED:
            raise OperationMisuse(f"{self!r} has no result to take")
        self._state = TAKEN
        self._driver = self._outcome = None
        if state == FAILED:
            try:
                raise outcome
            finally:
                del outcome  # the error's traceback keeps this frame: no circle
        return self._take(outcome)

    def cancel(self) -> None:
        """Nobody waits any more: leave the queue, or let a promised result go to the next."""
        state, self._state = self._state, CANCELLED
        if state == PARKED:
            self._undo()
        elif state == READY:
            self._give_back()
        elif state == TAKEN:
            self._state = TAKEN
        self._driver = self._outcome = None

    # What the thing waited on calls

    def wake(self, value: Any = None) -> bool:
        """Promise it the result. False when it no longer waits: then nothing has changed."""
        if self._state != PARKED:
            return False
        self._state = READY
        self._outcome = value
        self._driver.wake()  # type: ignore[union-attr]  # it is parked
        return True

    def fail(self, error: BaseException) -> bool:
        """End it with an exception; a result that was promised and not taken is given back.

        False when it has ended: then nothing has changed.
        """
        state = self._state
        if state != PARKED and state != READY:
            return False
        self._state, self._outcome = FAILED, error
        if state == READY:  # its driver was woken with the promise
            self._give_back()
            return True
        try:
            self._undo()
        finally:  # or the driver would wait for ever
            if self._driver is not None:
                self._driver.wake()
        return True

    # What subclasses write

    def _begin(self) -> bool:
        raise NotImplementedError

    def _on_park(self) -> None:
        """It waits from now on; `TimedOperation` sets its timeout here."""

    def _undo(self) -> None:
        pass

    def _take(self, outcome: Any) -> T:
        result: T = outcome
        return result

    def _give_back(self) -> None:
        pass

    @property
    def scheduler(self) -> Hub:
        """The driver's scheduler; only while the operation is under way."""
        if self._driver is None:
            raise OperationMisuse(f"{self!r} is not under way")
        return self._driver.scheduler


class Failed(Operation[Any]):
    """What could not be started, in the place of a result: taking it raises the error."""

    __slots__ = ()

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._state, self._outcome = FAILED, error


@mypyc_attr(allow_interpreted_subclasses=True)
class TimedOperation(Operation[T]):
    """An operation with a timeout.

    Args:
        timeout: seconds (or a ``timedelta``), or None to wait without end. When they are over the
            operation ends with `OperationTimeout`; with 0 it ends in the scheduler's next turn
            unless the result is there at once.
    """

    __slots__ = ("_timer", "timeout")

    def __init__(self, timeout: float | timedelta | None = None) -> None:
        # Flat, as is `wake`: these two are on the path of every message to everyone.
        self._state = NEW
        self._driver = None
        self._outcome = None
        self._timer: Timer | None = None
        self.timeout = timeout if timeout is None else _seconds(timeout)

    def _on_park(self) -> None:
        # Set only now: a beginning that raises or succeeds at once leaves no stray timeout.
        if self.timeout is not None:
            self._timer = self._driver.scheduler.timers.add(self.timeout, self)  # type: ignore[union-attr]

    def wake(self, value: Any = None) -> bool:
        if self._state != PARKED:
            return False
        timer = self._timer
        if timer is not None:
            timer.target = self._timer = None
        self._state = READY
        self._outcome = value
        self._driver.wake()  # type: ignore[union-attr]  # it is parked
        return True

    def fail(self, error: BaseException) -> bool:
        self._disarm()
        return super().fail(error)

    def cancel(self) -> None:
        self._disarm()
        super().cancel()

    @property
    def left(self) -> float:
        """Seconds that its timeout still has; 0 when it has none, or does not wait."""
        return self._timer.left if self._timer is not None else 0.0

    def expire(self) -> None:
        """The timer's call."""
        self.fail(OperationTimeout(self))

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _seconds(timeout: float | timedelta) -> float:
    if type(timeout) is float and timeout >= 0.0:
        return timeout
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else float(timeout)
    if not seconds >= 0:  # also refuses NaN
        raise ValueError(f"a timeout is a number of seconds, 0 or more: {timeout!r}")
    return seconds
