"""kill -9 in a loop under load; `make prove` has the long form."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.kills import kill_starts, leave_database, survive
from tests.functional.postgresql import PostgreSQL


@pytest.mark.case(53)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_acknowledged_is_lost_or_doubled(chat_server: ChatServer, number: int) -> None:
    outcome = asyncio.run(survive(chat_server, times=4, seed=1, number=number))
    assert outcome.again
    assert "Traceback" not in chat_server.log.read_text()


@pytest.mark.case(53)
def test_a_start_that_is_killed_leaves_nothing_half_made(tmp_path: Path) -> None:
    asyncio.run(kill_starts(ChatServer(tmp_path), times=4, seed=1))


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    postgresql = PostgreSQL()
    postgresql.start()
    yield postgresql
    postgresql.remove()


@pytest.fixture
def beside_it(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[ChatServer]:
    """A ChatApp that keeps its messages there."""
    url = postgresql.url(postgresql.database())
    server = ChatServer(tmp_path, {"SQLALCHEMY_URL": url, "CHAT_DURABILITY": "power"})
    server.start()
    yield server
    server.stop()


@pytest.mark.case(53)
def test_so_it_is_with_postgresql(beside_it: ChatServer) -> None:
    assert asyncio.run(survive(beside_it, times=3, seed=1)).again


def test_postgresql_goes_and_comes_back_under_load(
    beside_it: ChatServer, postgresql: PostgreSQL
) -> None:
    outcome = asyncio.run(leave_database(beside_it, postgresql, times=2, seed=1))
    assert outcome.refused
    assert "Traceback" not in beside_it.log.read_text()
