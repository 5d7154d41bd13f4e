"""AnyOf: wait for whichever of several operations is the first to have an outcome.

Each of them has a driver of its own (`_Branch`), which says which one it was. The first ends the
wait: in that moment the others are cancelled, so nothing is promised to them that nobody will take.
Its own result is taken, as always, when the waiting code goes on; cancelled before that, the first
gives its promise back too.
"""

from __future__ import annotations

from contextvars import Context
from datetime import timedelta
from typing import Any

from cogen.core.drivers import Hub
from cogen.core.operations import Operation, TimedOperation

__all__ = ["AnyOf"]


class AnyOf(TimedOperation[tuple[int, Any]]):
    """Wait for the first of these; gives its place among them (0, 1 …) and its result.

    Args:
        waitables: operations, coroutines or asyncio awaitables, begun in this order. The others are
            cancelled, and with them what they own: a coroutine, an asyncio task. Those after one
            that has its outcome at once are never begun.
        timeout: for all of them together.

    Raises:
        ValueError: there are none.
        Exception: what the first raises, when it failed; also one that fails when it is started.
    """

    __slots__ = ("_first", "_operations", "_waitables")

    def __init__(self, *waitables: Any, timeout: float | timedelta | None = None) -> None:
        super().__init__(timeout)
        if not waitables:
            raise ValueError("there is nothing to wait for")
        self._waitables = waitables
        self._operations: list[Operation[Any]] = []
        self._first: int | None = None

    def ended(self, index: int) -> None:
        """A branch's call: its operation has an outcome."""
        if self._first is None:
            self._first = index
            self._cancel_others()
            self.wake()

    def _begin(self) -> bool:
        scheduler, driver = self.scheduler, self._driver
        assert driver is not None
        waitables, self._waitables = self._waitables, ()
        for index, waitable in enumerate(waitables):
            branch = _Branch(self, index, scheduler, driver.context)
            try:
                operation = scheduler.operation(waitable)
                ready = operation.start(branch)
            except BaseException:
                self._undo()
                raise
            self._operations.append(operation)
            if ready:
                self.ended(index)
            if self._first is not None:  # it, or another that it has woken
                self._cancel_others()
                return True
        return False

    def _undo(self) -> None:
        operations, self._operations = self._operations, []
        for operation in operations:
            operation.cancel()

    def _take(self, outcome: Any) -> tuple[int, Any]:
        operations, self._operations = self._operations, []
        index = self._first
        assert index is not None
        return index, operations[index].result()

    def _give_back(self) -> None:
        self._undo()

    def _cancel_others(self) -> None:
        for index, operation in enumerate(self._operations):
            if index != self._first:
                operation.cancel()


class _Branch:
    """The driver of one of them."""

    __slots__ = ("_all", "_index", "context", "scheduler")

    def __init__(self, all: AnyOf, index: int, scheduler: Hub, context: Context | None) -> None:
        self._all = all
        self._index = index
        self.scheduler = scheduler
        self.context = context

    def wake(self) -> None:
        self._all.ended(self._index)
