"""Clients of every kind, good and bad, come and go at random; each checks what it gets."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset
LIMIT = 1024 * 1024  # of the server, for a body

APPLICATION = """
import hashlib

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.core.queue import Queue
from cogen.errors import OperationTimeout

news = PublishSubscribeQueue(maxlen=100)
work = Queue(100)


def answer(environ):
    gate, path = environ["cogen.wsgi"], environ["PATH_INFO"]
    if path == "/poll":
        yield environ["cogen.call"](news.fetch)(news.subscribe(), timeout=1)
        if isinstance(gate.result, OperationTimeout):
            return b"nothing"
        return b"news"
    if path == "/take":
        yield environ["cogen.call"](work.get)(timeout=1)
        return b"nothing" if isinstance(gate.result, OperationTimeout) else gate.take()
    if path == "/push":
        body = environ["wsgi.input"].read()
        news.publish(body)
        if work.qsize() < 100:
            work.put_nowait(body)
        return b"pushed"
    if path == "/sleep":
        yield environ["cogen.core"].events.Sleep(0.05)
        return b"slept"
    if path == "/digest":
        return hashlib.sha256(environ["wsgi.input"].read()).hexdigest().encode()
    if path == "/fail":
        raise ZeroDivisionError("as it was asked to")
    return path.encode()


def application(environ, start_response):
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Length", str(2 * 1024 * 1024))])
        for _ in range(128):
            yield b"s" * 16384
        return
    body = yield from answer(environ)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    yield body


def make(global_conf, **settings):
    return application
"""

SETTINGS = {"head_timeout": "2", "body_timeout": "2", "write_timeout": "2", "keep_alive": "2"}


class Stream:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def some(self, size: int) -> bytes:
        return await self._reader.read(size)

    async def answer(self) -> tuple[int, bytes]:
        """The status and the body of one."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").lower().split("\r\n")
        length = next(f.partition(": ")[2] for f in fields if f.startswith("content-length"))
        return int(line.split()[1]), await self._reader.readexactly(int(length))

    async def end(self) -> bytes:
        """All that comes until the server closes."""
        return await self._reader.read()

    def reset(self) -> None:
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._writer.transport.abort()


def get(path: str) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode()


def post(path: str, body: bytes) -> bytes:
    head = b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    return head % (path.encode(), len(body)) + body


class Soak:
    """Random clients of one server.

    Args:
        port: of a server of `APPLICATION`, with `SETTINGS`.
        workers: how many clients there are at a time.
        seed: of everything that is random.

    Attributes:
        done: how often each kind of client came to its end.
    """

    def __init__(self, port: int, workers: int, seed: int) -> None:
        self._port, self._workers = port, workers
        self._random = random.Random(seed)
        self.done: Counter[str] = Counter()

    async def run(self, seconds: float) -> None:
        """Go on for so long.

        Raises:
            ExceptionGroup: a client got what it should not get.
        """
        until = asyncio.get_running_loop().time() + seconds
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._work(until))

    async def _work(self, until: float) -> None:
        kinds: list[Callable[[Stream], Awaitable[None]]] = [
            *[self.polls, self.pushes, self.takes] * 4,
            *[self.gives_up, self.pipelines, self.says_nothing] * 2,
            *[self.uploads, self.breaks_off, self.uploads_too_much, self.dawdles, self.stalls],
            *[self.reads_slowly, self.stops_reading, self.talks_nonsense, self.meets_a_failure],
        ]
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            kind = self._random.choice(kinds)
            async with asyncio.timeout(30), self._connected() as stream:
                await kind(stream)
            self.done[kind.__name__] += 1

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Stream]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            yield Stream(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _moment(self, most: float = 0.1) -> None:
        await asyncio.sleep(self._random.random() * most)

    # Those that behave

    async def polls(self, stream: Stream) -> None:
        for _ in range(self._random.randint(1, 5)):
            await stream.send(get("/poll"))
            assert await stream.answer() in ((200, b"news"), (200, b"nothing"))

    async def takes(self, stream: Stream) -> None:
        await stream.send(get("/take"))
        status, body = await stream.answer()
        assert status == 200
        assert body in (b"nothing", b"hello")

    async def pushes(self, stream: Stream) -> None:
        for _ in range(self._random.randint(1, 5)):
            await stream.send(post("/push", b"hello"))
            assert await stream.answer() == (200, b"pushed")
            await self._moment(0.02)

    async def pipelines(self, stream: Stream) -> None:
        numbers = range(self._random.randint(2, 25))
        data = b"".join(get(f"/{n}") + post(f"/{n}+", b"a" * n) + get("/sleep") for n in numbers)
        for at in range(0, len(data), size := self._random.choice((50, 1000, 100_000))):
            await stream.send(data[at : at + size])
        for number in numbers:
            assert await stream.answer() == (200, b"/%d" % number)
            assert await stream.answer() == (200, b"/%d+" % number)
            assert await stream.answer() == (200, b"slept")

    async def uploads(self, stream: Stream) -> None:
        body = self._random.randbytes(self._random.randint(1000, LIMIT))
        if self._random.random() < 0.5:
            await stream.send(post("/digest", body))
        else:
            await stream.send(
                b"POST /digest HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for at in range(0, len(body), 65_536):
                piece = body[at : at + 65_536]
                await stream.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            await stream.send(b"0\r\n\r\n")
        assert await stream.answer() == (200, hashlib.sha256(body).hexdigest().encode())

    async def reads_slowly(self, stream: Stream) -> None:
        await stream.send(get("/stream"))
        got = 0
        while got < 2 * LIMIT:
            piece = await stream.some(100_000)
            assert piece
            got += len(piece)
            await self._moment(0.05)

    # Those that do not

    async def gives_up(self, stream: Stream) -> None:
        await stream.send(get(self._random.choice(("/poll", "/take", "/stream", "/sleep"))))
        await self._moment()
        if self._random.random() < 0.5:
            stream.reset()

    async def says_nothing(self, stream: Stream) -> None:
        await self._moment()

    async def breaks_off(self, stream: Stream) -> None:
        await stream.send(post("/digest", b"a" * LIMIT)[: self._random.randint(1, LIMIT)])
        if self._random.random() < 0.5:
            stream.reset()

    async def uploads_too_much(self, stream: Stream) -> None:
        with contextlib.suppress(ConnectionError):  # it need not take what it has refused
            await stream.send(post("/digest", b"a" * (LIMIT + 1)))
        status, _ = await stream.answer()
        assert status == 413

    async def dawdles(self, stream: Stream) -> None:
        data = post("/digest", b"abc")
        for at in range(0, len(data), 10):
            await stream.send(data[at : at + 10])
            await self._moment(0.2)
        assert (await stream.answer())[0] == 200

    async def stalls(self, stream: Stream) -> None:
        data = post("/digest", b"a" * 5000)
        await stream.send(data[: self._random.randint(1, len(data) - 1)])
        assert b" 408 " in await stream.end()

    async def stops_reading(self, stream: Stream) -> None:
        await stream.send(get("/stream") * 10)
        await asyncio.sleep(3)

    async def talks_nonsense(self, stream: Stream) -> None:
        nonsense = [b"nonsense\r\n\r\n", b"\x16\x03\x01", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 1000]
        await stream.send(self._random.choice((b"", get("/ok"))) + self._random.choice(nonsense))
        with contextlib.suppress(ConnectionError):
            last = (await stream.end()).rpartition(b"HTTP/1.1 ")[2]
            assert last[:3] in (b"400", b"501", b"505")

    async def meets_a_failure(self, stream: Stream) -> None:
        await stream.send(get("/fail"))
        assert (await stream.answer())[0] == 500
