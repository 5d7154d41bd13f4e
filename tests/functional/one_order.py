"""A burst from many who speak at once, heard in every way: each way gives the one order."""

from __future__ import annotations

import asyncio
import contextlib

from tests.functional.chat_server import ChatServer
from tests.functional.transports import TRANSPORTS, Transport
from tests.functional.wire import Wire

__all__ = ["hear_a_burst"]

BEFORE = "before"


async def hear_a_burst(server: ChatServer, messages: int, speakers: int = 10) -> None:
    """So many messages, of all speakers together.

    Each transport hears each of them once, from the same sender and in the order of the numbers
    that the speakers were told.
    """
    told = [""] * (messages + 1)  # from the message on that was there before

    async def push(text: str) -> int:
        answer = await wires[text.partition(" ")[0]].ask("POST", "/chat/push", text.encode())
        return int(answer.body.removeprefix(b"ok "))

    async def speak(name: str, begun: int) -> None:
        for number in range(messages // speakers):
            text = f"{name} {number}"
            told[await push(text) - begun] = text

    names = [f"speaker{number}" for number in range(speakers)]
    readers = [_Reader(server, transport) for transport in TRANSPORTS.values()]
    async with asyncio.timeout(messages / 20 + 30), asyncio.TaskGroup() as group:
        with contextlib.ExitStack() as stack:
            wires = {
                name: stack.enter_context(contextlib.closing(Wire(server.port)))
                for name in [BEFORE, *names]
            }
            reading = [group.create_task(readers[0].read(messages))]
            await readers[0].begun.wait()
            begun = await push(BEFORE)
            reading += [group.create_task(each.read(messages)) for each in readers[1:]]
            for each in readers:
                await each.begun.wait()
            await asyncio.gather(*(speak(name, begun) for name in names))
    heard = dict(zip(TRANSPORTS, (each.result() for each in reading), strict=True))
    first = next(iter(heard.values()))
    assert heard == dict.fromkeys(heard, first)
    assert [line.partition(": ")[2] for line in first] == told[1:]


class _Reader:
    def __init__(self, server: ChatServer, transport: Transport) -> None:
        self._server = server
        self._transport = transport
        self.begun = asyncio.Event()

    async def read(self, count: int) -> list[str]:
        """Until there are so many; what comes with the last counts too."""
        lines: list[str] = []
        server = self._server
        with contextlib.closing(Wire(server.port, telnet=server.telnet)) as wire:
            async for heard in self._transport(wire):
                self.begun.set()
                assert not heard.missed
                lines += [line for line in heard.lines if not line.endswith(f": {BEFORE}")]
                if len(lines) >= count:
                    break
        return lines
