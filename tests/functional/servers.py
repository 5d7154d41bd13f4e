"""Real servers for tests: in a thread of the test, or as a process that ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.client
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import trustme
import uvloop

from cogen.web.server import Server
from cogen.web.settings import ServerSettings
from tests.functional.chat_server import python_path

SCRIPTS = Path(sys.executable).parent


@functools.cache
def certificate(name: str = "localhost") -> trustme.LeafCert:
    """A certificate for 127.0.0.1, made for this run; `authority` vouches for it."""
    return authority().issue_cert("127.0.0.1", "localhost", name)


@functools.cache
def authority() -> trustme.CA:
    return trustme.CA()


@functools.cache
def trusting() -> ssl.SSLContext:
    """What a client needs to believe in `certificate`."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


def write_certificate(folder: Path, name: str = "localhost") -> dict[str, str]:
    """The settings ``certfile`` and ``keyfile``, and the files."""
    folder.mkdir(exist_ok=True)
    made = certificate(name)
    (folder / "certificate.pem").write_bytes(b"".join(b.bytes() for b in made.cert_chain_pems))
    (folder / "key.pem").write_bytes(made.private_key_pem.bytes())
    return {"certfile": str(folder / "certificate.pem"), "keyfile": str(folder / "key.pem")}


class InThread:
    """One application, served in a thread. With a ``certfile``, its clients speak TLS.

    Attributes:
        port: where it listens.
        server: to be looked at only by `call`.
    """

    def __init__(self, application: Any, **settings: Any) -> None:
        table = ServerSettings(**{"host": "127.0.0.1", "port": 0, **settings})
        self.server = Server(application, table)
        self._secure = bool(table.certfile)
        self.error: BaseException | None = None
        self._loop: Any = None
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._listens.wait(10), self.error
        self.port: int = self.server.addresses[0][1] if not table.unix_socket else 0

    def _run(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            serving = asyncio.create_task(self.server.serve())
            while not self.server.addresses and not serving.done():
                await asyncio.sleep(0.001)
            self._listens.set()
            await serving

        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main())
        except BaseException as error:
            self.error = error

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call it in the server's thread; gives what it gives."""

        async def called() -> Any:
            return function(*args)

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(10)

    def until(self, ready: Callable[..., bool], *args: Any, seconds: float = 10) -> None:
        """Wait until something is so in the server's thread."""
        deadline = time.monotonic() + seconds
        while not self.call(ready, *args):
            assert time.monotonic() < deadline, "it never was"
            time.sleep(0.002)

    def parked(self) -> int:
        """How many requests wait."""
        parked: int = self.server.statistics().parked
        return parked

    def connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.port), 10)
        return trusting().wrap_socket(sock, server_hostname="127.0.0.1") if self._secure else sock

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, bytes]:
        """Status, headers and body of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.sock = self.connect()
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self.server.stop)
            self._thread.join(10)
            assert not self._thread.is_alive(), "it did not end"
        if self.error is not None:
            raise self.error


@contextlib.contextmanager
def serving(application: Any, **settings: Any) -> Iterator[InThread]:
    """`InThread`, ended at the end."""
    server = InThread(application, **settings)
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


APPLICATION = """
import asyncio, sys

from cogen.core.queue import Queue
from cogen.errors import ServerClosing
from cogen.web.actions import action

queue = Queue()


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/wait":
        yield environ["cogen.call"](queue.get)(timeout=60)
        body = type(environ["cogen.wsgi"].result).__name__.encode()
    elif path == "/push":
        queue.put_nowait("news")
        body = b"pushed"
    else:
        body = environ["REMOTE_ADDR"].encode() + b" " + environ["wsgi.url_scheme"].encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    yield body


def make(global_conf, **settings):
    return application
"""


class Process:
    """``paster serve`` or ``pserve`` with a small ini.

    Args:
        folder: for the ini, the module and the log.
        source: of the module, whose ``make`` is an application factory.
        settings: of ``[server:main]``.
    """

    def __init__(
        self, folder: Path, command: str = "paster", source: str = APPLICATION, **settings: Any
    ) -> None:
        (folder / "small_application.py").write_text(source)
        lines = [f"{name} = {value}" for name, value in settings.items()]
        (folder / "small.ini").write_text(
            "[app:main]\npaste.app_factory = small_application:make\n"
            "[server:main]\nuse = egg:ChatApp#cogen\n" + "\n".join(lines) + "\n"
        )
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("HOST", "PORT") and not name.startswith("COGEN_")
        }
        environment["PYTHONPATH"] = python_path(folder)
        self._log = (folder / "log").open("w+b")
        arguments = ["serve"] if command == "paster" else []
        self.process = subprocess.Popen(
            [str(SCRIPTS / command), *arguments, str(folder / "small.ini")],
            cwd=folder,
            env=environment,
            stdout=self._log,
            stderr=self._log,
        )
        self._port = settings.get("port")

    def listen(self) -> Process:
        """Wait until it does."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as sock:
                reached = sock.connect_ex(("127.0.0.1", self._port or 0)) == 0
                # A free port may also be reached by coming from it.
                if reached and sock.getsockname() != sock.getpeername():
                    return self
            time.sleep(0.02)
        raise AssertionError(f"it did not start:\n{self.log}")

    @property
    def log(self) -> str:
        """What it has printed."""
        self._log.seek(0)
        return self._log.read().decode()

    def wait(self, seconds: float = 20) -> int:
        """Its exit code."""
        return self.process.wait(seconds)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log.close()
