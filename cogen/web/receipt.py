"""Whether an answer arrived: asked for by applications that must not lose what they send.

TCP tells a sender only what its own kernel took. But a client that goes away before it has read
everything makes its kernel answer with a reset, while one that has read everything closes with
FIN, or sends its next request. So the answer counts as arrived when it was written whole and the
connection did not end in a reset; a FIN may hide the reset that comes behind it, which is why the
socket's pending error is looked at (Linux: tcp_fin sets SOCK_DONE, and recv gives 0 before the
error).
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Receipt"]


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
