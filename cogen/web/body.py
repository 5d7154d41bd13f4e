"""A request's body while it comes in: in memory at first, on disk past 64 KiB.

`Body.feed` and `Body.finish` are the connection's; `Body.read` and `Body.readline` are operations
for applications that read while it comes (``environ['cogen.input']``); `Body.open` gives the file
for those that read it when it is there (``wsgi.input``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import SEEK_END, BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, Final, TypeVar

from cogen.core.operations import Operation, TimedOperation
from cogen.core.waitlist import WaitList
from cogen.errors import RequestError

__all__ = ["EMPTY", "MEMORY", "Body", "Unread"]

T = TypeVar("T")

MEMORY: Final = 64 * 1024  # bytes


class Body:
    """What has come of a request's body.

    Attributes:
        size: bytes so far.
        complete: the end has come.
        on_read: called once, before the first read that has to wait (``100 Continue``).
    """

    __slots__ = ("_error", "_file", "_position", "_waiting", "complete", "on_read", "size")

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._position = 0
        self._waiting: WaitList | None = None
        self._error: RequestError | None = None
        self.size = 0
        self.complete = False
        self.on_read: Callable[[], None] | None = None

    # The connection's side

    def feed(self, data: bytes) -> None:
        """More of it."""
        file = self._file if self._file is not None else BytesIO()
        if self.size <= MEMORY < self.size + len(data):
            in_memory, file = file, TemporaryFile()  # noqa: SIM115 - closed in `close`
            in_memory.seek(0)
            file.write(in_memory.read())
        self._file = file
        file.seek(0, SEEK_END)
        file.write(data)
        self.size += len(data)
        self._wake()

    def finish(self) -> None:
        """That was all."""
        self.complete = True
        self._wake()

    def fail(self, error: RequestError) -> None:
        """The rest will not come; who waits for it gets the error."""
        if not self.complete:
            self._error = error
            self._wake()

    def close(self) -> None:
        """The request is over: give memory and disk back."""
        self.on_read = None  # it holds the connection, which holds the request
        if self._file is not None:
            self._file.close()
            self._file = None

    # The application's side

    def open(self) -> IO[bytes]:
        """The whole body as a file, at its beginning."""
        if self._file is None:
            return BytesIO()
        self._file.seek(0)
        return self._file

    def read(self, size: int = -1, timeout: float | None = None) -> Operation[bytes]:
        """Wait for bytes: what is there, at most ``size``; the whole rest if ``size`` is negative.

        Gives ``b""`` at the end.

        Raises:
            RequestError: the body broke off, or broke a limit.
        """
        return _Read(self, size, timeout, line=False)

    def readline(self, size: int = -1, timeout: float | None = None) -> Operation[bytes]:
        """Wait for a line, with its end; at most ``size`` bytes of it if that is not negative."""
        return _Read(self, size, timeout, line=True)

    def whole(self, timeout: float | None = None) -> Operation[IO[bytes]]:
        """Wait for the end; gives the file, at its beginning.

        Raises:
            RequestError: the body broke off, or broke a limit.
        """
        return _Whole(self, timeout)

    def _park(self, operation: _Reading[Any]) -> None:
        if self.on_read is not None:
            self.on_read()
            self.on_read = None
        if self._waiting is None:
            self._waiting = WaitList()
        self._waiting.park(operation)

    def _wake(self) -> None:
        waiting = self._waiting
        if waiting:
            for read in list(waiting):
                if read.possible():
                    waiting.remove(read)
                    read.wake()

    def _look(self, size: int, line: bool) -> bytes | None:
        """What a read would give now, without moving; None if it has to wait."""
        if size == 0:
            return b""
        available = self.size - self._position
        found = b""
        if available and self._file is not None and (self.complete or line or size > 0):
            self._file.seek(self._position)
            found = self._file.readline(size) if line else self._file.read(size)
        if self.complete or (found and not line):
            return found
        if line and (found.endswith(b"\n") or len(found) == size):
            return found
        return None


EMPTY: Final = Body()  # of all requests that have none
EMPTY.finish()


class _Reading(TimedOperation[T]):
    """Waits for a part of a body."""

    __slots__ = ("_body",)

    def __init__(self, body: Body, timeout: float | None) -> None:
        super().__init__(timeout)
        self._body = body

    def possible(self) -> bool:
        """What it waits for is there, or will never come."""
        raise NotImplementedError

    def _begin(self) -> bool:
        if self.possible():
            return True
        self._body._park(self)
        return False

    def _undo(self) -> None:
        if self._body._waiting is not None:
            self._body._waiting.remove(self)


class _Read(_Reading[bytes]):
    """See `Body.read` and `Body.readline`."""

    __slots__ = ("_line", "_size")

    def __init__(self, body: Body, size: int, timeout: float | None, *, line: bool) -> None:
        super().__init__(body, timeout)
        self._size, self._line = size, line

    def possible(self) -> bool:
        body = self._body
        return body._error is not None or body._look(self._size, self._line) is not None

    def _take(self, outcome: Any) -> bytes:
        body = self._body
        data = body._look(self._size, self._line)
        if data is None:  # a part of what was asked for could pass for the whole
            assert body._error is not None
            raise _again(body._error)
        body._position += len(data)
        return data


class _Whole(_Reading[IO[bytes]]):
    """See `Body.whole`."""

    __slots__ = ()

    def possible(self) -> bool:
        return self._body.complete or self._body._error is not None

    def _take(self, outcome: Any) -> IO[bytes]:
        if self._body._error is not None:
            raise _again(self._body._error)
        return self._body.open()


def _again(error: RequestError) -> RequestError:
    """One to raise: its traceback will refer to the body, which is not to refer to it."""
    return RequestError(error.status, error.detail)


class Unread:
    """``wsgi.input`` while the body is still coming: reading it would stop every other request."""

    def read(self, *_: Any) -> bytes:
        raise OSError("the body is still coming: use cogen.input, or the SynchronousInput filter")

    def readline(self, *_: Any) -> bytes:
        return self.read()

    def readlines(self, *_: Any) -> list[bytes]:
        return [self.read()]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readlines())
