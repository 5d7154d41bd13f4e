"""The long form of functional/test_nothing_is_lost.py: other seeds, more of everything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.disconnects import run

pytestmark = pytest.mark.prove


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChatServer]:
    server = ChatServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("seed", range(10))
def test_every_message_once_and_in_order_however_often_the_connection_drops(
    server: ChatServer, seed: int
) -> None:
    asyncio.run(run(server.port, readers=50, messages=5000, disconnects=5000, seed=seed))


def test_so_it_is_with_many_readers(server: ChatServer) -> None:
    asyncio.run(run(server.port, readers=500, messages=2000, disconnects=10_000, seed=100))
