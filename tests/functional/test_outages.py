"""A running server that can keep nothing for a while; `make prove` has the long form."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.disks import FAULTS, Fault
from tests.functional.wire import Answer, Wire

AS_JSON = "Accept: application/json\r\n"
POST_JSON = "Content-Type: application/json\r\n"


@contextlib.contextmanager
def clients(server: ChatServer, count: int) -> Iterator[list[Wire]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(Wire(server.port))) for _ in range(count)]


def seqs(answer: Answer) -> list[int]:
    assert answer.status == 200, answer
    return [message["seq"] for message in json.loads(answer.body)["messages"]]


async def say(server: ChatServer, count: int) -> None:
    with clients(server, 1) as (wire,):
        for number in range(1, count + 1):
            answer = await wire.ask("POST", "/chat/push", b"hello")
            assert answer.body == b"ok %d\r\n" % number


async def say_until_refused(wire: Wire) -> int:
    """So many large messages are still accepted: a full disk has a little place in its files."""
    for accepted in range(100):
        answer = await wire.ask("POST", "/chat/push", b"x" * 8000)
        if answer.status == 503:
            return accepted
        assert answer.status == 200
    raise AssertionError("it is never refused")


async def outage(server: ChatServer, data: Path, fault: Fault) -> None:
    with clients(server, 6) as (bob, eve, ann, *others):
        begin = (await bob.ask("GET", "/chat/pull", headers=AS_JSON)).headers["x-chat-cursor"]
        past = f"/chat/pull?since={begin.partition('.')[0]}.0"
        end = int(begin.partition(".")[2])
        assert end == 5
        with fault.lasts(server, data):
            end += await say_until_refused(ann)
            body = b'{"text": "hello", "nonce": "1"}'
            speaking = asyncio.gather(
                ann.ask("POST", "/api/rooms/1/messages", body, POST_JSON),
                eve.ask("GET", "/chat/pull/eve"),  # of whom the room cannot be told
                *(other.ask("POST", "/chat/push", b"hello") for other in others),
            )
            async with asyncio.timeout(1):  # while they wait
                heard = await bob.ask("GET", "/chat/pull?timeout=0.1", headers=AS_JSON)
            assert seqs(heard) == list(range(6, end + 1))
            in_json, named, *refused = await speaking
            for answer in refused:
                assert answer.body.decode() == f"503 Service Unavailable: {fault.sentence}\r\n"
                assert "retry-after" in answer.headers
            assert (in_json.status, json.loads(in_json.body)["detail"]) == (503, fault.sentence)
            assert named.status == 200
            heard = await bob.ask("GET", "/chat/pull?timeout=0.1", headers=AS_JSON)
            assert seqs(heard) == []
            assert seqs(await eve.ask("GET", past, headers=AS_JSON)) == list(range(1, end + 1))
            await bob.send("GET", "/chat/pull")
        assert (await ann.ask("POST", "/chat/push", b"over")).body == b"ok %d\r\n" % (end + 1)
        assert (await bob.answer()).body.endswith(b": over\r\n")
        again = await ann.ask("POST", "/api/rooms/1/messages", body, POST_JSON)
        assert (again.status, json.loads(again.body)["seq"]) == (201, end + 2)
        assert seqs(await eve.ask("GET", past, headers=AS_JSON)) == list(range(1, end + 3))


@pytest.mark.parametrize("name", FAULTS)
def test_pushes_are_refused_and_reading_goes_on_until_the_cause_is_gone(
    tmp_path: Path, name: str
) -> None:
    fault, data = FAULTS[name], tmp_path / "data"
    data.mkdir()
    server = ChatServer(tmp_path, {"CHAT_WINDOW": "2"}, before=fault.before(data))
    server.start()
    try:
        asyncio.run(say(server, 5))
        if fault.anew:
            assert server.stop() == 0
            server.start()
        asyncio.run(outage(server, data, fault))
    finally:
        assert server.stop() == 0
    log = server.log.read_text()
    assert log.count("nothing can be kept: ") == 1
    assert log.count("over: nothing can be kept") == 1
    assert "Traceback" not in log
