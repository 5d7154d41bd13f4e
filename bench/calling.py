"""The load of the calls: many pages, in one thread on one epoll."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.connection import PATIENCE
from bench.pages import Page
from bench.stream import Failure
from bench.subjects import Subject

__all__ = ["Pages", "pages"]


class Pages:
    """Those of one server.

    Args:
        up: they call the server; else it calls them.
        width: calls in flight of each.
    """

    def __init__(self, up: bool, width: int) -> None:
        self._up = up
        self._width = width
        self._pages: list[Page] = []
        self._epoll = select.epoll()
        self._ready: dict[int, Callable[[], None]] = {}

    @property
    def done(self) -> int:
        """Calls that have their result, or were answered."""
        return sum(page.caller.done for page in self._pages)

    def add(self, page: Page) -> None:
        """One more, which begins at once."""
        self._pages.append(page)
        for connection, ready in page.watched:
            connection.sock.setblocking(False)
            self._ready[connection.sock.fileno()] = ready
            self._epoll.register(connection.sock, select.EPOLLIN)
        page.say(page.caller.begin(self._width, self._up))

    def run(self, seconds: float) -> int:
        """For so long, and until there was at least one call; gives how many there were.

        Raises:
            Failure: something came that should not have come, or nothing came.
        """
        before, begun = self.done, time.monotonic()
        while (now := time.monotonic()) < begun + seconds or self.done == before:
            self._turn(0.05)
            if now > begun + seconds + PATIENCE:
                raise Failure(f"no call had a result in {PATIENCE:g} s")
        return self.done - before

    def finish(self) -> None:
        """Every call gets its result, and nothing comes after them.

        Raises:
            Failure: that is not so.
        """
        for page in self._pages:
            said = page.caller.stop(self._up)
            if said:
                page.say(said)
        deadline = time.monotonic() + PATIENCE
        while not all(page.caller.idle for page in self._pages):
            self._turn(0.5)
            if time.monotonic() > deadline:
                raise Failure(f"calls have no result after {PATIENCE:g} s")
        deadline = time.monotonic() + 0.05
        while (left := deadline - time.monotonic()) > 0:
            self._turn(left)

    def close(self) -> None:
        for page in self._pages:
            page.close()
        self._epoll.close()

    def _turn(self, timeout: float) -> None:
        for fd, _ in self._epoll.poll(timeout):
            self._ready[fd]()


@contextmanager
def pages(
    subject: Subject, port: int, kind: type[Page], count: int, width: int, up: bool
) -> Iterator[Pages]:
    """So many, whose calls are on their way; ended with the block."""
    them = Pages(up, width)
    try:
        for _ in range(count):
            them.add(kind(subject, port))
        yield them
    finally:
        them.close()
