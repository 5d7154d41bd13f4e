"""Whether an answer arrived: asked for by applications that must not lose what they send.

TCP tells a sender only what its own kernel took. But a client that goes away before it has read
everything makes its kernel answer with a reset, while one that has read everything closes with
FIN, or sends its next request. So the answer counts as arrived when it was written whole and the
connection did not end in a reset. A FIN may come before the reset that the answer will cause (the
client closed while the answer was on its way): then the answer is not acknowledged when the
connection ends. Or it may hide the reset that is there already (Linux: tcp_fin sets SOCK_DONE, and
recv gives 0 before the error). `undelivered` looks for both.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import termios
from collections.abc import Callable
from typing import Any

__all__ = ["Receipt", "Receipts", "hung_up", "undelivered", "unread"]


OPEN, SENT, ARRIVED, LOST = range(4)


class Receipt:
    """Put one into ``environ['cogen.wsgi'].receipt`` before the answer's last bytes."""

    __slots__ = ("_state", "_unwritten")

    def __init__(self) -> None:
        self._state = OPEN
        self._unwritten: Callable[[], int] | None = None

    @property
    def arrived(self) -> bool:
        """As far as can be known now: written whole, and no reset came back."""
        if self._unwritten is not None:
            return self._state == SENT and not self._unwritten()
        return self._state == ARRIVED

    def sent(self, unwritten: Callable[[], int]) -> None:
        """The server's call: all was handed to the connection, which says what it still holds."""
        if self._state == OPEN:
            self._state = SENT
            self._unwritten = unwritten

    def settle(self, *, lost: bool) -> None:
        """The server's call: nothing more will be known."""
        if self._state in (OPEN, SENT):
            self._state = LOST if lost else ARRIVED
        self._unwritten = None


class Receipts(list[Receipt]):
    """Those of one connection whose answers may still be lost."""

    __slots__ = ()

    def settle(self, *, lost: bool) -> None:
        """Nothing more will be known of any of them."""
        while self:
            self.pop().settle(lost=lost)


def unread(transport: Any) -> int:
    """Not 0 while the client may not have all that was written."""
    return transport.get_write_buffer_size() or (hung_up(transport) and undelivered(transport))


def undelivered(transport: Any) -> bool:
    """Whether the kernel knows, at a connection's end, that something did not arrive."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return False
    try:
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return True
    except OSError:
        return True
    try:
        size: int = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
    except OSError:  # not every system tells
        return False
    return size > 0


def hung_up(transport: Any) -> bool:
    """Whether the client's end has come, though the loop has not told us of it yet.

    A client that hangs up and asks again on a new connection may be heard there first.
    """
    sock = transport.get_extra_info("socket")
    if sock is None:
        return False
    try:
        with socket.socket(fileno=os.dup(sock.fileno())) as same:
            return not same.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
