"""One connection to a server: bare sockets, no streams, no event loop."""

from __future__ import annotations

import socket
import struct

from bench.stream import Failure
from bench.wire import Answer, read_answer

__all__ = ["CHUNK", "PATIENCE", "Connection"]

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no port is left in TIME_WAIT
PATIENCE = 20.0  # seconds for one thing to happen
CHUNK = 65_536  # bytes read at once


class Connection:
    """One connection, kept alive.

    Attributes:
        rest: what came and has not been read as an answer.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.open()

    def open(self) -> None:
        """Connect (again)."""
        self.sock = sock = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.recv = sock.recv
        self.send = sock.send
        self.rest = b""

    def ask(self, request: bytes) -> Answer:
        """Send a request, and wait for its answer.

        Raises:
            Failure: it is no success.
        """
        self.send(request)
        return self.answer()

    def answer(self) -> Answer:
        """Wait for the answer to what was sent; as `ask`."""
        while (answer := read_answer(self.rest)) is None:
            data = self.recv(CHUNK)
            if not data:
                raise Failure("the server closed a connection instead of answering")
            self.rest += data
        self.rest = answer.rest
        if not 200 <= answer.status < 300:
            raise Failure(f"the server answered {answer.head[:200]!r}")
        return answer

    def close(self) -> None:
        self.sock.close()
