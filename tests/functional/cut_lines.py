"""One connection of a browser to a server, cut where the network between them says.

It knows where a request and its answer begin and end, so it is cut at each place that matters: the
server never got the request, got a part of it, got it and the browser hears nothing, or a part.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Protocol

__all__ = ["PLACES", "SOCKET", "WITHIN_A_FRAME", "Cut", "Line"]

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)

BEFORE = "before the request"
WITHIN = "within the request"
UNANSWERED = "before the answer"
ANSWERING = "within the answer"
PLACES = (BEFORE, WITHIN, UNANSWERED, ANSWERING)
WITHIN_A_FRAME = "within a frame"
SOCKET = "a WebSocket"  # in the place of a path, once it is open


class Cut(Exception):
    """This connection ends here: args are the path and the place."""


class Network(Protocol):
    """What a line asks for."""

    delay: float
    seen: Counter[str]

    async def passing(self, delay: float = 0.0) -> None:
        """Wait until something may pass."""

    def fate(self, path: str) -> str:
        """Where the next request for this is cut, or nothing."""

    def part(self, data: bytes) -> bytes:
        """The beginning of it, without its end."""

    def cuts_here(self) -> bool:
        """On a WebSocket."""


class Line:
    """A connection of the browser, and its own to the server."""

    def __init__(
        self,
        network: Network,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        from_server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        self.is_socket = False
        self._network = network
        self._reader, self._writer = reader, writer
        self._from_server, self._to_server = from_server, to_server
        self._early = b""

    async def exchange(self) -> None:
        """A request and its answer."""
        network = self._network
        request = await _message(self._reader, self._early)
        path = request.split(b" ", 2)[1].decode()
        fate = network.fate(path)
        await network.passing()
        if fate == BEFORE:
            raise Cut(path, fate)
        await _put(self._to_server, network.part(request) if fate == WITHIN else request)
        if fate == WITHIN:
            raise Cut(path, fate)
        answer = await self._answer()
        await network.passing(network.delay)
        if fate == UNANSWERED:
            raise Cut(path, fate)
        await _put(self._writer, network.part(answer) if fate == ANSWERING else answer)
        if fate == ANSWERING:
            raise Cut(path, fate)
        self.is_socket = answer.startswith(b"HTTP/1.1 101")

    async def carry(self) -> None:
        """A WebSocket's frames."""
        self._network.seen[SOCKET] += 1
        ways = (
            self._pass(self._reader, self._to_server, False),
            self._pass(self._from_server, self._writer, True),
        )
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, down: bool
    ) -> None:
        network = self._network
        while data := await reader.read(65_536):
            await network.passing(network.delay if down else 0.0)
            if network.cuts_here():
                await _put(writer, network.part(data))
                raise Cut(SOCKET, WITHIN_A_FRAME)
            await _put(writer, data)

    async def _answer(self) -> bytes:
        """The server's. Raises EOFError: who asked has gone, or the server."""
        answering = asyncio.ensure_future(_message(self._from_server))
        going = asyncio.ensure_future(self._reader.read(1))  # a byte of the next request, or none
        try:
            await asyncio.wait((answering, going), return_when=asyncio.FIRST_COMPLETED)
            if going.done() and not going.result():
                raise EOFError
            answer = await answering
            self._early = going.result() if going.done() else b""
            return answer
        finally:
            for task in (answering, going):
                task.cancel()
            await asyncio.gather(answering, going, return_exceptions=True)


async def _put(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def _message(reader: asyncio.StreamReader, early: bytes = b"") -> bytes:
    """A request or an answer, whole. Raises EOFError: none comes any more."""
    head = early + await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    if length is None or head.startswith(b"HTTP/1.1 304"):
        return head
    return head + await reader.readexactly(int(length[1]))
