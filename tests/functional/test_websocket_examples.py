"""The clients in docs/websocket.md: they talk, come back, and neither lose nor repeat anything."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.functional.browser import COMES_BACK, Room
from tests.functional.chat_server import ROOT, ChatServer

TOKEN = "0123456789abcdef"
SNIPPETS = re.findall(r"```js\n(.*?)```", (ROOT / "docs/websocket.md").read_text(), re.DOTALL)


class Program:
    """One of the examples, at a keyboard.

    Attributes:
        lines: that it has shown.
    """

    def __init__(self, name: str, *arguments: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "examples" / name), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def until(self, line: str) -> None:
        """It shows this line."""
        deadline = time.monotonic() + COMES_BACK / 1000
        while line not in self.lines:
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.02)

    def ends(self) -> int:
        """It ends by itself; gives its exit code."""
        code = self.process.wait(20)
        self._reader.join(20)
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(20)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


START = Callable[..., Program]


@pytest.fixture
def start(chat_server: ChatServer) -> Iterator[START]:
    """Starts examples, and ends them."""
    programs: list[Program] = []

    def start(name: str, *arguments: str, query: str = "") -> Program:
        address = f"ws://127.0.0.1:{chat_server.port}/ws{query}"
        program = Program(name, address, *arguments)
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.close()


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """One that has an administrator."""
    server = ChatServer(tmp_path, {"CHAT_ADMIN_TOKEN": TOKEN})
    server.start()
    yield server
    server.stop()


def administer(server: ChatServer, method: str, path: str, content: object = None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    body = None if content is None else json.dumps(content)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    assert connection.getresponse().status in (201, 204)
    connection.close()


def test_two_talk_in_lines_of_text(start: START) -> None:
    ann, bob = start("chat_text.py"), start("chat_text.py")
    ann.type("/nick ann")
    ann.until(" * user ann has joined the room")
    ann.type("hello")
    bob.until("ann: hello")
    bob.type("/nick ann")
    bob.until("-- The name ann is in use; choose another one --")
    assert bob.process.stdin is not None
    bob.process.stdin.close()
    assert bob.ends() == 0
    ann.type("bye")
    ann.until("ann: bye")
    assert [line for line in ann.lines if "ann:" in line] == ["ann: hello", "ann: bye"]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_client_loses_nothing_when_the_server_is_started_anew(
    start: START, chat_server: ChatServer, end: signal.Signals
) -> None:
    ann, bob = start("chat_client.py", "ann"), start("chat_client.py", "bob")
    for each in (ann, bob):
        each.until("ann: user ann has joined the room")
        each.until("bob: user bob has joined the room")
    ann.type("before")
    bob.until("ann: before")
    ann.until("ann: before")
    chat_server.stop(end)
    ann.type("meanwhile")
    ann.type("still")
    chat_server.start()
    bob.until("ann: still")
    bob.type("after")
    ann.until("bob: after")
    expected = ["ann: before", "ann: meanwhile", "ann: still", "bob: after"]
    for each in (ann, bob):
        each.until("bob: after")
        assert [line for line in each.lines if "user" not in line] == expected


def test_the_client_tells_a_refusal_and_does_not_come_back_to_a_room_that_is_gone(
    start: START, chat_server: ChatServer
) -> None:
    administer(chat_server, "POST", "/api/rooms", {"name": "two"})
    ann = start("chat_client.py", "ann", query="?room=2")
    ann.until("ann: user ann has joined the room")
    ann.type(" ")
    ann.until("-- The message is empty. --")
    administer(chat_server, "DELETE", "/api/rooms/2")
    ann.until("You are not in this room any more.")
    assert ann.ends() == 0


def test_the_snippets_talk_in_a_browser_and_come_back(room: Room, start: START) -> None:
    lines, client = SNIPPETS
    page = room.open("/")
    page.evaluate(f"() => {{ {lines.replace('console.log', 'window.heard = ')}; }}")
    page.wait_for_function("() => window.heard?.endsWith(': hello')", timeout=COMES_BACK)

    page.evaluate(
        f"() => {{ {client} window.frames = []; window.say = talk(f => frames.push(f)) }}"
    )
    texts = "() => frames.filter(f => f.type === 'message').map(f => f.message.text).join(' ')"
    page.evaluate("() => say('before')")
    page.wait_for_function("() => frames.some(f => f.type === 'ack')", timeout=COMES_BACK)
    room.server.stop()
    page.evaluate("() => { say('meanwhile'); say('still') }")
    room.server.start()
    ann = start("chat_client.py", "ann")
    ann.until("ann: user ann has joined the room")
    page.wait_for_function(
        "() => frames.filter(f => f.type === 'ack').length === 3", timeout=COMES_BACK
    )
    ann.type("after")
    page.wait_for_function(
        "() => frames.some(f => f.message?.text === 'after')", timeout=COMES_BACK
    )
    assert page.evaluate(texts) == "hello before meanwhile still after"
    refused = re.compile("error: WebSocket connection to .* failed")
    room.complaints[:] = [each for each in room.complaints if not refused.match(each)]
