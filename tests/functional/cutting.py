"""A network that cuts connections: a proxy of its own thread between a browser and a server.

It knows where a request and its answer begin and end, so that it can cut at each place that
matters: the server never got it, got a part of it, got it and the browser hears nothing, or hears a
part. What one side has sent before a cut may have been handled, and nobody can tell.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["PLACES", "SOCKET", "WITHIN_A_FRAME", "CuttingNetwork"]

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset
LARGEST = 1 << 24  # bytes of a message

BEFORE = "before the request"
WITHIN = "within the request"
UNANSWERED = "before the answer"
ANSWERING = "within the answer"
PLACES = (BEFORE, WITHIN, UNANSWERED, ANSWERING)
WITHIN_A_FRAME = "within a frame"
SOCKET = "a WebSocket"  # in the place of a path, once it is open


class Cut(Exception):
    """This connection ends here: args are the path and the place."""


class CuttingNetwork:
    """On 127.0.0.1; a context manager.

    Args:
        server: the port that it leads to.
        seed: of what is left to chance.

    Attributes:
        port, url: where it listens.
        requests: the part of the requests that are cut, each at one of `PLACES`.
        frames: the part of what comes on a WebSocket that is cut, and the WebSocket with it.
        delay: seconds that all from the server takes longer.
        seen: how many requests for each path there were, and WebSockets that were opened.
        cuts: how many of each path at each place; of a WebSocket, `WITHIN_A_FRAME`.
    """

    def __init__(self, server: int, seed: int) -> None:
        self.requests = self.frames = self.delay = 0.0
        self.seen: Counter[str] = Counter()
        self.cuts: Counter[tuple[str, str]] = Counter()
        self._server = server
        self._random = random.Random(seed)
        self._places: defaultdict[str, list[str]] = defaultdict(list)
        self._open = asyncio.Event()
        self._open.set()
        self._transports: set[asyncio.WriteTransport] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listener: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> CuttingNetwork:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def hold(self) -> None:
        """An outage: connections are there, new ones too, and nothing passes."""
        self._soon(self._open.clear)

    def refuse(self) -> None:
        """An outage: all connections are cut, and none can be made."""
        self._call(self._refuse())

    def release(self) -> None:
        """It is over."""
        self._soon(self._open.set)
        self._call(self._listen())

    def cut_all(self) -> None:
        """Cut all connections that there are."""
        self._soon(self._abort_all)

    # In its own thread

    def _soon(self, act: Callable[[], None]) -> None:
        async def run() -> None:
            act()

        self._call(run())

    def _call(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(
                self._serve, "127.0.0.1", self.port, limit=LARGEST
            )
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._abort_all()

    async def _end(self) -> None:
        await self._refuse()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _abort_all(self) -> None:
        for transport in [*self._transports]:
            self._abort(transport)

    def _abort(self, transport: asyncio.WriteTransport) -> None:
        sock = transport.get_extra_info("socket")
        if sock.fileno() >= 0 and self._random.random() < 0.5:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transports = {writer.transport}
        self._transports |= transports
        try:
            from_server, to_server = await asyncio.open_connection(
                "127.0.0.1", self._server, limit=LARGEST
            )
            transports.add(to_server.transport)
            self._transports |= transports
            line = _Line(self, reader, writer, from_server, to_server)
            while not line.is_socket:
                await line.exchange()
            await line.carry()
        except Cut as cut:
            path, place = cut.args
            self.cuts[path, place] += 1
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # one of both ends has gone, or all of it
        finally:
            for transport in transports:
                self._abort(transport)
            self._transports -= transports

    async def passing(self, delay: float = 0.0) -> None:
        """Wait until something may pass."""
        if delay:
            await asyncio.sleep(delay)
        await self._open.wait()

    def fate(self, path: str) -> str:
        """Where the next request for this is cut, or nothing; each place as often as the others."""
        self.seen[path] += 1
        if self._random.random() >= self.requests:
            return ""
        places = self._places[path]
        if not places:
            places += self._random.sample(PLACES, len(PLACES))
        return places.pop()

    def part(self, data: bytes) -> bytes:
        """The beginning of it, without its end."""
        return data[: self._random.randrange(len(data))]

    def cuts_here(self) -> bool:
        """On a WebSocket."""
        return self._random.random() < self.frames


class _Line:
    """A connection of the browser, and its own to the server."""

    def __init__(
        self,
        network: CuttingNetwork,
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
