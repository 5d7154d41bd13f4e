"""Who pushes."""

from __future__ import annotations

from bench.connection import CHUNK, Connection
from bench.stream import Failure, Stream
from bench.wire import read_answer

__all__ = ["Pusher"]


class Pusher(Connection):
    """Pushes one message, and knows when that was answered.

    Args:
        stream: where the messages are from.
        cut: what of a line is pushed.

    Attributes:
        head: of its requests.
        cookie: its session's, if it has one.
        busy: a push is not yet answered.
    """

    def __init__(self, port: int, stream: Stream, cut: slice) -> None:
        super().__init__(port)
        self.stream = stream
        self.head = b""
        self.cookie = b""
        self.busy = False
        self._cut = cut

    def push(self) -> None:
        """Push the stream's next message."""
        self.busy = True
        self.send(self.head + self.stream.push(self)[self._cut])

    def ready(self) -> None:
        """Something came."""
        data = self.recv(CHUNK)
        if not data:
            raise Failure("the server closed the pusher's connection")
        self.rest += data
        answer = read_answer(self.rest)
        if answer is None:
            return
        if not 200 <= answer.status < 300 or answer.rest or not self.busy:
            raise Failure(f"a push was answered {self.rest[:200]!r}")
        self.rest = b""
        self.busy = False
        self.stream.unanswered -= 1
