"""A hundred thousand clients come and go over HTTP, and the server is as large as before."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import pytest

from chatapp.lib.session import REMEMBERED
from tests.functional.chat_server import ChatServer
from tests.functional.wire import Wire

pytestmark = pytest.mark.prove

MB = 1024 * 1024
CONNECTIONS = 50


def memory(server: ChatServer) -> int:
    """What the process has in memory, in bytes."""
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


async def come_and_go(port: int, count: int) -> None:
    """So many sessions pull twice, some of them with a name, and are never seen again."""

    async def some(share: int, number: int) -> None:
        with contextlib.closing(Wire(port)) as wire:
            for index in range(share):
                wire.cookie = ""
                name = f"/{number}-{index}" if index % 2 else ""
                answer = await wire.ask("GET", f"/chat/pull{name}")
                assert answer.status in (200, 409)  # the last one of this name may still be here
                assert (await wire.ask("GET", "/chat/pull?timeout=0")).status == 200
                if index % 50 == 0:
                    await wire.ask("POST", "/chat/push", b"hello")

    await asyncio.gather(*(some(count // CONNECTIONS, n) for n in range(CONNECTIONS)))


def test_memory_is_flat_after_a_hundred_thousand_clients(tmp_path: Path) -> None:
    server = ChatServer(tmp_path, {"CHAT_IDLE": "1"})
    server.start()
    try:
        # As many cookies as are ever remembered are remembered after this.
        asyncio.run(come_and_go(server.port, REMEMBERED + 5000))
        time.sleep(3)
        before = memory(server)
        asyncio.run(come_and_go(server.port, 100_000))
        time.sleep(3)
        growth = memory(server) - before
    finally:
        server.stop()
    assert growth < 5 * MB, f"{before / MB:.0f} MB, and {growth / MB:.1f} MB more"
