"""HTTP over bare sockets: a client that decides itself what it reads, and how it goes away."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import NamedTuple

ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset


class Answer(NamedTuple):
    """A response; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """One client: a cookie, and at most one connection at a time, kept alive.

    Args:
        port: where it connects.
        host: that it asks for.
        telnet: the port of the same server's telnet.
    """

    def __init__(self, port: int, host: str = "chat", telnet: int = 0) -> None:
        self.telnet = telnet
        self._port = port
        self._host = host
        self._sock: socket.socket | None = None
        self._data = b""
        self.cookie = ""

    async def send(self, method: str, target: str, body: bytes = b"", headers: str = "") -> None:
        """Send a request; connects if there is no connection."""
        if self.cookie:
            headers += f"Cookie: {self.cookie}\r\n"
        if body:
            headers += f"Content-Length: {len(body)}\r\n"
        head = f"{method} {target} HTTP/1.1\r\nHost: {self._host}\r\n{headers}\r\n"
        await self.put(head.encode() + body)

    async def put(self, data: bytes) -> None:
        """Send bytes; connects if there is no connection."""
        loop = asyncio.get_running_loop()
        if self._sock is None:
            sock = socket.socket()
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sock = sock
            await loop.sock_connect(sock, ("127.0.0.1", self._port))
            if sock.getsockname() == sock.getpeername():  # nobody listens: it came from there
                self.close()
                raise ConnectionRefusedError("it has met itself")
        await loop.sock_sendall(self._sock, data)

    async def piece(self) -> bytes:
        """Read what there is, at least something.

        Raises:
            ConnectionError: the server has closed.
        """
        if not self._data and not await self.some(65_536):
            raise ConnectionError("closed")
        data, self._data = self._data, b""
        return data

    async def some(self, size: int) -> bool:
        """Read at most so many bytes of the answer, and leave the rest; False at the end."""
        assert self._sock is not None
        data = await asyncio.get_running_loop().sock_recv(self._sock, size)
        self._data += data
        return bool(data)

    async def answer(self) -> Answer:
        """Read one answer to its end.

        Raises:
            ConnectionError: the server has closed before that.
        """
        status, headers = await self.head()
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while chunk := await self.chunk():
                body += chunk
        else:
            body = await self._exactly(int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    async def head(self) -> tuple[int, dict[str, str]]:
        """The status and the headers of one answer; its body is still to be read."""
        while b"\r\n\r\n" not in self._data:
            if not await self.some(65_536):
                raise ConnectionError("closed before the answer")
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (f.split(": ", 1) for f in fields)}
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0]
        return int(line.split()[1]), headers

    async def chunk(self) -> bytes:
        """One of a chunked body; empty at its end."""
        chunk = await self._exactly(int(await self._line(), 16))
        await self._line()
        return chunk

    async def _exactly(self, size: int) -> bytes:
        while len(self._data) < size:
            if not await self.some(65_536):
                raise ConnectionError("closed within the answer")
        data, self._data = self._data[:size], self._data[size:]
        return data

    async def _line(self) -> bytes:
        while b"\r\n" not in self._data:
            if not await self.some(65_536):
                raise ConnectionError("closed within the answer")
        line, _, self._data = self._data.partition(b"\r\n")
        return line

    async def ask(self, method: str, target: str, body: bytes = b"", headers: str = "") -> Answer:
        """Send a request and read its answer."""
        await self.send(method, target, body, headers)
        return await self.answer()

    def close(self, *, abort: bool = False) -> None:
        """Go away: with FIN (the kernel makes it a reset if something is unread), or with RST."""
        if self._sock is not None:
            if abort:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            self._sock.close()
            self._sock = None
        self._data = b""
