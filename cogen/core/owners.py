"""Whose code is running: a coroutine's, a request's, or nobody's; and what it keeps for itself.

The owner stands in a context variable, and each coroutine and each request runs in a context of
its own. So ``local`` holds across a wait, in asyncio tasks that the code starts, and in a worker
thread that runs it in that context.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Final

from mypy_extensions import mypyc_attr

__all__ = ["Owner", "local", "owner"]


@mypyc_attr(allow_interpreted_subclasses=True)
class Owner:
    """A coroutine or a request."""

    __slots__ = ("locals",)

    def __init__(self) -> None:
        self.locals: dict[local, dict[str, Any]] | None = None

    def awaits(self, operation: Any) -> None:
        """Its code, in an asyncio task, waits for ``operation`` from now on."""

    def awaited(self, operation: Any) -> None:
        """It no longer does."""


owner: Final[ContextVar[Owner | None]] = ContextVar("cogen.owner", default=None)
_nobody: Final = Owner()


class local:
    """Attributes that are each coroutine's and each request's own (the original's ``local``).

    Outside of both, the attributes are the program's. Made like ``threading.local()``::

        current = local()
        current.user = "bob"    # only this request, or this coroutine, sees it

    Raises:
        AttributeError: this coroutine or request has not set it.
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values()[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._values()[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self._values()[name]
        except KeyError:
            raise AttributeError(name) from None

    def _values(self) -> dict[str, Any]:
        who = owner.get() or _nobody
        if who.locals is None:
            who.locals = {}
        return who.locals.setdefault(self, {})
