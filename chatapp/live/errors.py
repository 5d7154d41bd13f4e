"""What a call can end with.

    CallError              raised in an exposed method: the browser gets its class's name and text
     ├── RemoteError       the browser's method failed, or there is none
     ├── ChannelLost       the page is gone; whether the call was made, nobody knows
     ├── ChannelFull       the page does not keep up; the call was not made
     ├── NotCallable       the browser asked for what is not exposed
     ├── BadArguments      the browser sent what the method does not take
     └── Busy              so many calls of the page wait already

A call whose time is over ends with `cogen.errors.OperationTimeout`, as every operation does.
"""

from __future__ import annotations

__all__ = [
    "BadArguments",
    "Busy",
    "CallError",
    "ChannelFull",
    "ChannelLost",
    "NotCallable",
    "RemoteError",
]


class CallError(Exception):
    """A call failed; subclasses of it are what the two sides tell each other of."""


class RemoteError(CallError):
    """The browser's method failed.

    Attributes:
        kind: the name of the error, e.g. ``TypeError``.
        message: its text.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind
        self.message = message


class ChannelLost(CallError):
    """The page is gone."""


class ChannelFull(CallError):
    """More waits to be sent to the page than may."""


class NotCallable(CallError):
    """The element has no such exposed method."""


class BadArguments(CallError):
    """Too many, too few, too deep, too large, or of another type."""


class Busy(CallError):
    """Too many calls of one page wait at the same time."""
