"""What the peers on asyncio wait on: a future for each poll."""

import asyncio

from bench.peers import KEPT, TIMEOUT

__all__ = ["Log", "Waiters"]


class Waiters:
    """Everyone who waits for the next message."""

    def __init__(self):
        self._futures = []

    def push(self, message):
        futures, self._futures = self._futures, []
        for future in futures:
            if not future.done():
                future.set_result(message)

    async def wait(self):
        """The next message; nothing when the time is over."""
        future = asyncio.get_running_loop().create_future()
        self._futures.append(future)
        try:
            async with asyncio.timeout(TIMEOUT):
                return await future
        except TimeoutError:
            return b""


class Log(Waiters):
    """The newest messages too, numbered from 1, for who polls more slowly than is pushed."""

    def __init__(self):
        super().__init__()
        self._end = 0
        self._messages = []

    def push(self, message):
        self._end += 1
        self._messages.append(message)
        if len(self._messages) > 2 * KEPT:
            del self._messages[:-KEPT]
        super().push(message)

    async def since(self, number):
        """All after message ``number``; waits if there is nothing."""
        if number == self._end:
            return await self.wait()
        return b"".join(self._messages[number - self._end :])
