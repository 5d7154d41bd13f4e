"""Readers that are slower than the room, where little is kept: each message or its gap, exactly."""

from __future__ import annotations

import asyncio
import contextlib
import random

from tests.functional.chat_server import ChatServer
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
# A timestamp does not say how many messages there are between it and another: what these are told
# is never less than what they missed.
ABOUT = ("poll", "script")


class SlowReader:
    """Reads, and then does something else for a while; checks that nothing is lost in silence.

    Attributes:
        end: the number of the last message that it knows of.
        heard: how many messages so far.
        gaps: how often some were missed.
    """

    def __init__(
        self, server: ChatServer, name: str, transport: Transport, end: int, seed: int
    ) -> None:
        self.name = name
        self.end = end
        self.heard = self.gaps = 0
        self.begun = asyncio.Event()
        self._server = server
        self._transport = transport
        self._random = random.Random(seed)

    async def read(self, last: int) -> None:
        """Until message ``last`` has come."""
        clock, rested = asyncio.get_running_loop().time, 0.0
        server = self._server
        with contextlib.closing(Wire(server.port, telnet=server.telnet)) as wire:
            async for heard in self._transport(wire):
                self.begun.set()
                self._take(heard)
                if self.end >= last:
                    break
                if clock() - rested > 0.01:  # a stream brings each message by itself
                    await asyncio.sleep(self._random.random() * self._random.choice((0.05, 1)))
                    rested = clock()
        assert self.end == last

    def _take(self, heard: Heard) -> None:
        numbers = [int(line.partition(": ")[2]) for line in heard.lines]
        start = self.end + heard.missed + 1
        if numbers and heard.missed and self.name in ABOUT:
            assert self.end < numbers[0] <= start
            start = numbers[0]
        assert heard.resume in (None, start)
        assert numbers == list(range(start, start + len(numbers))), (self.name, self.end, heard)
        self.end = start - 1 + len(numbers)
        self.heard += len(numbers)
        self.gaps += bool(heard.missed)


async def read_slowly(server: ChatServer, messages: int, seed: int) -> list[SlowReader]:
    """One reader for each transport, while so many messages are said, in bursts and pauses.

    The first message is that the first reader has come; the second is known to the others.
    """
    readers = [
        SlowReader(server, name, transport, 2 if place else 1, seed + place)
        for place, (name, transport) in enumerate(TRANSPORTS.items())
    ]
    chance = random.Random(seed)
    async with asyncio.timeout(messages / 20 + 30), asyncio.TaskGroup() as group:
        with contextlib.closing(Wire(server.port)) as wire:
            group.create_task(readers[0].read(messages))
            await readers[0].begun.wait()
            await wire.ask("POST", "/chat/push", b"2")
            for reader in readers[1:]:
                group.create_task(reader.read(messages))
            for reader in readers:
                await reader.begun.wait()
            for number in range(3, messages + 1):
                answer = await wire.ask("POST", "/chat/push", b"%d" % number)
                assert answer.body == b"ok %d\r\n" % number
                if chance.random() < 0.02:
                    await asyncio.sleep(chance.random() * 0.2)
    return readers
