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
from typing import Any, ClassVar, Final, Generic, ParamSpec, TypeVar

from cogen.core.drivers import Hub
from cogen.core.events import Join
from cogen.core.operations import Failed, Operation
from cogen.core.owners import Owner, local, owner
from cogen.core.waitlist import WaitList
from cogen.errors import CoroutineCancelled, OperationMisuse

__all__ = ["Call", "CoroutineInstance", "coro", "coroutine", "is_coroutine_function", "local"]

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

MADE: Final = 0
ALIVE: Final = 1
RUNNING: Final = 2
ENDING: Final = 3
RETURNED: Final = 4
RAISED: Final = 5
CANCELLED: Final = 6
_STATES: Final = ("made", "alive", "running", "ending", "returned", "raised", "cancelled")

# After so many results that were there at once, the others get their turn.
IMMEDIATE_RESULTS: Final = 64


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

    outside: ClassVar[bool] = False  # see Runnable

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
        self.scheduler: Hub = None  # type: ignore[assignment]  # until it is begun
        self._operation: Operation[Any] | None = None
        self._outcome: Any = None
        self._state = MADE
        # Only while it is alive: the context holds the coroutine, as its owner.
        self.context: Context | None = None
        self._generator: Generator[Any, Any, T] = _as_generator(function, args, kwargs or {})

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
        return self._state > ENDING

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
            error, traceback = self._outcome
            try:  # with its own traceback only, not that of those who joined before
                raise error.with_traceback(traceback)
            finally:
                del self, error, traceback  # the traceback keeps this frame: no circle
        if self._state == CANCELLED:
            raise CoroutineCancelled(self)
        if self._state != RETURNED:
            raise OperationMisuse(f"{self!r} has not ended")
        result: T = self._outcome
        return result

    @property
    def running(self) -> bool:
        """Its code is being executed at this moment."""
        return self._state == RUNNING or self._state == ENDING

    def begin(self, scheduler: Hub) -> None:
        """Give it to a scheduler (which does so in `Scheduler.add`).

        Raises:
            OperationMisuse: it has one.
        """
        if self._state != MADE:
            raise OperationMisuse(f"{self!r} was started before")
        self.scheduler = scheduler
        self.context = copy_context()
        self.context.run(owner.set, self)
        self._state = ALIVE
        scheduler.ready(self)

    def cancel(self) -> None:
        """End it where it waits: the operation is undone, ``finally`` blocks run.

        No effect on one that has ended. One that is running, because it cancels itself or its
        caller, ends at its next yield.
        """
        # Whom it called, and whom that called; no recursion, as calls may be nested very deep.
        ends: list[CoroutineInstance[Any]] = []
        each: CoroutineInstance[Any] = self
        while not each.ended:
            if each.running:
                each._state = ENDING
                break
            each._state = CANCELLED
            ends.append(each)
            if not isinstance(each._operation, Call):
                break
            each = each._operation.called
        while ends:
            ends.pop()._close()

    def _close(self) -> None:
        operation, self._operation = self._operation, None
        try:
            if operation is not None:
                operation.cancel()
            if self.context is None or owner.get() is self:
                self._generator.close()
            else:
                self.context.run(self._generator.close)
        except Exception:
            log.exception("%s raised while it was cancelled", self.name)
        finally:  # also when KeyboardInterrupt passes through
            self._leave()

    def unclaimed(self) -> None:
        """Who was to hear of its end was cancelled: an error is not to be lost with that."""
        if self._state == RAISED:
            self._log("failed, and who waited for it was cancelled")

    # The driver

    def wake(self) -> None:
        """The operation has an outcome: run when it is its turn."""
        self.scheduler.ready(self)

    def run(self) -> None:
        """The scheduler's call."""
        if self._state != ALIVE:
            return  # cancelled in the ready queue
        assert self.context is not None
        self._state = RUNNING
        try:
            self.context.run(self._step)
            if self._state == RUNNING:
                self._state = ALIVE
            elif self._state == ENDING:
                self._state = ALIVE
                self.cancel()
        finally:
            del self  # see _step

    def _step(self) -> None:
        operation, self._operation = self._operation, None
        value: Any = None
        error: BaseException | None = None
        waited: Any = None
        budget = IMMEDIATE_RESULTS
        try:
            while True:
                if operation is not None:
                    try:
                        value = operation.result()
                    except BaseException as raised:
                        error = raised
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
                if self._state == ENDING:
                    return
                if waited is None:
                    break
                try:
                    if isinstance(waited, Operation):
                        operation = waited
                    else:
                        operation = self.scheduler.operation(waited)
                    if not operation.start(self):
                        self._operation = operation
                        return
                except Exception as raised:
                    operation = Failed(raised)
                budget -= 1
                if not budget:  # its results come at once, again and again: the others first
                    self._operation = operation
                    break
            self.scheduler.ready(self)
        finally:
            # An error's traceback keeps this frame, and the coroutine, or who waits for it, keeps
            # the error: without these names reference counts alone free them all.
            del self, operation, waited, error

    def _end(self, state: int, outcome: Any) -> None:
        if state == RAISED:
            self._state, self._outcome = state, (outcome, outcome.__traceback__)
            # Those two are no failure of the coroutine's: they pass through to the program.
            if not self.joiners and not isinstance(outcome, KeyboardInterrupt | SystemExit):
                self._log("failed, and nobody waits for it")
        else:
            self._state, self._outcome = state, outcome
        self._leave()

    def _log(self, what: str) -> None:
        log.error("coroutine %s %s", self.name, what, exc_info=self._outcome[0])

    def _leave(self) -> None:
        self.context = None
        self.joiners.wake_all()
        if self.scheduler is not None:
            self.scheduler.left()


class Call(Join[T]):
    """What yielding a coroutine does: start it unless it runs, and wait for its end.

    Unlike a `Join`, it owns the coroutine: cancelled or timed out, it cancels that too.
    """

    __slots__ = ("called",)
    __deletable__ = ("called",)  # see docs/compiled.md

    def __init__(self, coro: CoroutineInstance[T]) -> None:
        super().__init__(coro)
        self.called = coro

    def _begin(self) -> bool:
        if not self.called.begun:
            self.scheduler.add(self.called)
        return super()._begin()

    def _undo(self) -> None:
        super()._undo()
        self.called.cancel()

    def _take(self, outcome: Any) -> T:
        del self.called
        return super()._take(outcome)


def _as_generator(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Generator[Any, Any, Any]:
    """The generator of a generator function; for any other, one that calls it."""
    if inspect.isgeneratorfunction(function):
        generator: Generator[Any, Any, Any] = function(*args, **kwargs)
        return generator
    return _call(function, args, kwargs)


def _call(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Generator[Any, Any, Any]:
    result = function(*args, **kwargs)
    if isinstance(result, Generator):
        return (yield from result)
    if inspect.isawaitable(result):  # an async function's, or of a function that calls a coroutine
        return (yield result)
    return result
