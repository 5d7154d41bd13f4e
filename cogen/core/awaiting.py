"""Between operations and asyncio, both ways: the second of the three drivers.

`await operation` needs neither Future nor Task of its own. What it yields to the task is the
driver itself, which has what asyncio asks of a future-compatible object (``asyncio.isfuture``): the
task registers its wake-up, and is told when the operation has an outcome. The outcome is taken in
the task's next step, so a task that is cancelled in between gives it back.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Generator
from contextvars import Context, copy_context
from typing import Any, ClassVar, TypeVar

from cogen.core.drivers import Hub
from cogen.core.operations import Operation
from cogen.core.owners import owner
from cogen.errors import CoroutineCancelled

__all__ = ["AwaitDriver", "Awaiting", "awaitable"]

T = TypeVar("T")


class AwaitDriver:
    """One ``await`` of one operation, seen by asyncio's task as the future it waits for."""

    outside: ClassVar[bool] = False  # see Runnable

    __slots__ = (
        "_asyncio_future_blocking",
        "_callbacks",
        "_done",
        "_operation",
        "context",
        "scheduler",
    )

    def __init__(self, scheduler: Hub, operation: Operation[Any]) -> None:
        self._asyncio_future_blocking = False
        self._callbacks: list[tuple[Callable[[Any], Any], Context]] = []
        self._done = False
        self._operation = operation
        self.context: Context | None = None
        self.scheduler = scheduler

    def wake(self) -> None:
        """The operation's call: run the task when it is its turn."""
        if not self._done:
            self._done = True
            self.scheduler.ready(self)

    def run(self) -> None:
        """The scheduler's call."""
        callbacks, self._callbacks = self._callbacks, []
        entry: Any = None
        try:
            for entry in callbacks:
                entry[1].run(entry[0], self)
        finally:
            # The traceback of the task's error keeps this frame, and the task keeps the error.
            del self, callbacks, entry

    # The task's side

    def get_loop(self) -> Any:
        return self.scheduler.loop

    def done(self) -> bool:
        return self._done

    def cancelled(self) -> bool:
        return False

    def result(self) -> None:
        """The outcome is taken in `wait`, not here, so that it can still be given back."""

    def exception(self) -> None:
        return None

    def add_done_callback(
        self, callback: Callable[[Any], Any], *, context: Context | None = None
    ) -> None:
        if self._done:
            self.scheduler.loop.call_soon(callback, self, context=context)
        else:
            self._callbacks.append((callback, copy_context() if context is None else context))

    def remove_done_callback(self, callback: Callable[[Any], Any]) -> int:
        before = len(self._callbacks)
        self._callbacks = [entry for entry in self._callbacks if entry[0] != callback]
        return before - len(self._callbacks)

    def cancel(self, msg: Any = None) -> bool:
        # False: "too late", so the task raises CancelledError in its next step, at the yield below.
        if not self._done:
            self.wake()
        return False

    def wait(self) -> Generator[Any, None, Any]:
        """The generator behind ``await``."""
        operation = self._operation
        if operation.start(self):
            return operation.result()
        request = owner.get()
        if request is not None:
            request.awaits(operation)
        try:
            while operation.parked:
                self._done = False  # it was woken by a cancellation that was taken back
                self._asyncio_future_blocking = True
                yield self
            return operation.result()
        except BaseException:
            operation.cancel()
            raise
        finally:
            if request is not None:
                request.awaited(operation)


class Awaiting(Operation[T]):
    """An asyncio awaitable as an operation: what it returns, or raises.

    Args:
        awaitable: a coroutine (run as a task in the waiter's context), a future, or any object
            with ``__await__``. Cancelling the operation cancels it.

    Raises:
        CoroutineCancelled: somebody else cancelled the awaitable. (asyncio's ``CancelledError``
            would say that whoever waits is to end.)
    """

    __slots__ = ("_awaitable", "_future")
    __deletable__ = ("_awaitable",)  # see docs/compiled.md

    def __init__(self, awaitable: Awaitable[T]) -> None:
        super().__init__()
        self._awaitable = awaitable
        self._future: asyncio.Future[T] | None = None

    def _begin(self) -> bool:
        loop, awaitable = self.scheduler.loop, self._awaitable
        del self._awaitable
        future: asyncio.Future[T]
        if asyncio.iscoroutine(awaitable):
            # In the waiter's own context, so that what is set in it is seen after the wait.
            assert self._driver is not None
            future = loop.create_task(awaitable, context=self._driver.context)
        else:
            future = asyncio.ensure_future(awaitable, loop=loop)
        self._future = future
        if future.done():
            return True
        future.add_done_callback(self._done)
        return False

    def _done(self, _future: asyncio.Future[T]) -> None:
        self.wake()

    def _undo(self) -> None:
        if self._future is not None:
            self._future.remove_done_callback(self._done)
            self._future.cancel()

    def _take(self, outcome: Any) -> T:
        future, self._future = self._future, None
        assert future is not None
        try:
            if future.cancelled():
                raise CoroutineCancelled(future)
            return future.result()
        finally:
            del future  # its error's traceback keeps this frame: no circle


def awaitable(thing: object) -> bool:
    """Whether asyncio can wait for it."""
    return inspect.isawaitable(thing) or asyncio.isfuture(thing)
