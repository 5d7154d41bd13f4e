"""Fifteen thousand polls wait in one process: what each costs, and that it is answered once."""

from __future__ import annotations

import asyncio
import contextlib
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


async def in_groups(wires: list[Wire], target: str) -> list[Answer]:
    answers: list[Answer] = []
    for at in range(0, len(wires), AT_ONCE):
        asked = (wire.ask("GET", target) for wire in wires[at : at + AT_ONCE])
        answers += await asyncio.gather(*asked)
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


def test_on_the_whole_chat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = ChatServer(tmp_path, {"CHAT_PULL_TIMEOUT": "600", "CHAT_IDLE": "600"})

    async def main() -> float:
        with connections() as wires, contextlib.closing(Wire(server.port)) as speaker:
            await speaker.ask("GET", "/chat/pull/speaker")
            before = memory(server.pid)
            wires += [Wire(server.port) for _ in range(POLLS)]
            for answer in await in_groups(wires, "/chat/pull"):
                assert (answer.status, answer.body) == (200, b"")
            for wire in wires:
                await wire.send("GET", "/chat/pull")
            await asyncio.sleep(3)
            each = (memory(server.pid) - before) / POLLS
            assert (await speaker.ask("POST", "/chat/push", b"hello")).body == b"ok 1\r\n"
            for wire in wires:
                answer = await wire.answer()
                assert answer.status == 200
                assert answer.body.endswith(b": hello\r\n")
                assert answer.body.count(b"\r\n") == 1
            for answer in await in_groups(wires, "/chat/pull?timeout=0"):
                assert (answer.status, answer.body) == (200, b"")
            return each

    server.start()
    try:
        each = asyncio.run(main())
    finally:
        server.stop()
    with capsys.disabled():
        print(f"\nthe whole chat: {POLLS} parked polls, {each / KB:.2f} kB each")
    assert each < 12 * KB
