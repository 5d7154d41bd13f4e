"""A server without sockets: bytes in, bytes out, and time passes when the test says so."""

from __future__ import annotations

import asyncio
from typing import Any

from cogen.core.schedulers import Scheduler
from cogen.testing import FakeLoop
from cogen.web.connection import Connection
from cogen.web.environ import template
from cogen.web.exchange import Application
from cogen.web.service import Service
from cogen.web.settings import ServerSettings

SWEEP = 1.0  # as often as the real server looks at the deadlines
STANDARD = b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: cogen\r\n"
HIGH_WATER = 64 * 1024
PEER = ("192.0.2.1", 50000)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class FakeTransport:
    """What the kernel and the event loop do with an answer; the client reads when told to.

    Attributes:
        client_reads: whether it takes what is written at once.
        socket: what stands for the kernel's, for whoever asks.
        high_water: bytes that may wait for it before the protocol is told.
    """

    def __init__(self, protocol: Any, peer: Any = PEER) -> None:
        self.protocol = protocol
        self.client_reads = True
        self.socket: Any = None
        self.high_water = HIGH_WATER
        self.arrived = bytearray()
        self.unwritten = bytearray()
        self.reading = True
        self.closing = False
        self.lost = False
        self.ended = False  # write_eof
        self.aborted = False
        self._paused = False
        self._peer = peer

    def write(self, data: bytes) -> None:
        assert type(data) is bytes
        assert not self.ended, "write after write_eof"
        assert not self.lost, "write after connection_lost"
        if self.client_reads:
            self.arrived += data
            return
        self.unwritten += data
        if len(self.unwritten) > self.high_water and not self._paused:
            self._paused = True
            self.protocol.pause_writing()

    def read(self, size: int) -> None:
        """The client reads so much."""
        self.arrived += self.unwritten[:size]
        del self.unwritten[:size]
        if self._paused and len(self.unwritten) <= self.high_water // 4:
            self._paused = False
            self.protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        return len(self.unwritten)

    def get_extra_info(self, name: str) -> Any:
        return {"peername": self._peer, "socket": self.socket}.get(name)

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True
        self.unwritten.clear()

    def is_closing(self) -> bool:
        return self.closing


class Client:
    """One connection, from the other side.

    Args:
        connection: the server's end of it, if it is not of HTTP.
        peer: where it comes from.
    """

    def __init__(self, served: Served, connection: Any = None, peer: Any = PEER) -> None:
        self._served = served
        connection = connection or Connection(served.service)
        self.transport = FakeTransport(connection, peer)
        connection.connection_made(self.transport)
        served.clients.append(self)
        served.settle()

    @property
    def connection(self) -> Any:
        """The server's end of it."""
        return self.transport.protocol

    def send(self, *data: bytes, settle: bool = True) -> Client:
        for piece in data:
            if not self.transport.closing:
                self.connection.data_received(piece)
            if settle:
                self._served.settle()
        return self

    def end(self, settle: bool = True) -> None:
        """The client sends no more (FIN)."""
        if not self.connection.eof_received():
            self.transport.close()
        if settle:
            self._served.settle()

    def reset(self, settle: bool = True) -> None:
        """The client is gone (RST)."""
        if not self.transport.lost:
            self.lost(ConnectionResetError(), settle)

    def lost(self, error: Exception | None = None, settle: bool = True) -> None:
        """The connection is over."""
        self._served.clients.remove(self)
        self.transport.closing = True
        self.connection.connection_lost(error)
        self.transport.lost = True
        if settle:
            self._served.loop.run_until_idle()

    def take(self) -> bytes:
        """What has arrived since the last call."""
        data = bytes(self.transport.arrived)
        self.transport.arrived.clear()
        return data

    @property
    def closed(self) -> bool:
        """The server has said that nothing more comes."""
        return self.transport.closing or self.transport.ended

    @property
    def gone(self) -> bool:
        """The server has closed its socket."""
        return self.transport.closing


class Served:
    """An application behind cogen's connections.

    Args:
        application: called for each request.
        slice_size: of the scheduler; with 1, a test can come between any two steps.
        settings: of the server.
    """

    def __init__(self, application: Application, slice_size: int = 128, **settings: Any) -> None:
        self.loop = FakeLoop()
        self.scheduler = self.loop.scheduler(slice_size=slice_size)
        self.clients: list[Client] = []
        table = ServerSettings(**settings)
        self.service = Service(
            application=application,
            settings=table,
            limits=table.limits(),
            scheduler=self.scheduler,
            standard=STANDARD,
            environ=template(("localhost", "8080"), "cogen/test"),
            most=table.connections(),
        )

    def client(self) -> Client:
        return Client(self)

    def ask(self, *data: bytes) -> bytes:
        """What a new client gets for this."""
        return self.client().send(*data).take()

    def settle(self) -> None:
        """Let everything run that can, and tell of connections that have closed."""
        self.loop.run_until_idle()
        for client in list(self.clients):
            transport = client.transport
            if transport.closing and not transport.unwritten and not transport.lost:
                client.lost()

    def advance(self, seconds: float) -> None:
        """Let time pass, with the looks at the deadlines that the server takes."""
        until = self.loop.time() + seconds
        while self.loop.time() < until:
            self.loop.advance(min(SWEEP, until - self.loop.time()))
            for connection in [*self.service.connections, *self.service.refused]:
                connection.check(self.loop.time())
            self.settle()

    def shut(self, settle: bool = True) -> None:
        """SIGTERM: what the server does until all are gone."""
        self.service.end()
        for connection in list(self.service.connections):
            connection.shut()
        if settle:
            self.settle()


class OnLoop(Served):
    """Served on the loop that runs."""

    def __init__(self, application: Application, **settings: Any) -> None:
        super().__init__(application, **settings)
        self.service.scheduler = self.scheduler = Scheduler.current()

    async def turns(self, count: int = 10) -> None:
        for _ in range(count):
            await asyncio.sleep(0)
        self.settle()


def split(data: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status line, headers (names in lower case) and the rest of a response."""
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
    return line.removeprefix("HTTP/1.1 "), headers, body


def status(data: bytes) -> int:
    """The status code of the first response in ``data``."""
    return int(data.split(b" ", 2)[1])


def dechunk(data: bytes) -> bytes:
    """A chunked body, which must be complete."""
    whole = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        chunk, end, data = data[:length], data[length : length + 2], data[length + 2 :]
        assert end == b"\r\n"
        if not length:
            assert data == b""
            return whole
        whole += chunk


class Hello:
    """Answers with method, path and body; keeps the environs."""

    def __init__(self) -> None:
        self.environs: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.environs.append(environ)
        body = environ["wsgi.input"].read()
        self.bodies.append(body)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} ".encode("latin-1"), body]


def poll(queue: Any) -> Application:
    """Says who it is, and gives what it waited for."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield environ["cogen.call"](queue.get)(timeout=10)
        gate = environ["cogen.wsgi"]
        yield environ["PATH_INFO"].encode() + b" got " + repr(gate.result).encode()

    return application
