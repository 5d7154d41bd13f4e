"""What outlives the server; and a database that is not of its time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatapp.store.version import NEWEST
from tests.functional.chat_server import ChatServer
from tests.functional.postgresql import PostgreSQL
from tests.functional.wire import Wire

AS_JSON = "Content-Type: application/json\r\nAccept: application/json\r\n"
TOKEN = "t" * 32
TEXTS = ["hello", "☃\n<b>\0" + "x" * 8000, "said once"]
NONCE = json.dumps({"text": TEXTS[2], "nonce": "1"}).encode()


async def ask(wire: Wire, method: str, target: str, body: bytes = b"", more: str = "") -> Any:
    answer = await wire.ask(method, target, body, AS_JSON + more)
    assert answer.status in (200, 201), answer
    return json.loads(answer.body) if answer.body else None


async def everything(reader: Wire) -> list[Any]:
    """The rooms, and what was said in them."""
    listed = (await ask(reader, "GET", "/api/rooms"))["rooms"]
    rooms = [{key: room[key] for key in ("id", "name", "cursor")} for room in listed]
    said = [await ask(reader, "GET", f"/api/rooms/{room['id']}/messages") for room in rooms]
    return [rooms, *said]


async def restarted(server: ChatServer, number: int) -> None:
    with contextlib.closing(Wire(server.port)) as ann, contextlib.closing(Wire(server.port)) as bob:
        admin = f"Authorization: Bearer {TOKEN}\r\n"
        await ask(ann, "POST", "/api/rooms", b'{"name": "two"}', admin)
        await ask(ann, "POST", "/api/login", b'{"name": "ann"}')
        cursor = (await ask(bob, "GET", "/chat/pull"))["cursor"]
        for text in TEXTS[:2]:
            await ask(ann, "POST", "/api/rooms/1/messages", json.dumps({"text": text}).encode())
        once = await ask(ann, "POST", "/api/rooms/1/messages", NONCE)
        await ask(ann, "POST", "/api/rooms/2/messages", b'{"text": "in another room"}')
        kept = await everything(bob)

        server.stop(number)
        ann.close()
        bob.close()
        server.start()

        heard = await ask(bob, "GET", f"/chat/pull?since={cursor}")
        assert [each["text"] for each in heard["messages"]] == TEXTS
        assert heard["gap"] == {"missed": 0, "restarted": False}
        assert kept == await everything(bob)
        assert await ask(ann, "POST", "/api/rooms/1/messages", NONCE) == once
        said = await ask(ann, "POST", "/api/rooms/1/messages", b'{"text": "again"}')
        assert (said["sender"], said["seq"]) == ("ann", once["seq"] + 1)
        assert said["time"] > once["time"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_history_rooms_nonces_and_sessions_outlive_it(tmp_path: Path, number: int) -> None:
    server = ChatServer(tmp_path, {"CHAT_ADMIN_TOKEN": TOKEN})
    server.start()
    try:
        asyncio.run(restarted(server, number))
    finally:
        assert server.stop() == 0


Execute = Callable[[str], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[ChatServer, Execute]]:
    """A server that has been started once, and what executes a statement in its database."""
    with contextlib.ExitStack() as stack:
        environment = {}
        if request.param == "postgresql":
            postgresql = PostgreSQL()
            stack.callback(postgresql.remove)
            postgresql.start()
            name = postgresql.database()
            environment["SQLALCHEMY_URL"] = postgresql.url(name)

            def execute(statement: str) -> None:
                postgresql.execute(name, statement)
        else:

            def execute(statement: str) -> None:
                with contextlib.closing(sqlite3.connect(tmp_path / "data" / "chat.db")) as opened:
                    opened.execute(statement)
                    opened.commit()

        server = ChatServer(tmp_path, environment)
        server.start()
        assert server.stop() == 0
        yield server, execute


def test_a_schema_of_another_time_ends_the_start_with_one_line(
    database: tuple[ChatServer, Execute],
) -> None:
    server, execute = database
    for version, says in (("0000", "older"), ("9999", "newer")):
        execute(f"UPDATE alembic_version SET version_num = '{version}'")
        server.log.write_text("")
        assert server.begin().wait(20) == 1
        (line,) = server.log.read_text().splitlines()
        assert line.startswith("[app:main] ")
        assert f"schema ({version}) is {says} than this ChatApp's" in line
        assert "`paster setup-app test.ini`" in line
    execute(f"UPDATE alembic_version SET version_num = '{NEWEST}'")
    server.start()
    assert server.stop() == 0


def test_a_second_server_of_one_database_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    first = ChatServer(tmp_path)
    second = ChatServer(tmp_path / "second", {"CHAT_DATA": str(tmp_path / "data")})
    first.start()
    try:
        assert second.begin().wait(20) == 1
        (line,) = second.log.read_text().splitlines()
        assert line.endswith("another process uses the database; stop it first")
    finally:
        assert first.stop() == 0
