"""The events of the original that are neither a queue's nor a socket's; and `AnyOf`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol, TypeVar

from cogen.core.anyof import AnyOf
from cogen.core.operations import Operation, TimedOperation
from cogen.core.waitlist import WaitList
from cogen.errors import OperationTimeout

__all__ = [
    "AddCoro",
    "AnyOf",
    "Join",
    "Joinable",
    "Operation",
    "OperationTimeout",
    "Signal",
    "Sleep",
    "TimedOperation",
    "WaitForSignal",
]

T = TypeVar("T")


class Sleep(TimedOperation[None]):
    """Wait for ``seconds`` (a number or a ``timedelta``); gives None."""

    __slots__ = ()

    def __init__(self, seconds: float | timedelta) -> None:
        super().__init__(seconds)

    def _begin(self) -> bool:
        return False

    def expire(self) -> None:
        self.wake()


class AddCoro(Operation[Any]):
    """Start a coroutine that runs beside the caller; gives its `CoroutineInstance` at once."""

    __slots__ = ("_args", "_coro", "_kwargs")

    def __init__(
        self, coro: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> None:
        super().__init__()
        self._coro, self._args, self._kwargs = coro, args, kwargs or {}

    def _begin(self) -> bool:
        self._outcome = self.scheduler.add(self._coro, self._args, self._kwargs)
        return True


class Joinable(Protocol):
    """What can be joined: a coroutine."""

    joiners: WaitList

    @property
    def ended(self) -> bool: ...

    def outcome(self) -> Any:
        """What it returned; raises what it raised."""
        ...

    def unclaimed(self) -> None:
        """Who was to hear of its end has gone."""


class Join(TimedOperation[T]):
    """Wait for a coroutine's end; gives what it returned, or raises what it raised.

    Raises:
        CoroutineCancelled: it was cancelled.
    """

    __slots__ = ("_coro",)
    __deletable__ = ("_coro",)  # see docs/compiled.md

    def __init__(self, coro: Joinable, timeout: float | timedelta | None = None) -> None:
        super().__init__(timeout)
        self._coro = coro

    def _begin(self) -> bool:
        if self._coro.ended:
            return True
        self._coro.joiners.park(self)
        return False

    def _undo(self) -> None:
        self._coro.joiners.remove(self)

    def _take(self, outcome: Any) -> T:
        coro = self._coro
        del self._coro
        try:
            result: T = coro.outcome()
            return result
        finally:
            del coro  # its error's traceback keeps this frame: no circle

    def _give_back(self) -> None:
        self._coro.unclaimed()


class WaitForSignal(TimedOperation[Any]):
    """Wait until somebody signals ``name`` (any hashable); gives the signal's value."""

    __slots__ = ("name",)

    def __init__(self, name: Any, timeout: float | timedelta | None = None) -> None:
        super().__init__(timeout)
        self.name = name

    def _begin(self) -> bool:
        signals = self.scheduler.signals
        for signal in signals.held(self.name):
            if signal.completed():
                self._outcome = signal.value
                return True
        signals.listen(self.name, self)
        return False

    def _undo(self) -> None:
        self.scheduler.signals.unlisten(self.name, self)


class Signal(TimedOperation[int]):
    """Wake everyone who waits for ``name``; gives how many were woken.

    Args:
        name: any hashable.
        value: what those who wait for it get.
        recipients: wait until at least so many are waiting.
        first: they run before everything else that is ready (the original's ``priority.FIRST``).
        timeout: how long to wait for the recipients.
    """

    __slots__ = ("first", "name", "recipients", "value")

    def __init__(
        self,
        name: Any,
        value: Any = None,
        recipients: int = 0,
        *,
        first: bool = False,
        timeout: float | timedelta | None = None,
    ) -> None:
        super().__init__(timeout)
        self.name, self.value, self.recipients, self.first = name, value, recipients, first

    def _begin(self) -> bool:
        if self.scheduler.signals.listening(self.name) < self.recipients:
            self.scheduler.signals.hold(self.name, self)
            return False
        self._outcome = self._deliver()
        return True

    def _undo(self) -> None:
        self.scheduler.signals.release(self.name, self)

    def completed(self) -> bool:
        """One more is about to wait for the name: True if that was the last one it waited for."""
        signals = self.scheduler.signals
        if signals.listening(self.name) + 1 < self.recipients:
            return False
        signals.release(self.name, self)
        self.wake(self._deliver() + 1)
        return True

    def _deliver(self) -> int:
        scheduler = self.scheduler
        if self.first:
            return scheduler.ahead(lambda: scheduler.signals.deliver(self.name, self.value))
        return scheduler.signals.deliver(self.name, self.value)
