"""Calls to the other side that have no answer yet.

Each has one outcome: what came back, that its time was over, or that the page is gone. It is there
whether or not anybody waits for it; a failure of which nobody heard is logged.
"""

from __future__ import annotations

import logging
from typing import Any

from chatapp.live.errors import CallError, ChannelLost
from cogen.core.operations import Operation
from cogen.core.timers import Timer, Timers
from cogen.errors import OperationTimeout

__all__ = ["Calls", "RemoteCall"]

log = logging.getLogger(__name__)


class RemoteCall(Operation[Any]):
    """A call of a method in the browser, that was made already: wait for its result, or do not.

    Raises, when it is waited for:
        RemoteError: the browser's method failed.
        OperationTimeout: no answer came in time.
        ChannelLost: the page is gone.
        ChannelFull: the call was not made.
    """

    __slots__ = ("_error", "_there", "_value", "name")

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self._there = False
        self._value: Any = None
        self._error: BaseException | None = None

    def __repr__(self) -> str:
        return f"<call of {self.name} in the browser>"

    def __del__(self) -> None:
        if isinstance(self._error, CallError | OperationTimeout):
            log.warning("nobody heard that %s failed in the browser: %s", self.name, self._error)

    def answer(self, value: Any) -> None:
        """It is done."""
        if not self.wake(value):
            self._there, self._value = True, value

    def fail_with(self, error: BaseException, heard: bool = False) -> None:
        """It is not.

        Args:
            heard: it needs no log line if nobody waits for it.
        """
        if not self.fail(error):
            self._there = True
            self._error = None if heard else error
            self._value = error

    def _begin(self) -> bool:
        if not self._there:
            return False
        value, self._value, self._error = self._value, None, None
        if isinstance(value, BaseException):
            try:
                raise value
            finally:
                del value  # the error's traceback keeps this frame: no circle
        self._outcome = value
        return True


class Calls:
    """Those of one channel.

    Args:
        timers: the scheduler's.
    """

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._waiting: dict[int, tuple[RemoteCall, Timer]] = {}
        self._made = 0

    def __len__(self) -> int:
        """How many have no answer yet."""
        return len(self._waiting)

    def add(self, call: RemoteCall, timeout: float) -> int:
        """It is made now; gives its number.

        Args:
            timeout: seconds until nobody believes in an answer any more.
        """
        self._made += 1
        timer = self._timers.add(timeout, _Overdue(self, self._made))
        self._waiting[self._made] = call, timer
        return self._made

    def take(self, number: int) -> RemoteCall | None:
        """The one that is answered; None: it has its outcome by now."""
        call, timer = self._waiting.pop(number, (None, None))
        if timer is not None:
            timer.cancel()
        return call

    def end(self, reason: str) -> None:
        """The page is gone: all that are left end with `ChannelLost`."""
        for number in list(self._waiting):
            call = self.take(number)
            if call is not None:
                call.fail_with(ChannelLost(reason), heard=True)


class _Overdue:
    """What the timer of a call is set for."""

    __slots__ = ("_calls", "_number")

    def __init__(self, calls: Calls, number: int) -> None:
        self._calls = calls
        self._number = number

    def expire(self) -> None:
        call = self._calls.take(self._number)
        if call is not None:
            call.fail_with(OperationTimeout(repr(call)))  # itself would be a circle
