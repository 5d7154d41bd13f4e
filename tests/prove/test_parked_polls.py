"""Fifteen thousand polls wait in one process: what each costs, and that it is answered once."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.processes import many_files, memory
from tests.functional.servers import Process, free_port
from tests.functional.wire import Answer, Wire

pytestmark = pytest.mark.prove

POLLS = 15_000
AT_ONCE = 500  # connections that are being opened at the same moment
KB = 1000

APPLICATION = """
from cogen.core.pubsub import PublishSubscribeQueue

news = PublishSubscribeQueue(maxlen=10)


def application(environ, start_response):
    if environ["PATH_INFO"] == "/push":
        news.publish(b"news")
        body = b"pushed to %d" % news.statistics().waiting
    elif environ["PATH_INFO"] == "/poll":
        yield environ["cogen.call"](news.fetch)(news.subscribe())
        body = b"".join(environ["cogen.wsgi"].take())
    else:
        body = b"%d" % news.statistics().waiting
    start_response("200 OK", [("Content-Length", str(len(body)))])
    yield body


def make(global_conf, **settings):
    return application
"""


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[None]:
    with many_files(POLLS + 200):
        yield


async def in_groups(wires: list[Wire], targets: list[str]) -> list[Answer]:
    answers: list[Answer] = []
    for at in range(0, len(wires), AT_ONCE):
        group = zip(wires[at : at + AT_ONCE], targets[at : at + AT_ONCE], strict=True)
        answers += await asyncio.gather(*(wire.ask("GET", target) for wire, target in group))
    return answers


@contextlib.contextmanager
def connections() -> Iterator[list[Wire]]:
    wires: list[Wire] = []
    yield wires
    for wire in wires:
        wire.close()


def test_on_cogen_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()

    async def main(server: Process) -> float:
        with connections() as wires, contextlib.closing(Wire(port)) as other:
            assert (await other.ask("GET", "/")).body == b"0"
            before = memory(server.process.pid)
            wires += [Wire(port) for _ in range(POLLS)]
            for at in range(0, POLLS, AT_ONCE):
                group = wires[at : at + AT_ONCE]
                await asyncio.gather(*(wire.send("GET", "/poll") for wire in group))
            while (await other.ask("GET", "/")).body != b"%d" % POLLS:
                await asyncio.sleep(0.1)
            each = (memory(server.process.pid) - before) / POLLS
            await other.ask("GET", "/push")
            for wire in wires:
                answer = await wire.answer()
                assert (answer.status, answer.body) == (200, b"news")
            assert (await other.ask("GET", "/")).body == b"0"
            return each

    with Process(tmp_path, source=APPLICATION, port=port) as server:
        server.listen()
        each = asyncio.run(main(server))
    with capsys.disabled():
        print(f"\ncogen alone: {POLLS} parked polls, {each / KB:.2f} kB each")
    assert each < 7 * KB


TOKEN = "a-token-of-sixteen-letters"


async def rooms(speaker: Wire, count: int) -> list[int]:
    """So many, by their ids; the first is the main one."""
    ids = [1]
    for number in range(2, count + 1):
        body = json.dumps({"name": f"room {number}"}).encode()
        headers = f"Content-Type: application/json\r\nAuthorization: Bearer {TOKEN}\r\n"
        answer = await speaker.ask("POST", "/api/rooms", body, headers)
        assert answer.status == 201
        ids.append(json.loads(answer.body)["id"])
    return ids


@pytest.mark.parametrize(("count", "polls"), [(1, POLLS), (1, 10_000), (1000, 10_000)])
def test_on_the_whole_chat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int, polls: int
) -> None:
    environment = {"CHAT_PULL_TIMEOUT": "600", "CHAT_IDLE": "600", "CHAT_LINGER": "600"}
    server = ChatServer(tmp_path, {**environment, "CHAT_ADMIN_TOKEN": TOKEN})

    async def main() -> float:
        with connections() as wires, contextlib.closing(Wire(server.port)) as speaker:
            await speaker.ask("GET", "/chat/pull/speaker")
            before = memory(server.pid)
            ids = await rooms(speaker, count)
            wires += [Wire(server.port) for _ in range(polls)]
            places = [f"/chat/pull?room={ids[number % count]}" for number in range(polls)]
            for answer in await in_groups(wires, places):
                assert (answer.status, answer.body) == (200, b"")
            for wire, place in zip(wires, places, strict=True):
                await wire.send("GET", place)
            await asyncio.sleep(3)
            each = (memory(server.pid) - before) / polls
            for id in ids:
                answer = await speaker.ask("POST", f"/chat/push?room={id}", b"hello to %d" % id)
                assert answer.status == 200
            for number, wire in enumerate(wires):
                answer = await wire.answer()
                assert answer.body == b"speaker: hello to %d\r\n" % ids[number % count]
            ends = [f"{place}&timeout=0" for place in places]
            for answer in await in_groups(wires, ends):
                assert (answer.status, answer.body) == (200, b"")
            return each

    server.start()
    try:
        each = asyncio.run(main())
    finally:
        server.stop()
    with capsys.disabled():
        print(f"\nthe whole chat: {polls} parked polls in {count} rooms, {each / KB:.2f} kB each")
    assert each < 12 * KB
