"""HTTP answers as bytes: no more of it than a client needs that knows whom it asks."""

from __future__ import annotations

import re
from typing import NamedTuple

from bench.stream import Failure

__all__ = ["Answer", "get", "post", "read_answer"]

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)

MOST = 1 << 20  # bytes of one answer


class Answer(NamedTuple):
    """A response, and the bytes that came after it."""

    status: int
    head: bytes
    body: bytes
    rest: bytes

    @property
    def cookie(self) -> bytes:
        """Name and value of the cookie that it sets, or nothing."""
        match = _COOKIE.search(self.head)
        return match[1] if match is not None else b""


def get(target: str, cookie: bytes = b"") -> bytes:
    """A GET request, as short as a reverse proxy would send it."""
    more = b"Cookie: %b\r\n" % cookie if cookie else b""
    return b"GET %b HTTP/1.1\r\nHost: localhost\r\n%b\r\n" % (target.encode("ascii"), more)


def post(target: str, length: int, cookie: bytes = b"", kind: bytes = b"text/plain") -> bytes:
    """The head of a POST request whose body has this length."""
    more = b"Cookie: %b\r\n" % cookie if cookie else b""
    return (
        b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\n"
        b"Content-Length: %d\r\n%b\r\n" % (target.encode("ascii"), kind, length, more)
    )


def read_answer(data: bytes) -> Answer | None:
    """The first answer in ``data``; None while it has not arrived whole.

    Raises:
        Failure: it is none, or does not say its length.
    """
    end = data.find(b"\r\n\r\n")
    if not b"HTTP/1.1 ".startswith(data[:9]):
        raise Failure(f"this is no answer: {data[:80]!r}")
    if end < 0 and len(data) < MOST:
        return None
    head = data[: end + 2]
    match = _LENGTH.search(head)
    if match is None or int(match[1]) > MOST:
        raise Failure(f"an answer without a Content-Length that can be true: {head[:200]!r}")
    start, stop = end + 4, end + 4 + int(match[1])
    if len(data) < stop:
        return None
    return Answer(int(data[9:12]), head, data[start:stop], data[stop:])
