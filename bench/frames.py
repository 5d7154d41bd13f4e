"""WebSockets as bytes: no more of them than a client needs (RFC 6455)."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final, NamedTuple

from bench.stream import Failure

__all__ = [
    "CLOSE",
    "PING",
    "PONG",
    "TEXT",
    "Frame",
    "handshake",
    "pong",
    "read_frame",
    "read_switch",
    "text",
]

TEXT: Final = 1
CLOSE: Final = 8
PING: Final = 9
PONG: Final = 10

SHORT = 126  # bytes of a payload from which on its length has bytes of its own
MOST = 1 << 20  # bytes of one payload

# Of no secret and behind no proxy, so one key will do, and a mask that changes nothing.
_KEY = base64.b64encode(b"0123456789abcdef")
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ACCEPT = base64.b64encode(hashlib.sha1(_KEY + _GUID).digest())
_MASK = bytes(4)
_ACCEPTED = re.compile(rb"\r\nsec-websocket-accept: *([^\r]*?) *\r\n", re.IGNORECASE)
_CHOSEN = re.compile(rb"\r\nsec-websocket-(extensions|protocol):", re.IGNORECASE)


class Frame(NamedTuple):
    """One frame, which is a whole message, and how many bytes it took."""

    opcode: int
    payload: bytes
    size: int


def handshake(target: str, cookie: bytes = b"") -> bytes:
    """The request, with neither a subprotocol nor compression."""
    more = b"Cookie: %b\r\n" % cookie if cookie else b""
    return (
        b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n%b\r\n"
        % (target.encode("ascii"), _KEY, more)
    )


def read_switch(data: bytes) -> int:
    """How many bytes the answer to `handshake` took; 0 while it has not arrived whole.

    Raises:
        Failure: it is no WebSocket, or another one than was asked for.
    """
    end = data.find(b"\r\n\r\n")
    if not data.startswith(b"HTTP/1.1 101 "[: len(data)]):
        raise Failure(f"the server answered the handshake {data[:200]!r}")
    if end < 0 and len(data) < MOST:
        return 0
    head = data[: end + 2]
    accepted = _ACCEPTED.search(head)
    if accepted is None or accepted[1] != _ACCEPT or _CHOSEN.search(head) is not None:
        raise Failure(f"this handshake answers another: {head[:400]!r}")
    return end + 4


def read_frame(data: bytes) -> Frame | None:
    """The first frame in ``data``; None while it has not arrived whole.

    Raises:
        Failure: it is none that a server may send, or one of several of a message.
    """
    if len(data) < 2:
        return None
    first, size = data[0], data[1]
    opcode, start = first & 0xF, 2
    if first & 0xF0 != 0x80 or opcode not in (TEXT, CLOSE, PING, PONG) or size > 127:
        raise Failure(f"this is no whole message as text: {data[:80]!r}")
    if size >= SHORT:
        start += 2 if size == SHORT else 8
        if len(data) < start:
            return None
        size = int.from_bytes(data[2:start], "big")
        if size > MOST or opcode >= CLOSE:
            raise Failure(f"a frame of {size} bytes: {data[:80]!r}")
    end = start + size
    return Frame(opcode, data[start:end], end) if len(data) >= end else None


def text(payload: bytes) -> bytes:
    """A message, as a client sends it."""
    size = len(payload)
    if size < SHORT:
        return bytes((0x80 | TEXT, 0x80 | size)) + _MASK + payload
    code, width = (SHORT, 2) if size < 1 << 16 else (SHORT + 1, 8)
    return bytes((0x80 | TEXT, 0x80 | code)) + size.to_bytes(width, "big") + _MASK + payload


def pong(payload: bytes) -> bytes:
    """The answer to a ping."""
    return bytes((0x80 | PONG, 0x80 | len(payload))) + _MASK + payload
