"""WebSockets as programs have them: the `websockets` library's client, and curl beside it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from tests.functional.browser import Curl
from tests.functional.chat_server import ROOT, ChatServer, python_path
from tests.functional.servers import trusting, write_certificate
from tests.functional.sockets import CHAT_V1

pytestmark = pytest.mark.asyncio

SOON = 20  # seconds, for a busy machine

PIPELINE = """
[pipeline:main]
pipeline = through chat

[filter:through]
paste.filter_factory = tests.functional.filters:passing

[app:chat]
use = egg:ChatApp

[server:main]
use = egg:ChatApp#cogen
"""

Starts = Callable[..., ChatServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starts]:
    """Starts a server with these variables, and ends it."""
    servers: list[ChatServer] = []

    def start(ini: str = "test.ini", **environment: str) -> ChatServer:
        server = ChatServer(tmp_path, environment, ini=ini)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


class Client(ClientConnection):
    """One that counts what comes.

    Attributes:
        size: bytes, since the handshake.
        pinged: released by each ping.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.size = 0
        self.pinged = asyncio.Semaphore(0)

    def data_received(self, data: bytes) -> None:
        self.size += len(data)
        super().data_received(data)

    def process_event(self, event: Any) -> None:
        if isinstance(event, Frame) and event.opcode is Opcode.PING:
            self.pinged.release()
        super().process_event(event)


def knock(server: ChatServer, query: str = "", **options: Any) -> connect:
    """A connection that is to be opened, under no name and without a past."""
    uri = f"ws://127.0.0.1:{server.port}/ws{query or '?history=0'}"
    return connect(uri, proxy=None, create_connection=Client, **options)


def talk(server: ChatServer, query: str = "", **options: Any) -> connect:
    """The same, that is to speak chat.v1.json."""
    return knock(server, query, subprotocols=[CHAT_V1], **options)


async def soon(waited_for: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(waited_for, SOON)


async def frame(client: ClientConnection, kind: str = "") -> dict[str, Any]:
    """The next one, or the next of this type."""
    while True:
        content: dict[str, Any] = json.loads(await soon(client.recv()))
        if kind in ("", content["type"]):
            return content


async def say(client: ClientConnection, text: str, **more: str) -> None:
    await client.send(json.dumps({"type": "say", "text": text, **more}))


async def refusal(connecting: connect) -> int:
    with pytest.raises(InvalidStatus) as raised:
        await soon(connecting.__aenter__())
    return raised.value.response.status_code


def curl(server: ChatServer, nick: str) -> Curl:
    one = Curl(server.url, nick)
    assert one.pull() == ""
    return one


async def test_text_goes_both_ways_between_it_and_curl(chat_server: ChatServer) -> None:
    bob = await asyncio.to_thread(curl, chat_server, "bob")
    async with knock(chat_server) as ann:
        assert ann.subprotocol is None
        await ann.send("/nick ann")
        assert await soon(ann.recv()) == " * user ann has joined the room"
        await ann.send("hello bob \U0001f44b")
        assert await soon(ann.recv()) == "ann: hello bob \U0001f44b"
        await ann.send("/me waves")
        assert await soon(ann.recv()) == " * ann waves"
        await asyncio.to_thread(bob.push, "hello ann")
        assert await soon(ann.recv()) == "bob: hello ann"
        await ann.send(" ")
        assert await soon(ann.recv()) == "-- The message is empty --"
        seen = await asyncio.to_thread(bob.pull)
    said = [" * user ann has joined the room", "ann: hello bob \U0001f44b", " * ann waves"]
    assert seen == "".join(f"{line}\r\n" for line in [*said, "bob: hello ann"])
    async with knock(chat_server, "?history=2") as late:
        assert await soon(late.recv()) == " * ann waves"
        assert await soon(late.recv()) == "bob: hello ann"


async def test_json_goes_both_ways_between_it_and_curl(chat_server: ChatServer) -> None:
    bob = await asyncio.to_thread(curl, chat_server, "bob")
    async with talk(chat_server) as ann:
        assert ann.subprotocol == "chat.v1.json"
        hello = await frame(ann)
        assert (hello["type"], hello["room"]) == ("hello", {"id": 1, "name": "main"})
        await ann.send('{"type": "nick", "name": "ann", "id": "1"}')
        assert await frame(ann, "named") == {"type": "named", "name": "ann", "id": "1"}
        await say(ann, "/me is said as it is", nonce="n", id="2")
        ack = await frame(ann, "ack")
        assert (ack["id"], ack["new"], ack["message"]["sender"]) == ("2", True, "ann")
        await say(ann, "/me is said as it is", nonce="n", id="3")
        again = await frame(ann, "ack")
        assert (again["id"], again["new"], again["message"]) == ("3", False, ack["message"])
        await asyncio.to_thread(bob.push, "hello ann")
        while (told := await frame(ann, "message"))["message"]["sender"] != "bob":
            pass
        assert told["message"]["text"] == "hello ann"
        await ann.send('{"type": "members", "id": "4"}')
        here = await frame(ann, "members")
        assert {each["name"] for each in here["members"]} == {"ann", "bob"}
        await ann.send("[]")
        assert (await frame(ann, "error"))["status"] == 400
        seen = await asyncio.to_thread(bob.pull)
    assert seen.count("ann: /me is said as it is\r\n") == 1


async def test_each_side_answers_the_others_pings(start: Starts) -> None:
    server = start(COGEN_WEBSOCKET_HEARTBEAT="1")
    async with knock(server, ping_interval=None) as ann:
        assert await soon(await ann.ping(b"are you there?")) < SOON
        for _ in range(3):  # the third comes only if the first two have been answered
            await soon(ann.pinged.acquire())
        await ann.send("still here")
        assert (await soon(ann.recv())).endswith(": still here")


@pytest.mark.parametrize("compression", ["true", "false"])
async def test_what_is_compressed_if_both_want_it(start: Starts, compression: str) -> None:
    server = start(COGEN_WEBSOCKET_COMPRESSION=compression)
    text = "na" * 4000
    async with knock(server) as ann, knock(server, compression=None) as bob:
        assert ann.response is not None
        assert bob.response is not None
        agreed = ann.response.headers.get("Sec-WebSocket-Extensions", "")
        assert agreed.startswith("permessage-deflate") is (compression == "true")
        assert "Sec-WebSocket-Extensions" not in bob.response.headers
        for speaker in (ann, bob):
            await speaker.send(text)
            for each in (ann, bob):
                assert (await soon(each.recv())).endswith(f": {text}")
        assert (ann.size < 2 * len(text) / 20) is (compression == "true")
        assert bob.size > 2 * len(text)


async def test_who_comes_back_by_cursor_misses_nothing(chat_server: ChatServer) -> None:
    async with talk(chat_server) as ann, talk(chat_server) as bob:
        await say(ann, "before")
        cursor = (await frame(bob, "message"))["cursor"]
        await bob.close()
        for number in range(200):
            await say(ann, f"meanwhile {number}")
            await frame(ann, "ack")
        async with talk(chat_server, f"?cursor={cursor}") as bob:
            assert (await frame(bob))["cursor"] == cursor
            await say(ann, "after")
            heard = [(await frame(bob, "message"))["message"]["text"] for _ in range(201)]
    assert heard == [*(f"meanwhile {number}" for number in range(200)), "after"]


async def test_a_cursor_holds_when_the_server_is_started_anew(chat_server: ChatServer) -> None:
    async with talk(chat_server) as ann:
        await say(ann, "before")
        cursor = (await frame(ann, "message"))["cursor"]
        await say(ann, "and after")
        await frame(ann, "message")
        await asyncio.to_thread(chat_server.stop)
    chat_server.start()
    async with talk(chat_server, f"?cursor={cursor}") as ann:
        assert (await frame(ann, "message"))["message"]["text"] == "and after"
        await say(ann, "hello again")
        assert (await frame(ann, "message"))["message"]["text"] == "hello again"


@pytest.mark.case(38)
async def test_a_signal_closes_all_with_1001(chat_server: ChatServer) -> None:
    async with knock(chat_server) as ann, talk(chat_server) as bob:
        await frame(bob, "hello")
        began = time.monotonic()
        assert await asyncio.to_thread(chat_server.stop) == 0
        for each in (ann, bob):
            with pytest.raises(ConnectionClosed) as raised:
                await soon(each.recv())
            assert raised.value.rcvd is not None
            assert raised.value.rcvd.code == 1001
        assert time.monotonic() - began < 15, "half of the grace"
    assert "Traceback" not in chat_server.log.read_text()


@pytest.mark.case(38)
async def test_who_does_not_answer_the_goodbye_keeps_nobody(start: Starts) -> None:
    server = start(COGEN_GRACEFUL_TIMEOUT="2")
    async with knock(server) as ann:
        ann.transport.pause_reading()
        assert await asyncio.to_thread(server.stop) == 0
        ann.transport.resume_reading()
        await soon(ann.wait_closed())
        assert ann.close_code == 1001


@pytest.mark.case(44)
async def test_a_page_of_another_site_is_refused(chat_server: ChatServer) -> None:
    for origin in ("http://evil.example", f"http://localhost:{chat_server.port}", "null"):
        assert await refusal(knock(chat_server, origin=origin)) == 403  # type: ignore[arg-type]
    fetched = {"Sec-Fetch-Site": "cross-site"}
    assert await refusal(knock(chat_server, additional_headers=fetched)) == 403
    async with knock(chat_server, origin=chat_server.url) as ann:  # type: ignore[arg-type]
        await ann.send("from here")
        assert (await soon(ann.recv())).endswith(": from here")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/wss", 404),
        ("/ws/", 404),
        ("/ws?room=99", 404),
        ("/ws?room=main", 404),
        ("/ws?cursor=x", 400),
        ("/ws?history=1001", 400),
        ("/", 200),
    ],
)
async def test_what_is_no_place_for_it(chat_server: ChatServer, path: str, status: int) -> None:
    uri = f"ws://127.0.0.1:{chat_server.port}{path}"
    assert await refusal(connect(uri, proxy=None)) == status


async def test_it_is_encrypted_where_the_server_has_a_certificate(
    start: Starts, tmp_path: Path
) -> None:
    files = write_certificate(tmp_path)
    server = start(COGEN_CERTFILE=files["certfile"], COGEN_KEYFILE=files["keyfile"])
    uri = f"wss://localhost:{server.port}/ws"
    origin: Any = f"https://localhost:{server.port}"
    opening = connect(uri, ssl=trusting(), host="127.0.0.1", origin=origin, proxy=None)
    async with opening as ann:
        assert ann.response is not None
        assert "; Secure" in ann.response.headers["Set-Cookie"]
        await ann.send("x" * 8000)
        assert (await soon(ann.recv())).endswith(": " + "x" * 8000)
        await asyncio.to_thread(server.stop)
        await soon(ann.wait_closed())
        assert ann.close_code == 1001
    assert "Traceback" not in server.log.read_text()


async def test_the_access_log_says_101(start: Starts, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    server = start(COGEN_ACCESS_LOG=str(log))
    async with knock(server, "?history=3") as ann:
        await ann.send("hello")
        await soon(ann.recv())
    assert await refusal(knock(server, "?room=99")) == 404
    await asyncio.to_thread(server.stop)
    lines = [re.sub(r"\[.*?\]", "[]", line) for line in log.read_text().splitlines()]
    assert lines[0].startswith('127.0.0.1 - - [] "GET /ws?history=3 HTTP/1.1" 101 ')
    assert lines[1].startswith('127.0.0.1 - - [] "GET /ws?room=99 HTTP/1.1" 404 ')
    assert len(lines) == 2


async def test_behind_a_filter_of_the_ini_one_is_who_one_was(start: Starts, tmp_path: Path) -> None:
    ini = tmp_path / "pipeline.ini"
    ini.write_text(PIPELINE)
    server = start(str(ini), PYTHONPATH=python_path(ROOT))
    async with talk(server) as ann:
        assert ann.response is not None
        cookie = ann.response.headers["Set-Cookie"].partition(";")[0]
        given = (await frame(ann, "hello"))["name"]
        async with talk(server, additional_headers={"Cookie": cookie}) as again:
            assert (await frame(again, "hello"))["name"] == given
            await say(again, "it is me")
            assert (await frame(ann, "message"))["message"]["sender"] == given
        async with talk(server) as other:
            assert (await frame(other, "hello"))["name"] != given
        assert await refusal(knock(server, origin="http://evil.example")) == 403  # type: ignore[arg-type]
        assert await asyncio.to_thread(server.stop) == 0
        await soon(ann.wait_closed())
        assert ann.close_code == 1001
