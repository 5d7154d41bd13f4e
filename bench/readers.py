"""Readers: each polls, checks what comes, and polls again at once."""

from __future__ import annotations

import re
import time

from bench.connection import CHUNK, Connection
from bench.stream import LENGTH, Failure, Stream
from bench.wire import read_answer

__all__ = ["NchanReader", "NumberedReader", "Reader", "TimedReader"]

# Of an answer with so many lines; names of headers may begin with any letter.
LENGTHS = {size: b"ength: %d\r\n" % size for size in range(LENGTH, 1001 * LENGTH, LENGTH)}


class Reader(Connection):
    """Asks for the next message, without saying which that is.

    Args:
        stream: what it is to get.
        number: what it is called.
        request: its poll.

    Attributes:
        at: bytes of the stream that it has.
        polls: how many it has sent.
    """

    def __init__(self, port: int, stream: Stream, number: int, request: bytes) -> None:
        super().__init__(port)
        self.stream = stream
        self.number = number
        self.request = request
        self.at = 0
        self.polls = 0

    def poll(self) -> None:
        """Send the next request."""
        self.polls += 1
        self.send(self.request)

    def ready(self) -> None:
        """Something came."""
        data = self.recv(CHUNK)
        end = data.find(b"\r\n\r\n") + 4
        size = len(data) - end
        # One whole answer with lines in it is what nearly always comes.
        if (
            size in LENGTHS
            and LENGTHS[size] in data
            and not self.rest
            and data.startswith(b"HTTP/1.1 200")
        ):
            self.take(data[:end], data[end:])
        else:
            self.look(data)

    def look(self, data: bytes) -> None:
        """The slower way, for everything else."""
        if not data:
            raise Failure(f"reader {self.number}: the server closed the connection")
        self.rest += data
        answer = read_answer(self.rest)
        if answer is None:
            return
        if answer.status != 200:
            raise Failure(f"reader {self.number}: the server answered {answer.head[:200]!r}")
        if answer.rest:
            raise Failure(f"reader {self.number}: an answer too many: {answer.rest[:200]!r}")
        self.rest = b""
        if not answer.body and self.at == self.stream.pushed * LENGTH:
            self.poll()  # its time was over, and nothing had been said
        else:
            self.take(answer.head, answer.body)

    def take(self, head: bytes, body: bytes) -> None:
        """An answer came: check it, and poll again."""
        self.check(body)
        self.poll()

    def check(self, body: bytes) -> None:
        """These lines came; they must be the next ones."""
        try:
            self.at = self.stream.take(self.at, body)
        except Failure as failure:
            raise Failure(f"reader {self.number}: {failure}") from None


class NumberedReader(Reader):
    """Says how many messages it has: ``?since=``."""

    def poll(self) -> None:
        self.polls += 1
        self.send(self.request.replace(b" HTTP", b"?since=%d HTTP" % (self.at // LENGTH), 1))


class TimedReader(Reader):
    """Notes when each message came.

    Attributes:
        times: of the clock `time.perf_counter`, in seconds.
    """

    def __init__(self, port: int, stream: Stream, number: int, request: bytes) -> None:
        super().__init__(port, stream, number, request)
        self.times: list[float] = []

    def take(self, head: bytes, body: bytes) -> None:
        self.times.append(time.perf_counter())
        super().take(head, body)


class NchanReader(Reader):
    """Says what it has in nchan's way: by the last answer's Last-Modified and Etag."""

    _CURSOR = re.compile(rb"\nLast-Modified: ([^\r]+)\r.*\nEtag: ([^\r]+)\r", re.DOTALL)
    cursor = b""

    def poll(self) -> None:
        self.polls += 1
        self.send(self.request[:-2] + self.cursor + b"\r\n")

    def ready(self) -> None:
        self.look(self.recv(CHUNK))

    def take(self, head: bytes, body: bytes) -> None:
        match = self._CURSOR.search(head)
        if match is None:
            raise Failure(f"reader {self.number}: nchan names no message: {head[:200]!r}")
        self.cursor = b"If-Modified-Since: %b\r\nIf-None-Match: %b\r\n" % match.groups()
        # nchan ends each of several messages with a line feed of its own, and a lone one not.
        super().take(head, body if body.endswith(b"\n") else body + b"\n")
