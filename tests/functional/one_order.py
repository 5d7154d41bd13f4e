"""A burst from many who speak at once, heard in every way: each way gives the one order."""

from __future__ import annotations

import asyncio
import contextlib

from tests.functional.transports import TRANSPORTS, Transport
from tests.functional.wire import Wire

__all__ = ["hear_a_burst"]


async def hear_a_burst(port: int, messages: int, speakers: int = 10) -> None:
    """So many messages, of all speakers together.

    Each transport hears each of them once, from the same sender and in the order of the numbers
    that the speakers were told.
    """
    told = [""] * (messages + 1)  # from the message on that was there before

    async def speak(name: str) -> None:
        with contextlib.closing(Wire(port)) as wire:
            for number in range(messages // speakers):
                text = f"{name} {number}"
                answer = await wire.ask("POST", "/chat/push", text.encode())
                told[int(answer.body.removeprefix(b"ok ")) - 1] = text

    with contextlib.closing(Wire(port)) as wire:
        await wire.ask("POST", "/chat/push", b"before")
    readers = [_Reader(port, transport) for transport in TRANSPORTS.values()]
    async with asyncio.timeout(messages / 20 + 30), asyncio.TaskGroup() as group:
        reading = [group.create_task(each.read(messages)) for each in readers]
        for each in readers:
            await each.begun.wait()
        for number in range(speakers):
            group.create_task(speak(f"speaker{number}"))
    heard = dict(zip(TRANSPORTS, (each.result() for each in reading), strict=True))
    first = next(iter(heard.values()))
    assert heard == dict.fromkeys(heard, first)
    assert [line.partition(": ")[2] for line in first] == told[1:]


class _Reader:
    def __init__(self, port: int, transport: Transport) -> None:
        self._port = port
        self._transport = transport
        self.begun = asyncio.Event()

    async def read(self, count: int) -> list[str]:
        """Until there are so many; what comes with the last counts too."""
        lines: list[str] = []
        with contextlib.closing(Wire(self._port)) as wire:
            async for heard in self._transport(wire):
                self.begun.set()
                assert not heard.missed
                lines += heard.lines
                if len(lines) >= count:
                    break
        return lines
