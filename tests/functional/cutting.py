"""A network that cuts connections: a proxy in a thread of its own between browsers and a server.

It can also hold everything, refuse everything, and be slow.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

from tests.functional.cut_lines import PLACES, Cut, Line

__all__ = ["CuttingNetwork"]

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset
LARGEST = 1 << 24  # bytes of a message


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
            line = Line(self, reader, writer, from_server, to_server)
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
