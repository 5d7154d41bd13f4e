"""Thousands wait, and one message reaches each of them once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ROOT, ChatServer, python_path
from tests.functional.processes import many_files
from tests.functional.wire import Answer, Wire

POLLS = 5000
AT_ONCE = 500  # connections that are being opened at the same moment

PIPELINE = """
[pipeline:main]
pipeline = one two three four chat

[filter:one]
paste.filter_factory = tests.functional.filters:passing
[filter:two]
paste.filter_factory = tests.functional.filters:passing
[filter:three]
paste.filter_factory = tests.functional.filters:passing
[filter:four]
paste.filter_factory = tests.functional.filters:passing

[app:chat]
use = egg:ChatApp

[server:main]
use = egg:ChatApp#cogen
"""


@pytest.fixture
def descriptors() -> Iterator[None]:
    with many_files(POLLS + 200):
        yield


async def everyone_gets_it_once(port: int) -> None:
    wires = [Wire(port) for _ in range(POLLS)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def each(do: Callable[[Wire], Awaitable[Answer]]) -> list[Answer]:
        async def one(wire: Wire) -> Answer:
            async with gate:
                return await do(wire)

        return await asyncio.gather(*(one(wire) for wire in wires))

    try:
        for answer in await each(lambda wire: wire.ask("GET", "/chat/pull")):
            assert (answer.status, answer.body) == (200, b"")
        assert len({wire.cookie for wire in wires}) == POLLS
        for wire in wires:
            await wire.send("GET", "/chat/pull")
        with contextlib.closing(Wire(port)) as speaker:
            said = await speaker.ask("POST", "/chat/push", b"hello")
        assert said.body == b"ok 1\r\n"
        for wire in wires:
            answer = await wire.answer()
            assert answer.status == 200
            assert answer.body.endswith(b": hello\r\n")
            assert answer.body.count(b"\r\n") == 1
        for answer in await each(lambda wire: wire.ask("GET", "/chat/pull?timeout=0")):
            assert (answer.status, answer.body) == (200, b"")
    finally:
        for wire in wires:
            wire.close()


def test_each_of_five_thousand_who_wait_gets_the_message_once(
    descriptors: None, chat_server: ChatServer
) -> None:
    asyncio.run(everyone_gets_it_once(chat_server.port))


def test_so_does_each_behind_four_middlewares(descriptors: None, tmp_path: Path) -> None:
    ini = tmp_path / "pipeline.ini"
    ini.write_text(PIPELINE)
    server = ChatServer(tmp_path, {"PYTHONPATH": python_path(ROOT)}, ini=str(ini))
    server.start()
    try:
        asyncio.run(everyone_gets_it_once(server.port))
    finally:
        server.stop()
