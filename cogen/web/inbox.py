"""What a client has sent ahead of its turn: in small pieces, oldest first.

A parser turns every piece into whole requests at once, and a request takes far more memory than its
bytes; so the pieces are small, and the next one is read only when the last one's requests are
answered.
"""

from __future__ import annotations

from collections import deque

__all__ = ["PIECE", "Inbox"]

PIECE = 16 * 1024  # bytes


class Inbox:
    """Bytes in the order in which they came.

    Attributes:
        size: how many.
    """

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: deque[bytes] | None = None  # most connections never need it
        self.size = 0

    def __len__(self) -> int:
        return self.size

    def put(self, data: bytes) -> None:
        """At the end."""
        if self._pieces is None:
            self._pieces = deque()
        for at in range(0, len(data), PIECE):
            self._pieces.append(data[at : at + PIECE])
        self.size += len(data)

    def take(self) -> bytes:
        """The oldest, at most `PIECE` of it. Raises IndexError when there is none."""
        if self._pieces is None:
            raise IndexError("nothing is there")
        piece = self._pieces.popleft()
        self.size -= len(piece)
        return piece

    def clear(self) -> None:
        """Throw it all away."""
        self._pieces = None
        self.size = 0
