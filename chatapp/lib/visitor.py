"""Who reads and speaks: a session, where it comes from, and how what it does waits.

A `Visitor` is a request, which waits by its gate, or a `Caller`: one whose connection stays, and
is served by coroutines.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol

from chatapp.lib.session import Session

__all__ = ["Caller", "Visitor"]


class Visitor(Protocol):
    """What reading and speaking need to know of somebody.

    Attributes:
        session: whose doing it is.
        address: of IP, as text; "" behind a unix socket.
    """

    @property
    def session(self) -> Session: ...

    @property
    def address(self) -> str: ...

    def wait(self, waitable: Any) -> Generator[Any, Any, Any]:
        """``yield from`` it: waits for an operation, a coroutine or an asyncio awaitable.

        Gives what that gives, or raises what it raises; `OperationTimeout` when its time is over,
        or the server goes down.
        """
        ...


class Caller:
    """A visitor in coroutines.

    Args:
        session: lives as long as the connection, or longer.
        address: see `Visitor`.
    """

    __slots__ = ("address", "session")

    def __init__(self, session: Session, address: str) -> None:
        self.session = session
        self.address = address

    def wait(self, waitable: Any) -> Generator[Any, Any, Any]:
        """See `Visitor`."""
        try:
            return (yield waitable)
        finally:
            del waitable  # an error's traceback keeps this frame, and a coroutine its error
