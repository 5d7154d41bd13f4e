"""The server: listens, sweeps deadlines, and ends gracefully.

On SIGTERM or SIGINT it stops listening, closes idle connections, answers parked requests at once
(their operations end with `ServerClosing`, which is an `OperationTimeout`), lets the others finish
within ``graceful_timeout``, and returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import partial
from importlib.metadata import version
from typing import Any

import uvloop

from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.core.schedulers import Scheduler
from cogen.errors import HTTPError, SettingsError
from cogen.web.access import AccessLog
from cogen.web.address import bind, unlink, where
from cogen.web.connection import Connection
from cogen.web.environ import template
from cogen.web.exchange import Application
from cogen.web.forwarded import Forwarded, TrustedPeers
from cogen.web.gateways import Gateway
from cogen.web.listener import Listener
from cogen.web.logfile import LogFile
from cogen.web.request import Request
from cogen.web.service import Service
from cogen.web.settings import ServerSettings
from cogen.web.statistics import ServerStatistics
from cogen.web.tls import Secured, server_context

__all__ = ["Server", "ServerStatistics", "check"]

log = logging.getLogger(__name__)

COLLECT = (50_000, 20, 100)  # the collector's thresholds
SWEEP = 1.0  # seconds between two looks at the deadlines
SLICE = 256  # connections that are looked at before the others get their turn
SOFTWARE = f"cogen/{version('ChatApp')}"


class Server:
    """One WSGI application, served in one thread.

    Args:
        application: the WSGI application.
        settings: see `ServerSettings`.
        sock: what `bind` gave for them; by default the server binds when it is run.
        gateways: what is opened beside it; see `cogen.web.gateways`.
        master: for one of several processes: the end of a pipe that is closed when the process
            that started them has gone; then this one ends too.

    Raises:
        SettingsError: the certificate or the list of trusted peers is not what it should be.
    """

    def __init__(
        self,
        application: Application,
        settings: ServerSettings | None = None,
        sock: socket.socket | None = None,
        gateways: Iterable[Gateway] = (),
        master: int | None = None,
    ) -> None:
        self.settings = settings if settings is not None else ServerSettings()
        self._application = application
        self._sock = sock
        self._gateways = list(gateways)
        self._master = master
        self._trusted = TrustedPeers(self.settings.forwarded_allow_ips)
        self._context = server_context(self.settings)
        self._service: Service | None = None
        self._file: LogFile | None = None
        self._access: AccessLog | None = None
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
        return service.statistics()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then end gracefully and return.

        Raises:
            OSError: an address cannot be listened on.
            SettingsError: the access log cannot be written.
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
        address, name = sock.getsockname(), where(self.settings, sock)
        self._open_log()
        service = self._service = self._make_service(scheduler, sock)
        listeners = self._listeners(loop, service, sock)
        handled = self._on_signals(loop, stop)  # before anybody can see that it is there
        for listener in listeners:
            listener.start()
        service.listener = listeners[0]
        self._listening, service.since = [address], time.time()
        sweep = scheduler.add(_sweep(service))
        if self._master is not None:
            loop.add_reader(self._master, self._orphaned, loop)
        log.info("cogen listens on %s", name)
        try:
            await stop.wait()
        finally:
            for number in handled:
                loop.remove_signal_handler(number)
            if self._master is not None:
                loop.remove_reader(self._master)
            for listener in listeners:
                listener.close()
            self._listening, service.listener = [], None
            if self._master is None:
                unlink(self.settings.unix_socket)  # now: the next server may be there soon
            await self._end(service, listeners)
            sweep.cancel()
            self._service = None
            self._close_log()
        log.info("cogen has ended")

    async def _end(self, service: Service, listeners: list[Listener]) -> None:
        service.end()
        log.info("ending: %d connections are open", len(service.connections))
        until = service.scheduler.time() + self.settings.graceful_timeout
        while service.scheduler.time() < until:
            connecting = any(listener.connecting for listener in listeners)
            if not (service.connections or service.handshakes or connecting):
                break
            for connection in [*service.connections, *service.handshakes]:
                connection.shut()
            await Sleep(0.02)
        if self._access is not None:
            self._access.giving_up = True
        for connection in list(service.connections):
            connection.give_up()
        await Sleep(0.02)
        for connection in [*service.connections, *service.refused, *service.handshakes]:
            connection.abort()
        await Sleep(0)

    def _make_service(self, scheduler: Scheduler, sock: socket.socket) -> Service:
        settings, application = self.settings, self._application
        if self._master is not None:
            application = _one_of_many(application)
        if self._trusted:
            application = Forwarded(application, self._trusted)
        if self._access is not None:
            application = self._access.around(application)
        name = sock.getsockname()
        server = (
            (settings.host or name[0], str(name[1]))
            if isinstance(name, tuple)
            else ("localhost", "")
        )
        return Service(
            application=application,
            settings=settings,
            limits=settings.limits(),
            scheduler=scheduler,
            standard=_standard(),
            environ=template(server, SOFTWARE),
            most=settings.connections(),
            on_refusal=self._refused if self._access is not None else None,
            file=self._file,
        )

    def _listeners(
        self, loop: asyncio.AbstractEventLoop, service: Service, sock: socket.socket
    ) -> list[Listener]:
        """HTTP's, and then the gateways'."""
        backlog = self.settings.backlog
        listeners = [Listener(loop, sock, self._protocol(service), backlog)]
        for gateway in self._gateways:
            bound = gateway.bind(self.settings)
            listeners.append(Listener(loop, bound, partial(gateway.connect, service), backlog))
        return listeners

    def _protocol(self, service: Service) -> Callable[[], Any]:
        """Makes what is an asyncio.Protocol in all but its base, which could not be compiled."""
        if self._context is None:
            return lambda: Connection(service)

        def secured() -> Secured:
            assert self._context is not None
            return Secured(self._context, lambda: Connection(service), service)

        return secured

    # The access log, and what is read again

    def _open_log(self) -> None:
        if self.settings.access_log:
            self._file = LogFile(self.settings.access_log)
            form = self.settings.access_log_format
            self._access = AccessLog(self._file, form, self._trusted)

    def _close_log(self) -> None:
        file, self._file, self._access = self._file, None, None
        if file is not None:
            file.close()

    def _refused(self, transport: Any, request: Request, error: HTTPError, answer: bytes) -> None:
        assert self._access is not None
        peer = transport.get_extra_info("peername")
        scheme = "http" if self._context is None else "https"
        body = len(answer.partition(b"\r\n\r\n")[2])
        self._access.refused(peer, scheme, request, error.status, body)

    def _again(self) -> None:
        """SIGHUP: the log may have been moved, the certificate renewed."""
        if self._file is not None:
            self._file.reopen()
        try:
            self._context = server_context(self.settings)
        except SettingsError as error:
            log.error("the certificate stays as it was: %s", error)

    def _orphaned(self, loop: asyncio.AbstractEventLoop) -> None:
        assert self._master is not None
        loop.remove_reader(self._master)
        self.stop()

    def _on_signals(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> list[int]:
        wanted: dict[int, Callable[[], None]] = {signal.SIGTERM: stop.set, signal.SIGINT: stop.set}
        if self._file is not None or self._context is not None:  # else a hang-up ends, as usual
            wanted[signal.SIGHUP] = wanted[signal.SIGUSR1] = self._again
        handled = []
        for number, act in wanted.items():
            # Signals can be had in the main thread only; in another one `Server.stop` is called.
            with contextlib.suppress(ValueError, RuntimeError):
                loop.add_signal_handler(number, act)
                handled.append(number)
        return handled


def check(settings: ServerSettings) -> None:
    """Look at the files and lists that settings name, without listening.

    Raises:
        SettingsError: one of them is not what it should be.
    """
    TrustedPeers(settings.forwarded_allow_ips)
    server_context(settings)


def _one_of_many(application: Application) -> Application:
    def called(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.multiprocess"] = True
        return application(environ, start_response)

    return called


def _standard() -> bytes:
    """``Date`` and ``Server``."""
    return f"Date: {formatdate(usegmt=True)}\r\nServer: cogen\r\n".encode("ascii")


@coro
def _sweep(service: Service) -> Any:
    """Once a second: the time of day, and every connection's deadline; a slice at a time, for
    thousands that are pinged in the same second would keep all others from their turn."""
    while True:
        yield Sleep(SWEEP)
        service.standard = _standard()
        now = service.scheduler.time()
        for group in (service.connections, service.refused, service.handshakes):
            for number, connection in enumerate(list(group), 1):
                if connection in group:  # still, after the pauses
                    try:
                        connection.check(now)
                    except Exception:  # or no deadline would be kept any more, of no connection
                        log.exception("a connection could not be looked after")
                        connection.abort()
                if number % SLICE == 0:
                    yield Sleep(0)


def _raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
