"""Whether the chat can do its work: the server goes on, and what is said can be kept.

The store is asked by writing to it what changes nothing. That is not done for everybody who asks
here: what it has answered counts for a while, and counts as long as it is being asked again. And it
is done whether it worked before or not: whoever is not sent any work would never see it work again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final

from chatapp.lib.base import Request
from chatapp.lib.refusal import Refusal
from chatapp.model.ports import Store, Unavailable
from cogen.errors import OperationTimeout

__all__ = ["Health"]

FRESH: Final = 5.0  # seconds for which an answer of the store counts
AGAIN: Final = "Retry-After", "5"
STOPPING: Final = "The server is being stopped."


class Health:
    """Asked by many.

    Args:
        store: keeps what is said.
        clock: seconds, never going back.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._fault = ""  # the store was opened a moment ago
        self._asked = float("-inf")
        self._asking = False

    def check(self, request: Request) -> Generator[Any, Any, None]:
        """All is well.

        Raises:
            Refusal: it is not (503).
        """
        server = request.gate.server
        if not server.closing and not self._asking and self._clock() - self._asked >= FRESH:
            yield from self._ask(request)
        if server.closing:
            raise Refusal(503, STOPPING)
        if self._fault:
            raise Refusal(503, self._fault, AGAIN)

    def _ask(self, request: Request) -> Generator[Any, Any, None]:
        self._asking = True
        try:
            yield from request.wait(self._store.check())
            self._fault, self._asked = "", self._clock()
        except Unavailable as fault:
            self._fault, self._asked = str(fault), self._clock()
        except OperationTimeout:  # the server goes down meanwhile
            return
        finally:
            self._asking = False
