"""Readers that are slower than the room, where little is kept: each message or its gap, exactly."""

from __future__ import annotations

import asyncio
import contextlib
import random

from tests.functional.transports import TRANSPORTS, Heard, Transport
from tests.functional.wire import Wire

__all__ = ["SETTINGS", "SlowReader", "read_slowly"]

SETTINGS = {
    "CHAT_WINDOW": "20",
    "CHAT_QUEUE_SIZE": "3",
    "CHAT_KEEP": "50",
    "CHAT_IDLE": "0.5",  # some of them are gone and come back
    "CHAT_LINGER": "0.2",
}
# A timestamp does not say how many messages there are between it and another.
EXACT = {name: each for name, each in TRANSPORTS.items() if name not in ("poll", "script")}


class SlowReader:
    """Reads, and then does something else for a while; checks that nothing is lost in silence.

    Attributes:
        heard, missed: how many messages so far.
        gaps: how often some were missed.
    """

    def __init__(self, port: int, name: str, transport: Transport, seed: int) -> None:
        self.name = name
        self.heard = self.missed = self.gaps = 0
        self.begun = asyncio.Event()
        self._port = port
        self._transport = transport
        self._random = random.Random(seed)

    async def read(self, last: int) -> None:
        """Until message ``last`` has come."""
        clock, rested = asyncio.get_running_loop().time, 0.0
        with contextlib.closing(Wire(self._port)) as wire:
            async for heard in self._transport(wire):
                self.begun.set()
                self._take(heard)
                if self.heard + self.missed >= last:
                    break
                if clock() - rested > 0.01:  # a stream brings each message by itself
                    await asyncio.sleep(self._random.random() * self._random.choice((0.05, 1)))
                    rested = clock()
        assert self.heard + self.missed == last

    def _take(self, heard: Heard) -> None:
        self.missed += heard.missed
        self.gaps += bool(heard.missed)
        end = self.heard + self.missed
        assert heard.resume in (None, end + 1)
        numbers = [int(line.partition(": ")[2]) for line in heard.lines]
        assert numbers == list(range(end + 1, end + 1 + len(numbers))), (self.name, end, numbers)
        self.heard += len(numbers)


async def read_slowly(port: int, messages: int, seed: int) -> list[SlowReader]:
    """One reader for each transport, while so many messages are said, in bursts and pauses."""
    readers = [
        SlowReader(port, name, transport, seed + place)
        for place, (name, transport) in enumerate(EXACT.items())
    ]
    chance = random.Random(seed)
    async with asyncio.timeout(messages / 20 + 30), asyncio.TaskGroup() as group:
        for reader in readers:
            group.create_task(reader.read(messages))
        for reader in readers:
            await reader.begun.wait()
        with contextlib.closing(Wire(port)) as wire:
            for number in range(1, messages + 1):
                answer = await wire.ask("POST", "/chat/push", b"%d" % number)
                assert answer.body == b"ok %d\r\n" % number
                if chance.random() < 0.02:
                    await asyncio.sleep(chance.random() * 0.2)
    return readers
