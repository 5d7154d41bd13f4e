"""Sees every wait of a running chat: what a coroutine or a request waits for, and where in it.

Nothing is patched and no list is kept: the loop's callbacks are followed, and whoever stands first
in the scheduler's queues is looked at before its step, and after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, cast

from cogen.core.coroutines import CoroutineInstance
from cogen.core.operations import Operation
from cogen.web.exchange import Exchange
from tests.chatapp.harness import Line, Site

ROOT = Path(__file__).parent.parent.parent
HELPERS = {"base.py"}  # of every action: who called them is what waits


class _Nobody:
    outside = False
    exchange = None

    def run(self) -> None:
        pass


NOBODY = _Nobody()


class When(Enum):
    """Two moments of each wait."""

    PARKED = "parked"  # it has just begun
    WOKEN = "woken"  # its outcome is there, and the code has not gone on


class Point(NamedTuple):
    """A place in the code that waits.

    Attributes:
        who: the coroutine's name, or the request's method and path.
        what: the operation's type.
        where: file, line and function; "" in compiled code, which has no frames.
    """

    who: str
    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.who} waits for {self.what} at {self.where or '?'}"


class Moment(NamedTuple):
    """One of the two moments of one wait.

    Attributes:
        number: how many moments of this kind at this point were before it.
        clients: those of the site in this moment.
    """

    point: Point
    when: When
    number: int
    driver: CoroutineInstance[Any] | Exchange
    operation: Operation[Any]
    clients: Sequence[Any]

    @property
    def line(self) -> Line | None:
        """The connection of the request, or of that which waits for the coroutine, or has it beside
        itself, or is a terminal's; None if there is none."""
        driver, held = self.driver, _held(self.driver)
        for client in self.clients:
            exchange = client.connection.exchange
            asks = [] if exchange is None else [exchange, getattr(exchange.waiting_for, "_coro", 0)]
            if any(driver is each for each in asks) or held & {id(each) for each in client.parts}:
                return cast(Line, client)
        return None

    @property
    def key(self) -> tuple[Point, When, int]:
        """The same in every run."""
        return self.point, self.when, self.number


class Waits:
    """Tells of each moment of each wait, in the moment; of all of them when the slice size is 1.

    Args:
        tell: may do whatever may happen in that moment.
    """

    def __init__(self, tell: Callable[[Moment], None]) -> None:
        self._tell = tell
        self._counts: Counter[tuple[Point, When]] = Counter()

    def follow(self, site: Site) -> None:
        """From now on."""
        loop, scheduler = site.loop, site.scheduler
        call_soon = loop.call_soon

        def seen(callback: Callable[..., Any], *args: Any) -> None:
            if getattr(callback, "__name__", "") != "_run_slice":
                callback(*args)
                return
            if scheduler._arrivals and not scheduler._ready:
                scheduler.ready(NOBODY)  # else whom the first makes ready has its step unseen
            first = _next(scheduler)
            for each in first:
                self._look(site, each, When.WOKEN)
            first = [each for each in first if _waiting(each) is None or _ready(each)]
            callback(*args)
            for each in first:
                self._look(site, each, When.PARKED)

        def followed(callback: Callable[..., Any], *args: Any, context: Any = None) -> None:
            call_soon(seen, callback, *args, context=context)

        loop.call_soon = followed  # type: ignore[method-assign]

    def _look(self, site: Site, runnable: Any, when: When) -> None:
        driver = _driver(runnable)
        operation = _waiting(runnable)
        if operation is None or operation.parked is not (when is When.PARKED):
            return
        point = Point(_who(driver), type(operation).__name__, _where(driver))
        number = self._counts[point, when]
        self._counts[point, when] += 1
        self._tell(Moment(point, when, number, driver, operation, site.clients))


def _next(scheduler: Any) -> list[Any]:
    """Whose turn it is in the next slice."""
    queues, size = (scheduler._arrivals, scheduler._ready), scheduler._slice_size
    return [each for queue in queues for each in islice(queue, size)]


def _driver(runnable: Any) -> Any:
    """The one who waits; of a connection the request that it answers."""
    return getattr(runnable, "exchange", runnable)


def _held(driver: Any) -> set[int]:
    """The ids of what a coroutine has in its hands; nothing in compiled code, and of a request."""
    generator = driver._generator if isinstance(driver, CoroutineInstance) else None
    frame = getattr(generator, "gi_frame", None)
    return {id(each) for each in frame.f_locals.values()} if frame is not None else set()


def _waiting(runnable: Any) -> Operation[Any] | None:
    return getattr(_driver(runnable), "waiting_for", None)


def _ready(runnable: Any) -> bool:
    operation = _waiting(runnable)
    return operation is not None and not operation.parked


def _who(driver: CoroutineInstance[Any] | Exchange) -> str:
    if isinstance(driver, CoroutineInstance):
        return driver.name
    path = driver.request.target.decode("latin-1").partition("?")[0]
    return f"{driver.request.method} {path}"


def _where(driver: CoroutineInstance[Any] | Exchange) -> str:
    """The innermost frame of the chat that waits."""
    generator: Any = (
        driver._generator if isinstance(driver, CoroutineInstance) else driver._iterator
    )
    found = ""
    while (frame := getattr(generator, "gi_frame", None)) is not None:
        file = _file(frame.f_code.co_filename)
        if file:
            found = f"{file}:{frame.f_lineno} {frame.f_code.co_name}"
        generator = generator.gi_yieldfrom
    return found


@cache
def _file(name: str) -> str:
    """As it is called here; "" when it is not of the chat, or only helps it to wait."""
    path = Path(name)
    if not path.is_relative_to(ROOT / "chatapp") or path.name in HELPERS:
        return ""
    return str(path.relative_to(ROOT))
