"""The server: listens, sweeps deadlines, and ends gracefully.

On SIGTERM or SIGINT it stops listening, closes idle connections, answers parked requests at once
(their operations end with `ServerClosing`, which is an `OperationTimeout`), lets the others finish
within ``graceful_timeout``, and returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import resource
import signal
import socket
import time
from dataclasses import dataclass
from email.utils import formatdate
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvloop

from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.core.schedulers import Scheduler
from cogen.core.schedulers import Statistics as SchedulerStatistics
from cogen.web.connection import Connection
from cogen.web.exchange import Application
from cogen.web.service import Service
from cogen.web.settings import ServerSettings

__all__ = ["Server", "ServerStatistics", "bind"]

log = logging.getLogger(__name__)

COLLECT = (50_000, 20, 100)  # the collector's thresholds
SWEEP = 1.0  # seconds between two looks at the deadlines
SOFTWARE = f"cogen/{version('ChatApp')}"


@dataclass(frozen=True, slots=True)
class ServerStatistics:
    """A server at one moment.

    Attributes:
        accepted: connections since the start.
        requests: requests that reached the application since the start.
        connections: open now.
        parked: requests that wait for an operation now.
        scheduler: of the scheduler.
    """

    accepted: int
    requests: int
    connections: int
    parked: int
    scheduler: SchedulerStatistics


class Server:
    """One WSGI application, served in one thread.

    Args:
        application: the WSGI application.
        settings: see `ServerSettings`.
        sock: what `bind` gave for them; by default the server binds when it is run.
    """

    def __init__(
        self,
        application: Application,
        settings: ServerSettings | None = None,
        sock: socket.socket | None = None,
    ) -> None:
        self.settings = settings if settings is not None else ServerSettings()
        self._application = application
        self._sock = sock
        self._service: Service | None = None
        self._stop: asyncio.Event | None = None
        self._listening: list[Any] = []

    @property
    def addresses(self) -> list[Any]:
        """Where it listens, as ``socket.getsockname`` gives it; empty before it does."""
        return list(self._listening)

    def statistics(self) -> ServerStatistics:
        """What there is at this moment. Raises RuntimeError while it is not running."""
        service = self._service
        if service is None:
            raise RuntimeError("the server is not running")
        exchanges = [connection.exchange for connection in service.connections]
        return ServerStatistics(
            service.accepted,
            service.requests,
            len(service.connections),
            sum(1 for exchange in exchanges if exchange is not None and exchange.parked),
            service.scheduler.statistics(),
        )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then end gracefully and return.

        Raises:
            OSError: the address cannot be listened on.
        """
        # Requests are freed by their reference counts alone (tests/web/test_memory.py); the garbage
        # collector would look through all that wait, again and again, and find nothing.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self.serve())

    def stop(self) -> None:
        """Begin to end; `serve` returns when it has."""
        if self._stop is not None:
            self._stop.set()

    async def serve(self) -> None:
        """The same as `run`, in a loop that is running."""
        loop = asyncio.get_running_loop()
        scheduler = Scheduler.current()
        self._stop = stop = asyncio.Event()
        _raise_descriptor_limit()
        sock = self._sock if self._sock is not None else bind(self.settings)
        service = self._service = self._make_service(scheduler, sock)
        server = await loop.create_server(
            lambda: Connection(service), sock=sock, backlog=self.settings.backlog
        )
        self._listening = [sock.getsockname()]
        sweep = scheduler.add(_sweep(service))
        handled = _on_signals(loop, stop)
        log.info("cogen listens on %s", _where(self.settings, sock))
        try:
            await stop.wait()
        finally:
            for number in handled:
                loop.remove_signal_handler(number)
            server.close()
            self._listening = []
            _unlink(self.settings.unix_socket)  # now: the next server may be there soon
            await self._end(service)
            sweep.cancel()
            self._service = None
        log.info("cogen has ended")

    async def _end(self, service: Service) -> None:
        service.closing = True
        log.info("ending: %d connections are open", len(service.connections))
        until = service.scheduler.time() + self.settings.graceful_timeout
        while service.connections and service.scheduler.time() < until:
            for connection in list(service.connections):
                connection.shut()
            await Sleep(0.02)
        for connection in list(service.connections):
            connection.give_up()
        await Sleep(0.02)
        for connection in [*service.connections, *service.refused]:
            connection.abort()
        await Sleep(0)

    def _make_service(self, scheduler: Scheduler, sock: socket.socket) -> Service:
        settings = self.settings
        name = sock.getsockname()
        inet = isinstance(name, tuple)
        return Service(
            application=self._application,
            settings=settings,
            limits=settings.limits(),
            scheduler=scheduler,
            standard=_StandardLines(),
            software=SOFTWARE,
            server=(settings.host, str(name[1])) if inet else ("localhost", ""),
            most=settings.connections(),
        )


class _StandardLines:
    """``Date`` and ``Server``, made anew once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._lines = b""

    def __call__(self) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._second = second
            date = formatdate(second, usegmt=True)
            self._lines = f"Date: {date}\r\nServer: cogen\r\n".encode("ascii")
        return self._lines


@coro
def _sweep(service: Service) -> Any:
    """Look at every connection's deadline, once a second."""
    while True:
        yield Sleep(SWEEP)
        now = service.scheduler.time()
        for connection in [*service.connections, *service.refused]:
            try:
                connection.check(now)
            except Exception:  # or no deadline would be kept any more, of no connection
                log.exception("a connection could not be looked after")
                connection.abort()


def _on_signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> list[int]:
    handled = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # Signals can be had in the main thread only; in another one `Server.stop` is called.
        with contextlib.suppress(ValueError, RuntimeError):
            loop.add_signal_handler(number, stop.set)
            handled.append(int(number))
    return handled


def _raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def bind(settings: ServerSettings) -> socket.socket:
    """The socket to listen on.

    Raises:
        OSError: the address cannot be had.
    """
    if settings.unix_socket:
        _unlink_stale(settings.unix_socket)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address: Any = settings.unix_socket
    else:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _unlink_stale(unix_socket: str) -> None:
    """Clear away what a server left that was killed; one that lives keeps its own."""
    if not Path(unix_socket).is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        if sock.connect_ex(unix_socket) == 0:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    _unlink(unix_socket)


def _unlink(unix_socket: str) -> None:
    if unix_socket:
        Path(unix_socket).unlink(missing_ok=True)


def _where(settings: ServerSettings, sock: socket.socket) -> str:
    if settings.unix_socket:
        return f"unix:{settings.unix_socket}"
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
