"""What may go wrong in one moment of one wait: each does it there and then, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cogen.core.operations import TimedOperation
from cogen.web.duplex import Duplex
from cogen.web.websocket import WebSocket
from tests.chatapp.harness import Line, Site
from tests.chatapp.memory import Done
from tests.chatapp.waits import Moment, When

__all__ = ["MISHAPS", "Mishap", "possible"]

Mishap = Callable[[Site, Moment], None]

LONG = 100  # moments
CLOSE, QUIT = b"\x88\x80\0\0\0\0", b"/quit\r\n"

# Coroutines that may be ended at any time: whoever reads begins another.
MORTAL = {"Client.watch"}


def reset(site: Site, moment: Moment) -> None:
    """The client is gone (RST)."""
    _line(moment).reset(settle=False)


def fin(site: Site, moment: Moment) -> None:
    """The client has closed its end (FIN)."""
    _line(moment).end(settle=False)


def goodbye(site: Site, moment: Moment) -> None:
    """The client of a WebSocket says goodbye (a close frame without a code), or a person does."""
    line = _line(moment)
    line.send(CLOSE if isinstance(line.connection, WebSocket) else QUIT, settle=False)


def unread(site: Site, moment: Moment) -> None:
    """The client reads nothing from now on, and then is gone: the answer is lost on its way."""
    _line(moment).transport.client_reads = False


def expire(site: Site, moment: Moment) -> None:
    """Its time is over."""
    operation: Any = moment.operation
    operation.expire()


def break_down(site: Site, moment: Moment) -> None:
    """The store cannot do it."""
    operation: Any = moment.operation
    operation.broken = "The disk is full."


def delay(site: Site, moment: Moment) -> None:
    """The store has done it long before who waits for it hears of that."""
    operation: Any = moment.operation
    operation.moments = LONG


def hurry(site: Site, moment: Moment) -> None:
    """The server says that it goes down, to this request."""
    _line(moment).connection.shut()


def leave(site: Site, moment: Moment) -> None:
    """Its session logs out, in another window."""
    news = site.roster.leave(site.sessions.load(_line(moment).cookie).id)
    if news is not None:
        site.begin(news, settle=False)


def stop(site: Site, moment: Moment) -> None:
    """The server is stopped."""
    site.shut(settle=False)


def cancel(site: Site, moment: Moment) -> None:
    """The coroutine is ended."""
    driver: Any = moment.driver
    driver.cancel()


MISHAPS: dict[str, Mishap] = {
    each.__name__: each
    for each in (reset, fin, goodbye, unread, expire, break_down, delay, hurry, leave, stop, cancel)
}


def possible(name: str, moment: Moment) -> bool:
    """It can come at this moment."""
    match name:
        case "stop":
            return True
        case "cancel":
            return moment.point.who in MORTAL
        case "leave":
            return moment.line is not None and moment.line.cookie is not None
        case "expire":
            return (
                moment.when is When.PARKED
                and isinstance(moment.operation, TimedOperation)
                and moment.operation.timeout is not None
            )
        case "goodbye":
            return moment.line is not None and isinstance(moment.line.connection, Duplex)
        case "break_down" | "delay":
            return moment.when is When.PARKED and isinstance(moment.operation, Done)
    return moment.line is not None


def _line(moment: Moment) -> Line:
    assert moment.line is not None
    return moment.line
