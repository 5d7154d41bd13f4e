"""kill -9, again and again, at moments that nobody knows."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal

from tests.functional.chat_server import ChatServer
from tests.functional.load import Load, Outcome, under_load
from tests.functional.postgresql import PostgreSQL
from tests.functional.wire import Wire

__all__ = ["kill_starts", "leave_database", "survive"]


async def survive(
    server: ChatServer, *, times: int, seed: int, number: int = signal.SIGKILL
) -> Outcome:
    """End the server so often by this signal, while a crowd speaks; see `tests.functional.load`."""
    chance = random.Random(seed)

    async def end(load: Load) -> None:
        for _ in range(times):
            await load.progress(20)
            await asyncio.sleep(chance.random() * chance.choice((0.02, 0.2, 0.8)))
            code = await load.restart(number)
            assert code == (-number if number == signal.SIGKILL else 0)
        await load.progress(20)

    return await under_load(server, end)


async def kill_starts(server: ChatServer, *, times: int, seed: int) -> None:
    """Kill it while it starts, and makes what it needs to; in the end it works."""
    chance = random.Random(seed)
    for _ in range(times):
        process = server.begin()
        await asyncio.sleep(chance.random() * 0.5)
        process.kill()
        process.wait()
    server.start()
    with contextlib.closing(Wire(server.port)) as wire:
        assert (await wire.ask("POST", "/chat/push", b"hello")).body == b"ok 1\r\n"
    assert server.stop() == 0


async def leave_database(
    server: ChatServer, postgresql: PostgreSQL, *, times: int, seed: int
) -> Outcome:
    """End PostgreSQL so often, in order and at once, while a crowd speaks."""
    chance = random.Random(seed)

    async def end(load: Load) -> None:
        for turn in range(times):
            await load.progress(20)
            await asyncio.sleep(chance.random() * 0.3)
            how = (signal.SIGQUIT, signal.SIGINT)[turn % 2]
            await asyncio.to_thread(postgresql.stop, how)
            await asyncio.sleep(chance.random() * 0.5)
            await asyncio.to_thread(postgresql.start)
        await load.progress(20)

    return await under_load(server, end)
