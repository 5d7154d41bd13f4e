"""A crowd that speaks without end while something happens to its server, and what must then be so.

Each says one message after another, keeps its cookie, and speaks in one of two ways:

    a plain push is sent once: it is acknowledged, refused (503), or left without an answer
    a push with a nonce is sent again until it is acknowledged

Somebody else reads by cursor all the while. In the end the history has each acknowledged message
once, at the number that was told; none that was refused; each speaker's in the order in which they
were said, under one name; numbers are dense and times grow; and the reader has had just that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.functional.chat_server import ChatServer
from tests.functional.wire import Answer, Wire

__all__ = ["Load", "Outcome", "under_load"]

JSON = "Content-Type: application/json\r\nAccept: application/json\r\n"
PAUSE = 0.02  # seconds, after a refusal or a lost connection


@dataclass
class Outcome:
    """What became of what was said, by its text.

    Attributes:
        acknowledged: the number that was told.
        unanswered: plain pushes whose connection was lost; ``kept`` of them are in the history.
        again: how often one with a nonce was sent again.
    """

    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    kept: int = 0
    again: int = 0

    def __str__(self) -> str:
        return (
            f"{len(self.acknowledged)} acknowledged, {len(self.refused)} refused,"
            f" {len(self.unanswered)} unanswered ({self.kept} of them kept),"
            f" {self.again} sent again"
        )


class Load:
    """What a disturbance sees of the crowd, and does to the server.

    Attributes:
        server: may be ended and started by `restart` only.
        outcome: so far.
        over: nobody begins another message.
    """

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.outcome = Outcome()
        self.over = False
        self._up = asyncio.Event()
        self._up.set()

    async def restart(self, number: int) -> int:
        """End the server by a signal, and start it again; gives its exit code."""
        self._up.clear()  # or what its clients try would be in the way of its port
        code = await asyncio.to_thread(self.server.stop, number)
        await asyncio.to_thread(self.server.start)
        self._up.set()
        return code

    async def progress(self, messages: int = 1, seconds: float = 30) -> None:
        """Wait until so many more are acknowledged."""
        enough = len(self.outcome.acknowledged) + messages
        async with asyncio.timeout(seconds):
            while len(self.outcome.acknowledged) < enough:
                await asyncio.sleep(0.002)

    async def ask(self, wire: Wire, *request: Any) -> Answer | None:
        """None: the connection was lost; now there is a server again. Or it was refused."""
        try:
            answer = await wire.ask(*request)
        except OSError:
            wire.close()
            await self._up.wait()
            await asyncio.sleep(PAUSE)
            return None
        assert answer.status in (200, 201, 503), answer
        if answer.status == 503:
            await asyncio.sleep(PAUSE)
        return answer


class Speaker:
    """One of the crowd: ``name 1``, ``name 2`` …"""

    def __init__(self, load: Load, name: str, by_nonce: bool) -> None:
        self._load = load
        self._name = name
        self._say = self._insist if by_nonce else self._push
        self._wire = Wire(load.server.port)
        self.said: list[str] = []

    async def begin(self) -> None:
        """Get a cookie: the nonces are the session's."""
        assert (await self._wire.ask("GET", "/chat/pull")).status == 200
        assert self._wire.cookie

    async def speak(self) -> None:
        with contextlib.closing(self._wire):
            while not self._load.over:
                self.said.append(f"{self._name} {len(self.said) + 1}")
                await self._say(self.said[-1])

    async def _push(self, text: str) -> None:
        answer = await self._load.ask(self._wire, "POST", "/chat/push", text.encode())
        outcome = self._load.outcome
        if answer is None:
            outcome.unanswered.add(text)
        elif answer.status == 503:
            outcome.refused.add(text)
        else:
            outcome.acknowledged[text] = int(answer.body.removeprefix(b"ok "))

    async def _insist(self, text: str) -> None:
        body = json.dumps({"text": text, "nonce": text.replace(" ", "-")}).encode()
        request = ("POST", "/api/rooms/1/messages", body, JSON)
        while (answer := await self._load.ask(self._wire, *request)) is None or (
            answer.status == 503
        ):
            self._load.outcome.again += 1
        said = json.loads(answer.body)
        assert said["text"] == text
        self._load.outcome.acknowledged[text] = said["seq"]


class Reader:
    """Goes by X-Chat-Cursor, with one cookie; sees each message once."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._wire = Wire(load.server.port)
        self._cursor = ""
        self.messages: list[dict[str, Any]] = []

    async def begin(self) -> None:
        answer = await self._wire.ask("GET", "/chat/pull")
        self._cursor = answer.headers["x-chat-cursor"]
        assert self._cursor.endswith(".0")

    async def read(self) -> None:
        with contextlib.closing(self._wire):
            while True:
                await self._pull()

    async def _pull(self) -> None:
        target = f"/chat/pull?since={self._cursor}"
        answer = await self._load.ask(self._wire, "GET", target, b"", JSON)
        if answer is None or answer.status == 503:
            return
        content = json.loads(answer.body)
        assert content["gap"] == {"missed": 0, "restarted": False}
        self.messages += content["messages"]
        self._cursor = content["cursor"]
        assert self._cursor.endswith(f".{len(self.messages)}")

    async def reach(self, end: int) -> None:
        async with asyncio.timeout(60):
            while len(self.messages) < end:
                await asyncio.sleep(0.01)


async def under_load(
    server: ChatServer, disturb: Callable[[Load], Awaitable[None]], speakers: int = 20
) -> Outcome:
    """Let the crowd speak while ``disturb`` runs; then check everything.

    Args:
        server: runs, and nothing has been said on it.
        disturb: when it returns the server runs and can keep messages.
    """
    load = Load(server)
    crowd = [Speaker(load, f"speaker{n}", by_nonce=n % 2 == 1) for n in range(speakers)]
    reader = Reader(load)
    await asyncio.gather(reader.begin(), *(each.begin() for each in crowd))
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(reader.read())
        speaking = [group.create_task(each.speak()) for each in crowd]
        await disturb(load)
        load.over = True
        await asyncio.wait(speaking)
        history = await _history(server.port)
        await reader.reach(len(history))
        reading.cancel()
    assert reader.messages == history
    _check(history, load.outcome, [each.said for each in crowd])
    return load.outcome


async def _history(port: int) -> list[dict[str, Any]]:
    """All of it, from the beginning."""
    messages: list[dict[str, Any]] = []
    with contextlib.closing(Wire(port)) as wire:
        first = await wire.ask("GET", "/api/rooms/1/messages?limit=1")
        epoch, _, end = json.loads(first.body)["cursor"].partition(".")
        while len(messages) < int(end):
            since = f"since={epoch}.{len(messages)}"
            answer = await wire.ask("GET", f"/api/rooms/1/messages?{since}&limit=1000")
            messages += json.loads(answer.body)["messages"]
    return messages


def _check(history: list[dict[str, Any]], outcome: Outcome, said: list[list[str]]) -> None:
    assert [each["seq"] for each in history] == list(range(1, len(history) + 1))
    times = [each["time"] for each in history]
    assert all(before < after for before, after in pairwise(times))
    texts = [each["text"] for each in history]
    numbers = {text: number for number, text in enumerate(texts, 1)}
    assert len(numbers) == len(texts), "something was said twice"
    lost = {text for text, number in outcome.acknowledged.items() if numbers.get(text) != number}
    assert not lost, lost
    assert numbers.keys() <= outcome.acknowledged.keys() | outcome.unanswered
    for own in said:
        kept = [text for text in own if text in numbers]
        places = [numbers[text] for text in kept]
        assert places == sorted(places)
        assert len({history[place - 1]["sender"] for place in places}) == 1
    outcome.kept = len(outcome.unanswered & numbers.keys())
