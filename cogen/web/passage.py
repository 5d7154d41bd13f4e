"""What passes between one request's application, in a worker thread, and the loop.

The thread says: this is the head, this is more of the body, I want to read, I am done. The loop
says: here is what you wanted to read, or: your client has gone. Invariant: no more than `HELD`
bytes and one chunk are on their way; a thread that is faster than the client waits.

The thread's head counts as sent with the first bytes of the body that are handed over, as if it
stood before the client itself; so ``start_response`` needs no answer from the loop.
"""

from __future__ import annotations

import io
import threading
from typing import IO, Any, NamedTuple

from cogen.core.threads import Bell
from cogen.errors import ApplicationError, BodyError, RequestError

__all__ = ["ClientGone", "Collected", "Passage"]

HELD = 64 * 1024  # bytes on their way to the client, after which the thread waits
PIECE = 64 * 1024  # bytes of the request's body that are asked for at once


class ClientGone(ConnectionAbortedError):
    """Raised in the thread, at its next chunk or read: nobody is there to be answered."""


class Collected(NamedTuple):
    """What the thread has said since it was last asked.

    Attributes:
        head: the arguments for ``start_response``, or None.
        data: of the body.
        wanted: it waits for so many bytes of the request's body, or None.
        ended: it says no more.
        error: with which it ended.
    """

    head: tuple[Any, ...] | None
    data: bytes
    wanted: int | None
    ended: bool
    error: BaseException | None


class Passage:
    """Between one request's application and the loop.

    Attributes:
        bell: rung when there is something to collect.
    """

    def __init__(self) -> None:
        self.bell = Bell()
        self._changed = threading.Condition()
        self._head: tuple[Any, ...] | None = None
        self._said = False  # start_response was called
        self._sent = False  # bytes of the body were handed over
        self._chunks: list[bytes] = []
        self._size = 0
        self._wanted: int | None = None
        self._piece: bytes | BaseException | None = None
        self._ended = False
        self._error: BaseException | None = None
        self._gone = False

    # The thread's side

    @property
    def gone(self) -> bool:
        """The client is."""
        return self._gone

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Any:
        """PEP 3333's; gives ``write``.

        Raises:
            ApplicationError: called twice without ``exc_info``.
            BaseException: ``exc_info``'s, when the head has gone out already.
        """
        if exc_info is not None:
            try:
                if self._sent:
                    raise exc_info[1].with_traceback(exc_info[2])
                said: tuple[Any, ...] = (status, headers, exc_info)
            finally:
                exc_info = None
        elif self._said:
            raise ApplicationError("start_response was called twice without exc_info")
        else:
            said = (status, headers)
        with self._changed:
            self._said, self._head = True, said
        return self.write

    def write(self, data: bytes) -> None:
        """Hand it to the loop; waits while too much is on its way.

        Raises:
            ClientGone: nobody reads it.
            ApplicationError: it is not bytes.
        """
        if not isinstance(data, bytes):
            raise ApplicationError(f"the body is bytes, not {type(data).__name__} (PEP 3333)")
        with self._changed:
            self._changed.wait_for(lambda: self._gone or self._size < HELD)
            if self._gone:
                raise ClientGone("the client has gone")
            if not data:
                return
            self._sent = True
            self._chunks.append(data)
            self._size += len(data)
        self.bell.ring()

    def input(self) -> IO[bytes]:
        """The request's body as a file whose reads block until enough of it has come."""
        return io.BufferedReader(_Body(self), PIECE)

    def read(self, size: int) -> bytes:
        """Wait for bytes of the request's body: at most ``size``, ``b""`` at its end.

        Raises:
            ClientGone: they will not come.
            BodyError: they will not come, or are too many.
        """
        with self._changed:
            self._wanted, self._piece = size, None
            self.bell.ring()
            self._changed.wait_for(lambda: self._gone or self._piece is not None)
            piece, self._piece, self._wanted = self._piece, None, None
        if isinstance(piece, bytes):
            return piece
        try:
            if piece is None:
                raise ClientGone("the client has gone")
            if isinstance(piece, RequestError):
                raise BodyError(piece.status, piece.detail) from piece
            raise piece
        finally:
            del piece

    def end(self, error: BaseException | None) -> bool:
        """That was all. False: nobody was there to hear it."""
        with self._changed:
            if self._gone:
                return False
            self._ended, self._error = True, error
        self.bell.ring()
        return True

    # The loop's side

    def collect(self) -> Collected:
        """What the thread has said; makes room for more."""
        with self._changed:
            collected = Collected(
                self._head, b"".join(self._chunks), self._wanted, self._ended, self._error
            )
            self._head = self._error = self._wanted = None
            self._chunks.clear()
            self._size = 0
            self._changed.notify_all()
        return collected

    def give(self, piece: bytes | BaseException) -> None:
        """What the thread wanted to read, or why it cannot have it."""
        with self._changed:
            self._piece = piece
            self._changed.notify_all()

    def leave(self) -> None:
        """The request is over: nothing is collected any more."""
        with self._changed:
            self._gone = True
            self._head = self._error = self._piece = None
            self._chunks.clear()
            self._changed.notify_all()


class _Body(io.RawIOBase):
    """See `Passage.input`."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._passage.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
