"""WebSockets that only listen, by the thousand: bare sockets in one loop, a session each.

What they hear is short, so a frame's length is one byte (RFC 6455 5.2). Pings are answered at once.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

__all__ = ["Listener", "listening", "round_trip", "until"]

AT_ONCE: Final = 250  # that are being opened at the same moment
SOURCES: Final = 16  # addresses that they come from: one has not enough ports for all, twice
NO_PORT_YET: Final = 24  # IP_BIND_ADDRESS_NO_PORT of Linux; socket has no name for it before 3.14

HANDSHAKE: Final = (
    b"GET /ws?history=0 HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n\r\n"
)
SWITCHED: Final = b"HTTP/1.1 101 "
TEXT, PING = 0x81, 0x89  # whole messages
PONG: Final = b"\x8a\x80" + bytes(4)  # with a mask that changes nothing


class Listener:
    """One of them.

    Attributes:
        messages: as they came.
        pings: how many were answered.
        gone: the server has closed.
    """

    __slots__ = ("_data", "_sock", "gone", "messages", "pings")

    def __init__(self, source: str) -> None:
        self._sock = socket.socket()
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.IPPROTO_IP, NO_PORT_YET, 1)
        self._sock.bind((source, 0))
        self._data = b""
        self.messages: list[bytes] = []
        self.pings = 0
        self.gone = False

    async def open(self, port: int) -> None:
        """Shake hands, and listen from now on."""
        loop, sock = asyncio.get_running_loop(), self._sock
        await loop.sock_connect(sock, ("127.0.0.1", port))
        await loop.sock_sendall(sock, HANDSHAKE)
        while b"\r\n\r\n" not in self._data:
            data = await loop.sock_recv(sock, 4096)
            assert data, f"it is no WebSocket: {self._data!r}"
            self._data += data
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        assert head.startswith(SWITCHED), head
        loop.add_reader(sock, self._ready, loop)
        self._read()

    def close(self) -> None:
        """Go away, without a word of WebSocket's."""
        if self._sock.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._sock)
            self._sock.close()

    def _ready(self, loop: asyncio.AbstractEventLoop) -> None:
        data = b""
        with contextlib.suppress(ConnectionError):
            data = self._sock.recv(4096)
        if not data:
            self.gone = True
            loop.remove_reader(self._sock)
        self._data += data
        self._read()

    def _read(self) -> None:
        while len(self._data) >= 2 and len(self._data) >= (end := 2 + self._data[1]):
            kind, text, self._data = self._data[0], self._data[2:end], self._data[end:]
            if kind == TEXT:
                self.messages.append(text)
            else:
                assert (kind, text) == (PING, b""), (kind, text)
                self.pings += 1
                self._sock.send(PONG)


@contextlib.asynccontextmanager
async def listening(port: int, count: int) -> AsyncIterator[list[Listener]]:
    """So many, which are gone at the end."""
    listeners = [Listener(f"127.0.0.{2 + number % SOURCES}") for number in range(count)]
    try:
        for at in range(0, count, AT_ONCE):
            await asyncio.gather(*(each.open(port) for each in listeners[at : at + AT_ONCE]))
        yield listeners
    finally:
        for each in listeners:
            each.close()


async def until(ready: Callable[[], bool], seconds: float) -> None:
    """Wait for it; TimeoutError when it does not come."""
    async with asyncio.timeout(seconds):
        while not ready():
            await asyncio.sleep(0.05)


def round_trip(port: int, room: int) -> float:
    """Seconds from what is said in a room, where nobody else is, to who waits for it there."""
    puller, pusher = (http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(2))
    with contextlib.closing(puller), contextlib.closing(pusher):
        puller.request("GET", f"/chat/pull?room={room}&timeout=0")
        answer = puller.getresponse()
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        answer.read()
        puller.request("GET", f"/chat/pull?room={room}", headers=cookie)
        began = time.monotonic()
        pusher.request("POST", f"/chat/push?room={room}", b"hello")
        pusher.getresponse().read()
        answer = puller.getresponse()
        took = time.monotonic() - began
        assert answer.read().endswith(b": hello\r\n")
        return took
