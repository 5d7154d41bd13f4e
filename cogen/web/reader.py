"""Whether a client reads what is written to it: the deadline for one that does not."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any, Final

__all__ = ["Reader", "reset"]

NEVER: Final = float("inf")


class Reader:
    """Watches one client from the moment when its connection's buffer is full.

    A slow client that reads on gets time again and again; one that reads nothing does not.

    Args:
        transport: tells how many bytes wait to be read.
        clock: gives the time, in seconds.
        timeout: seconds in which it must have read something.
    """

    __slots__ = ("_clock", "_deadline", "_mark", "_timeout", "_transport")

    def __init__(self, transport: Any, clock: Callable[[], float], timeout: float) -> None:
        self._transport = transport
        self._clock = clock
        self._timeout = timeout
        self._mark = 0
        self._deadline = NEVER

    def watch(self) -> None:
        """From now on it has to read."""
        self._mark = self._transport.get_write_buffer_size()
        self._deadline = self._clock() + self._timeout

    def rest(self) -> None:
        """It has read what there was."""
        self._deadline = NEVER

    def stalled(self, now: float) -> bool:
        """Its time is over, and since it was last looked at it has read nothing."""
        if now < self._deadline:
            return False
        before = self._mark
        self.watch()
        return self._mark >= before


def reset(transport: Any) -> None:
    """Let the end of a connection be a reset: what was not read is thrown away, here and there."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
