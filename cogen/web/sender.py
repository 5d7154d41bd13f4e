"""Whether a client sends what it has to: the deadline for one that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cogen.web.body import Body
from cogen.web.settings import ServerSettings

__all__ = ["Sender"]

NEVER: Final = float("inf")
STEP: Final = 1024  # bytes of a body that must come within `body_timeout`


class Sender:
    """Watches one client: what of a request is to come next, and by when.

    Args:
        settings: the timeouts.
        clock: gives the time, in seconds.
    """

    __slots__ = ("_clock", "_mark", "_settings", "deadline")

    def __init__(self, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._mark = 0
        self.deadline = clock() + settings.head_timeout

    def await_request(self, in_head: bool) -> None:
        """The head of the next request is to come, or the rest of it."""
        settings = self._settings
        wait = settings.head_timeout if in_head else settings.keep_alive
        self.deadline = self._clock() + wait

    def await_body(self, body: Body) -> None:
        """More of a body is to come. A slow client gets time for each step, a dripping one not."""
        if body.complete:
            self.deadline = NEVER
        elif self.deadline == NEVER or body.size >= self._mark:
            self._mark = body.size + STEP
            self.deadline = self._clock() + self._settings.body_timeout

    def rest(self, seconds: float = NEVER) -> None:
        """Nothing is to come, for so long."""
        self._mark = 0
        self.deadline = self._clock() + seconds

    def just_begun(self, seconds: float) -> bool:
        """The connection, or the head that it is sending, began less than so long ago."""
        return self._clock() < self.deadline - self._settings.head_timeout + seconds

    def overdue(self, now: float) -> bool:
        """Its time is over."""
        return now >= self.deadline
