"""The load: readers and pushers of one server, in one thread on one epoll."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable

from bench.connection import PATIENCE
from bench.pusher import Pusher
from bench.readers import Reader
from bench.stream import LENGTH, Failure, Stream

__all__ = ["Crowd"]


class Crowd:
    """Readers and pushers.

    Attributes:
        stream: what is said.
    """

    def __init__(self) -> None:
        self.stream = Stream()
        self.readers: list[Reader] = []
        self.pushers: list[Pusher] = []
        self._epoll = select.epoll()
        self._loop = _loop()
        self._ready: dict[int, Callable[[], None]] = {}

    def add_reader(self, reader: Reader) -> None:
        """One more, who gets what is said from now on; it must not have polled yet."""
        self._watch(reader)
        self.readers.append(reader)
        self.stream.readers += 1
        reader.poll()

    def add_pusher(self, pusher: Pusher) -> None:
        """One more."""
        self._watch(pusher)
        self.pushers.append(pusher)

    def _watch(self, connection: Reader | Pusher) -> None:
        connection.sock.setblocking(False)
        self._ready[connection.sock.fileno()] = connection.ready
        self._epoll.register(connection.sock, select.EPOLLIN)

    def turn(self, timeout: float) -> None:
        """Handle what has come; wait for it at most ``timeout`` seconds.

        Raises:
            Failure: something came that should not have come.
        """
        ready = self._ready
        for fd, _ in self._epoll.poll(timeout):
            ready[fd]()

    def arrived(self) -> None:
        """Wait until all that was sent has reached the server's sockets.

        A loaded kernel hands packets over later, in the order in which this core sent them: when a
        byte that we send to ourselves comes, so has everything before it.
        """
        near, far = self._loop
        near.send(b"x")
        far.recv(1)

    def say(self) -> None:
        """Push one message, and wait until all have it."""
        self.pushers[0].push()
        self.finish()

    def finish(self, patience: float = PATIENCE) -> None:
        """Wait until every reader has every message, and every push is answered.

        Raises:
            Failure: that never comes to be.
        """
        stream = self.stream
        deadline = time.monotonic() + patience
        while stream.left or stream.unanswered:
            self.turn(0.5)
            if time.monotonic() > deadline and (stream.left or stream.unanswered):
                raise Failure(self._missing(patience))

    def rest(self, seconds: float = 0.05) -> None:
        """Nothing more may come."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.turn(left)

    def _missing(self, patience: float) -> str:
        due = self.stream.pushed * LENGTH
        behind = [reader.number for reader in self.readers if reader.at < due]
        if not behind:
            return f"{self.stream.unanswered} pushes were not answered in {patience:g} s"
        return (
            f"message {self.stream.pushed - 1} has not reached {len(behind)} of "
            f"{len(self.readers)} readers after {patience:g} s, e.g. reader {behind[0]}"
        )

    def close(self) -> None:
        for connection in (*self.readers, *self.pushers):
            with contextlib.suppress(OSError):
                connection.close()
        self._epoll.close()
        for sock in self._loop:
            sock.close()


def _loop() -> tuple[socket.socket, socket.socket]:
    """A connection to ourselves."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return near, far
