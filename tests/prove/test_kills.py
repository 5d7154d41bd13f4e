"""The long form of functional/test_kills.py."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.kills import kill_starts, leave_database, survive
from tests.functional.postgresql import PostgreSQL

pytestmark = pytest.mark.prove

SEED = int.from_bytes(os.urandom(4))


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    postgresql = PostgreSQL()
    postgresql.start()
    yield postgresql
    postgresql.remove()


@pytest.fixture(params=["sqlite", "sqlite power", "postgresql", "postgresql power"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChatServer]:
    database, _, durability = request.param.partition(" ")
    environment = {"CHAT_DURABILITY": durability or "process"}
    if database == "postgresql":
        postgresql = request.getfixturevalue("postgresql")
        environment["SQLALCHEMY_URL"] = postgresql.url(postgresql.database())
    server = ChatServer(tmp_path, environment)
    server.start()
    yield server
    server.stop()


@pytest.mark.case(53)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_acknowledged_is_lost_or_doubled(
    server: ChatServer, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = asyncio.run(survive(server, times=40, seed=SEED, number=number))
    with capsys.disabled():
        print(f"\n40 times, seed {SEED}: {outcome}")
    assert outcome.again
    assert "Traceback" not in server.log.read_text()


@pytest.mark.case(53)
def test_a_start_that_is_killed_leaves_nothing_half_made(tmp_path: Path) -> None:
    for turn in range(20):
        (tmp_path / str(turn)).mkdir()
        server = ChatServer(tmp_path / str(turn))
        asyncio.run(kill_starts(server, times=10, seed=SEED + turn))


def test_postgresql_goes_and_comes_back_under_load(
    postgresql: PostgreSQL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgresql.url(postgresql.database())
    server = ChatServer(tmp_path, {"SQLALCHEMY_URL": url, "CHAT_DURABILITY": "power"})
    server.start()
    outcome = asyncio.run(leave_database(server, postgresql, times=20, seed=SEED))
    assert server.stop() == 0
    with capsys.disabled():
        print(f"\n20 times, seed {SEED}: {outcome}")
    assert outcome.refused
    assert "Traceback" not in server.log.read_text()
