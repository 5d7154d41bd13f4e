"""Who waits, and what they share: the two protocols between operations and everything that runs.

Operations know nothing of coroutines, requests or event loops, only these; so the imports of this
package run one way.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any, ClassVar, Protocol, TypeVar

from cogen.core.signals import Signals
from cogen.core.timers import Timers

__all__ = ["Driver", "Hub", "Runnable"]

T = TypeVar("T")


class Runnable(Protocol):
    """What stands in the ready queue: a driver whose operation has an outcome.

    Attributes:
        outside: it is run as if no event loop ran in this thread.
    """

    outside: ClassVar[bool]

    def run(self) -> None: ...


class Hub(Protocol):
    """The scheduler, as operations and drivers see it."""

    loop: Any
    timers: Timers
    signals: Signals

    def add(
        self, coro: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Start a coroutine; gives it."""
        ...

    def left(self) -> None:
        """A coroutine has ended."""
        ...

    def operation(self, waited: Any) -> Any:
        """What a coroutine or a request may wait for, as an operation."""
        ...

    def ready(self, runnable: Runnable) -> None:
        """Run it when its turn comes."""
        ...

    def ahead(self, wake: Callable[[], T]) -> T:
        """Let those whom ``wake`` wakes run before everyone who is ready now."""
        ...


class Driver(Protocol):
    """Whoever waits: a generator coroutine, an ``await``, a WSGI request."""

    @property
    def scheduler(self) -> Hub:
        """Whose timers and signals count."""
        ...

    @property
    def context(self) -> Context | None:
        """Where its code runs; None: wherever it happens to be."""
        ...

    def wake(self) -> None:
        """The operation that was started has an outcome: go on as soon as possible."""
