"""Readers that drop their connections at random moments while somebody speaks without end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass

from tests.functional.wire import Answer, Wire


@dataclass
class Outcome:
    """What happened in a run."""

    disconnects: int = 0
    while_waiting: int = 0
    while_answered: int = 0


class Reader:
    """Checks that every message comes once and in order.

    Args:
        by_cursor: it goes by X-Chat-Cursor, else by its cookie alone, as curl does.
        outcome: where it counts what it does.
    """

    def __init__(self, port: int, by_cursor: bool, outcome: Outcome, seed: int) -> None:
        self._wire = Wire(port)
        self._by_cursor = by_cursor
        self._outcome = outcome
        self._random = random.Random(seed)
        self._cursor = ""
        self.has = 0

    async def begin(self) -> None:
        answer = await self._wire.ask("GET", "/chat/pull")
        assert (answer.status, answer.body) == (200, b"")
        self._cursor = answer.headers["x-chat-cursor"]

    async def read_to(self, last: int, drops: float) -> None:
        """Pull until message ``last`` has come, dropping the connection with this probability."""
        while self.has < last:
            await self._send()
            if self._random.random() < drops:
                await self._drop()
            else:
                self._take(await self._wire.answer())

    async def end(self) -> None:
        """Nothing comes a second time."""
        await self._send("&timeout=0.1")
        before = self.has
        self._take(await self._wire.answer())
        assert self.has == before

    def close(self) -> None:
        self._wire.close()

    async def _send(self, more: str = "") -> None:
        if self._by_cursor:
            target = f"/chat/pull?since={self._cursor}{more}"
            await self._wire.send("GET", target, headers="Accept: application/json\r\n")
        else:
            await self._wire.send("GET", f"/chat/pull?{more}")

    def _take(self, answer: Answer) -> None:
        assert answer.status == 200, answer
        if self._by_cursor:
            content = json.loads(answer.body)
            assert content["gap"] == {"missed": 0, "restarted": False}
            numbers = [int(message["text"]) for message in content["messages"]]
        else:
            lines = answer.body.decode().split("\r\n")[:-1]
            numbers = [int(line.partition(": ")[2] or -1) for line in lines]
        expected = list(range(self.has + 1, self.has + 1 + len(numbers)))
        assert numbers == expected, (self._by_cursor, self.has, numbers)
        self.has += len(numbers)
        self._cursor = answer.headers["x-chat-cursor"]
        assert self._cursor.endswith(f".{self.has}")

    async def _drop(self) -> None:
        """At some moment of the wait or of the answer, with RST or with FIN."""
        chance = self._random
        self._outcome.disconnects += 1
        if chance.random() < 0.5:
            self._outcome.while_waiting += 1
            await asyncio.sleep(chance.choice((0.0, 0.0, 0.001, 0.01)) * chance.random())
        else:
            self._outcome.while_answered += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await self._wire.some(chance.choice((1, 50, 200)))
        # What it has not read makes its kernel answer with a reset, unless it had read all.
        self._wire.close(abort=chance.random() < 0.5)
        await asyncio.sleep(chance.choice((0.0, 0.0, 0.002, 0.05)) * chance.random())


async def run(port: int, *, readers: int, messages: int, disconnects: int, seed: int) -> Outcome:
    """One run; every reader has every message once and in order when it returns."""
    outcome = Outcome()
    everyone = [Reader(port, n % 2 == 0, outcome, seed * 1000 + n) for n in range(readers)]
    await asyncio.gather(*(reader.begin() for reader in everyone))

    async def speak() -> None:
        chance = random.Random(seed)
        with contextlib.closing(Wire(port)) as wire:
            for number in range(1, messages + 1):
                answer = await wire.ask("POST", "/chat/push", b"%d" % number)
                assert answer.body == b"ok %d\r\n" % number
                # Bursts, and pauses in which everybody waits.
                if chance.random() < 0.1:
                    await asyncio.sleep(chance.random() * 0.03)

    async def read(reader: Reader) -> None:
        await reader.read_to(messages, drops=0.3)
        await reader.end()

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(speak())
            for reader in everyone:
                group.create_task(read(reader))
    finally:
        for reader in everyone:
            reader.close()
    assert outcome.disconnects >= disconnects, outcome
    return outcome
