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
import select
import struct
import termios
from collections.abc import Callable
from typing import Any, Final

from mypy_extensions import mypyc_attr

__all__ = ["Receipt", "Receipts", "hung_up", "undelivered", "unread"]


OPEN: Final = 0
SENT: Final = 1
ARRIVED: Final = 2
LOST: Final = 3


class Receipt:
    """Put one into ``environ['cogen.wsgi'].receipt`` before the answer's last bytes."""

    __slots__ = ("_state", "_unread")

    def __init__(self) -> None:
        self._state = OPEN
        self._unread: Callable[[], int] | None = None

    @property
    def arrived(self) -> bool:
        """As far as can be known now: written whole, and no reset came back."""
        if self._unread is not None:
            return not self._unread()
        return self._state == ARRIVED

    def sent(self, unread: Callable[[], int]) -> None:
        """The server's call: all was handed to the connection, which says what it still holds."""
        if self._state == OPEN:
            self._state = SENT
            self._unread = unread

    def settle(self, *, lost: bool) -> None:
        """The server's call: nothing more will be known."""
        if self._state <= SENT:
            self._state = LOST if lost else ARRIVED
            self._unread = None


@mypyc_attr(native_class=False)
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
        if _events(sock) & (select.POLLERR | select.POLLNVAL):
            return True
        size: int = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
    except OSError:  # not every system tells
        return False
    return size > 0


def hung_up(transport: Any) -> bool:
    """Whether the client's end has come, though the loop has not told us of it yet.

    A client that hangs up and asks again on a new connection may be heard there first. Something
    unread may lie before the end: TLS says goodbye before TCP does.
    """
    sock = transport.get_extra_info("socket")
    if sock is None:
        return False
    try:
        return bool(_events(sock) & _ENDED)
    except OSError:
        return True


_RDHUP: int = getattr(select, "POLLRDHUP", 0)  # not every system has it
_ENDED = _RDHUP | select.POLLHUP | select.POLLERR | select.POLLNVAL


def _events(sock: Any) -> int:
    """What poll(2) tells. Unlike recv and SO_ERROR it leaves an error for who asks next."""
    if sock.fileno() < 0:
        return select.POLLNVAL
    poll = select.poll()
    poll.register(sock.fileno(), _RDHUP)
    events = poll.poll(0)
    return events[0][1] if events else 0
