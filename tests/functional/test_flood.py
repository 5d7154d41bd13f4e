"""A flood of new connections starves none of those that are open."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
import uvloop

from tests.functional.processes import many_files
from tests.functional.servers import Process, free_port
from tests.functional.wire import Wire

APPLICATION = """
def make(global_conf, **settings):
    def application(environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            yield environ["cogen.core"].events.Sleep(0.05)
        start_response("200 OK", [("Content-Length", "5")])
        yield b"hello"

    return application
"""


class Flooding(asyncio.Protocol):
    """One of a flood: it connects, asks, goes when it is answered, and the next one comes."""

    def __init__(self, flood: Flood) -> None:
        self._flood = flood

    def connection_made(self, transport: Any) -> None:
        self._flood.count += 1
        self._flood.open += 1
        self._transport = transport
        transport.write(b"GET / HTTP/1.0\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._flood.open -= 1
        self._flood.comes()


class Flood:
    """So many connections at once, until it ends.

    Attributes:
        count: how many there have been.
        open: how many there are.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._coming: set[asyncio.Task[None]] = set()
        self._ended = False
        self.count = self.open = 0

    def begin(self, size: int) -> None:
        for _ in range(size):
            self.comes()

    def comes(self) -> None:
        """The next one."""
        if not self._ended:
            task = asyncio.create_task(self._connect())
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: Flooding(self), "127.0.0.1", self._port)
        except ConnectionError:
            self.comes()

    async def end(self) -> None:
        self._ended = True
        while self._coming or self.open:
            await asyncio.sleep(0.01)


async def main(port: int) -> int:
    """A hundred requests, some of which wait, on a connection that was open before the flood."""
    flood = Flood(port)
    with contextlib.closing(Wire(port)) as wire:
        await wire.ask("GET", "/")
        flood.begin(1000)
        for number in range(100):
            answer = await wire.ask("GET", "/wait" if number % 4 == 0 else "/")
            assert (answer.status, answer.body) == (200, b"hello")
        while flood.count < 1000:
            assert (await wire.ask("GET", "/")).status == 200
    await flood.end()
    return flood.count


@pytest.mark.parametrize("most", [0, 100], ids=["room for all", "room for a hundred"])
def test_an_open_connection_is_answered_during_a_flood(tmp_path: Path, most: int) -> None:
    port = free_port()
    with (
        many_files(5000),
        Process(tmp_path, source=APPLICATION, port=port, max_connections=most) as server,
    ):
        server.listen()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            assert runner.run(main(port)) >= 1000
        server.process.terminate()
        assert server.wait() == 0
        assert "Traceback" not in server.log
