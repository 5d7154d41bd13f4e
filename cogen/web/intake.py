"""What a client sends: read as requests, one after the other; what is ahead of its turn is held.

A parser turns its input into whole requests at once, and a request takes far more memory than its
bytes. So it gets no more while a request is complete and waits for its turn or its answer; and what
is held is given to it in small pieces.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from cogen.web.http11 import Limits, RequestParser
from cogen.web.request import Request

__all__ = ["PIECE", "Intake"]

PIECE: Final = 16 * 1024  # bytes that are parsed at once, of those that were held


class Intake:
    """The receiving side of one connection, without sockets.

    Args:
        limits: of a request.

    Attributes:
        parser: reads the requests.
        current: the request that is being answered; until `done`, the next one waits.
        held: bytes that wait unread.
        ended: the client sends no more.
    """

    __slots__ = ("_pieces", "current", "ended", "held", "parser")

    def __init__(self, limits: Limits) -> None:
        self.parser = RequestParser(limits)
        self.current: Request | None = None
        self.held = 0
        self.ended = False
        self._pieces: deque[bytes] | None = None  # most connections never need it

    @property
    def pending(self) -> bool:
        """Something that came is still to be answered, beside the current request."""
        parser = self.parser
        return bool(self.held or parser.received or parser.failure)

    def receive(self, data: bytes) -> None:
        """More has come."""
        if not self.held and len(data) <= PIECE and self._readable():
            left = self.parser.feed(data)
            if left:
                self._hold(left)
            return
        self._hold(data)
        self.read()

    def read(self) -> None:
        """Read what is held, as far as its turn has come."""
        while self._pieces and self._readable():
            piece = self._pieces.popleft()
            self.held -= len(piece)
            left = self.parser.feed(piece)
            if left:
                self._pieces.appendleft(left)
                self.held += len(left)
        if not self.held:
            self._pieces = None
            if self.ended:
                self.parser.end()

    def end(self) -> None:
        """The client sends no more."""
        self.ended = True
        self.read()

    def take(self) -> Request:
        """The oldest request becomes the current one. Raises IndexError when there is none."""
        self.current = request = self.parser.received.pop(0)
        return request

    def done(self) -> None:
        """The current request is answered."""
        self.current = None

    def rest(self) -> bytes:
        """What is held: it is none of ours any more, nor is what follows."""
        rest = b"".join(self._pieces or ())
        self.close()
        return rest

    def close(self) -> None:
        """Nothing more is read; what is held is thrown away."""
        self.parser.close()
        self._pieces = None
        self.held = 0

    def _hold(self, data: bytes) -> None:
        if self._pieces is None:
            self._pieces = deque()
        self._pieces.extend(data[at : at + PIECE] for at in range(0, len(data), PIECE))
        self.held += len(data)

    def _readable(self) -> bool:
        """A request can go on: none waits completely for its turn or its answer."""
        if self.current is not None:
            return not self.current.body.complete
        received = self.parser.received
        return not (received and received[0].body.complete)
