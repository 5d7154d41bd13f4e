"""Calls both ways by bare means: asyncio's futures, and messages as `chatapp.live` has them.

A frame is ``{"messages": [...]}``, with nothing numbered and nothing acknowledged: what a
connection loses is lost.
"""

import asyncio

import msgspec

__all__ = ["Page", "carry", "decode"]


class Frame(msgspec.Struct):
    channel: str = ""
    messages: list = []


decode = msgspec.json.Decoder(Frame).decode
encode = msgspec.json.Encoder().encode


class Page:
    """One page: its calls, and those of it."""

    def __init__(self):
        self.out = []
        self._awaited = {}
        self._made = 0
        self._going = False
        self._tasks = []
        self._stopping = None
        self._waiter = None

    def receive(self, messages):
        """These came; the answers that are there at once are in ``out``."""
        for message in messages:
            if message[0] == "call":
                _, number, _, method, arguments = message
                if method == "echo":
                    self.out.append(("result", number, arguments[0]))
                elif method == "start":
                    self._start(arguments[0])
                    self.out.append(("result", number, None))
                else:
                    self._stopping = asyncio.create_task(self._stop(number))
            else:
                self._awaited.pop(message[1]).set_result(message[2])

    def take(self):
        """All that is to be sent, as a frame."""
        out, self.out = self.out, []
        return encode(Frame(messages=out))

    async def wait(self):
        """Until there is something to be sent."""
        if not self.out:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def send(self, message):
        """Send it, and what else is sent in this turn of the loop."""
        self.out.append(message)
        self.wake()

    def wake(self):
        """Who waits looks whether there is something."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _start(self, width):
        self._going = True
        self._tasks = [asyncio.create_task(self._call()) for _ in range(width)]

    async def _stop(self, number):
        self._going = False
        await asyncio.gather(*self._tasks)
        self.send(("result", number, self._made))

    async def _call(self):
        while self._going:
            self._made += 1
            number = self._made
            future = self._awaited[number] = asyncio.get_running_loop().create_future()
            self.send(("call", number, 0, "echo", (number,)))
            result = await future
            if result != number:
                raise RuntimeError(f"call {number} gave {result!r}")


async def carry(page, send):
    """Send what the page's own calls are, as long as it is there."""
    while True:
        await page.wait()
        await send(page.take())
