"""Generator coroutines: the first of the three drivers.

    @coro
    def greet(queue):
        name = yield queue.get(timeout=10)   # waits; raises OperationTimeout
        yield other_coroutine(name)          # calls it: runs it to its end, gives what it returns
        yield                                # lets everyone else run first
        return "hello " + name               # what Join gives

Only `CoroutineInstance._step` resumes a generator.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Generator
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from cogen.core.events import Join
from cogen.core.operations import Operation
from cogen.core.owners import Owner, local, owner
from cogen.core.waitlist import WaitList
from cogen.errors import CoroutineCancelled, OperationMisuse

if TYPE_CHECKING:
    from cogen.core.schedulers import Scheduler

__all__ = ["Call", "CoroutineInstance", "coro", "coroutine", "is_coroutine_function", "local"]

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

MADE, ALIVE, RETURNED, RAISED, CANCELLED = range(5)
_STATES = ("made", "alive", "returned", "raised", "cancelled")

# After so many results that were there at once, the others get their turn.
IMMEDIATE_RESULTS = 64


def coroutine(function: Callable[P, Generator[Any, Any, T]]) -> Callable[P, CoroutineInstance[T]]:
    """Make calls of a generator function into coroutines.

    The call only makes it. It runs when a scheduler gets it (`Scheduler.add`, `AddCoro`), or when
    another coroutine yields it, which waits for its end.

    Raises:
        TypeError: an ``async def`` function, which can be awaited as it is.
    """
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{function.__qualname__} is async def: await it, no decorator is needed")

    @functools.wraps(function)
    def make(*args: P.args, **kwargs: P.kwargs) -> CoroutineInstance[T]:
        return CoroutineInstance(function, args, kwargs)

    make.__cogen_coroutine__ = True  # type: ignore[attr-defined]
    return make


coro = coroutine


def is_coroutine_function(thing: object) -> bool:
    """Whether calling it makes a coroutine: it, or the method it is, was decorated with `coro`."""
    return getattr(thing, "__cogen_coroutine__", False)


class CoroutineInstance(Owner, Generic[T]):
    """One call of a coroutine function: waits for one operation at a time, ends once."""

    __slots__ = (
        "_generator",
        "_operation",
        "_outcome",
        "_state",
        "context",
        "joiners",
        "name",
        "scheduler",
    )

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> None:
        super().__init__()
        self.name = getattr(function, "__qualname__", repr(function))
        self.joiners = WaitList()
        self.scheduler: Scheduler = None  # type: ignore[assignment]  # until it is begun
        self._operation: Operation[Any] | None = None
        self._outcome: Any = None
        self._state = MADE
        self.context: Context = copy_context()
        self.context.run(owner.set, self)
        self._generator: Generator[Any, Any, T] = self.context.run(
            _as_generator, function, args, kwargs or {}
        )

    def __repr__(self) -> str:
        waiting = f" waiting for {self._operation!r}" if self._operation is not None else ""
        return f"<coroutine {self.name} {_STATES[self._state]}{waiting}>"

    def __await__(self) -> Generator[Any, None, T]:
        return Call(self).__await__()

    @property
    def begun(self) -> bool:
        """A scheduler has it."""
        return self._state != MADE

    @property
    def ended(self) -> bool:
        """It returned, raised or was cancelled."""
        return self._state > ALIVE

    @property
    def waiting_for(self) -> Operation[Any] | None:
        """The operation it is parked on, or None."""
        return self._operation

    def outcome(self) -> T:
        """What it returned.

        Raises:
            OperationMisuse: it has not ended.
            CoroutineCancelled: it was cancelled.
            BaseException: what it raised.
        """
        if self._state == RAISED:
            raise self._outcome
        if self._state == CANCELLED:
            raise CoroutineCancelled(self)
        if self._state != RETURNED:
            raise OperationMisuse(f"{self!r} has not ended")
        result: T = self._outcome
        return result

    @property
    def running(self) -> bool:
        """Its code is being executed at this moment."""
        return inspect.getgeneratorstate(self._generator) == inspect.GEN_RUNNING

    def begin(self, scheduler: Scheduler) -> None:
        """Give it to a scheduler (which does so in `Scheduler.add`).

        Raises:
            OperationMisuse: it has one.
        """
        if self._state != MADE:
            raise OperationMisuse(f"{self!r} was started before")
        self.scheduler = scheduler
        self._state = ALIVE
        scheduler.ready(self)

    def cancel(self) -> None:
        """End it where it waits: the operation is undone, ``finally`` blocks run.

        No effect on one that has ended.

        Raises:
            OperationMisuse: a coroutine cannot cancel itself; it can return.
        """
        if self.ended:
            return
        if self.running:
            raise OperationMisuse(f"{self!r} cannot cancel itself")
        self._state = CANCELLED
        if self._operation is not None:
            self._operation.cancel()
            self._operation = None
        try:
            self.context.run(self._generator.close)
        except Exception:
            log.exception("%s raised while it was cancelled", self.name)
        self._leave()

    # The driver

    def wake(self) -> None:
        """The operation has an outcome: run when it is its turn."""
        self.scheduler.ready(self)

    def run(self) -> None:
        """The scheduler's call."""
        if self._state == ALIVE:
            self.context.run(self._step)

    def _step(self) -> None:
        operation, self._operation = self._operation, None
        value: Any = None
        error: BaseException | None = None
        budget = IMMEDIATE_RESULTS
        while True:
            if operation is not None:
                try:
                    value, error = operation.result(), None
                except BaseException as raised:
                    value, error = None, raised
            try:
                if error is None:
                    waited = self._generator.send(value)
                else:
                    waited = self._generator.throw(error)
            except StopIteration as stop:
                self._end(RETURNED, stop.value)
                return
            except BaseException as raised:
                self._end(RAISED, raised)
                if isinstance(raised, KeyboardInterrupt | SystemExit):
                    raise
                return
            value = operation = error = None
            if waited is None:
                break
            try:
                operation = self.scheduler.operation(waited)
                if not operation.start(self):
                    self._operation = operation
                    return
            except Exception as raised:
                operation, error = None, raised
                continue
            budget -= 1
            if not budget:  # its results come at once, again and again: the others first
                self._operation = operation
                break
        self.scheduler.ready(self)

    def _end(self, state: int, outcome: Any) -> None:
        self._state, self._outcome = state, outcome
        if state == RAISED and not self.joiners:
            log.error("coroutine %s failed, and nobody waits for it", self.name, exc_info=outcome)
        self._leave()

    def _leave(self) -> None:
        self.joiners.wake_all()
        if self.scheduler is not None:
            self.scheduler.left()


class Call(Join[T]):
    """What yielding a coroutine does: start it unless it runs, and wait for its end.

    Unlike a `Join`, it owns the coroutine: cancelled or timed out, it cancels that too.
    """

    __slots__ = ()

    def _begin(self) -> bool:
        if not self._coro.begun:
            self.scheduler.add(self._coro)
        return super()._begin()

    def _undo(self) -> None:
        super()._undo()
        self._coro.cancel()


def _as_generator(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Generator[Any, Any, Any]:
    """The generator of a generator function; one that only returns for a plain function."""
    if inspect.isgeneratorfunction(function):
        generator: Generator[Any, Any, Any] = function(*args, **kwargs)
        return generator
    return _call(function, args, kwargs)


def _call(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Generator[Any, Any, Any]:
    result = function(*args, **kwargs)
    if inspect.isgenerator(result):
        return (yield from result)
    return result
    yield
