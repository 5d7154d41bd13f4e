"""The chat behind cogen's own connections, without sockets: bytes in, bytes out, time by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatapp.config.environment import load_environment
from chatapp.config.routing import Router, chat_routes
from chatapp.config.settings import ChatSettings
from chatapp.lib.session import SessionMiddleware
from cogen.testing import FakeLoop
from cogen.web.connection import Connection, Service
from cogen.web.exchange import Application
from cogen.web.settings import ServerSettings

SECRET = "s" * 64


class Response:
    """One parsed response."""

    def __init__(self, head: bytes, body: bytes) -> None:
        line, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(line.split()[1])
        self.headers = [(name.lower(), value) for name, value in (f.split(": ", 1) for f in fields)]
        self.body = body

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name.lower())

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def seqs(self) -> list[int]:
        return [message["seq"] for message in self.json["messages"]]


class Transport:
    """A client that reads at once, unless it is ``stuck``."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.unwritten = 0
        self.stuck = False
        self.closed = False
        self.protocol: Connection | None = None

    def write(self, data: bytes) -> None:
        self.written += data
        if self.stuck:
            self.unwritten += len(data)
            assert self.protocol is not None
            self.protocol.pause_writing()

    def get_write_buffer_size(self) -> int:
        return self.unwritten

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 50000) if name == "peername" else None

    def close(self) -> None:
        self.closed = True

    abort = write_eof = pause_reading = resume_reading = close

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True


class Line:
    """One connection of a client."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.transport = Transport()
        self.connection = Connection(site.service)
        self.transport.protocol = self.connection
        self.connection.connection_made(self.transport)
        self._lost = False

    def send(self, data: bytes, settle: bool = True) -> None:
        self.connection.data_received(data)
        if settle:
            self.site.loop.run_until_idle()

    def answers(self) -> list[Response]:
        """What has come since the last call."""
        data, found = bytes(self.transport.written), []
        self.transport.written.clear()
        while data:
            head, _, rest = data.partition(b"\r\n\r\n")
            response = Response(head, b"")
            size = int(response.header("content-length") or 0)
            response.body, data = rest[:size], rest[size:]
            found.append(response)
        return found

    def reset(self) -> None:
        """The client goes away, and what it has not read is lost."""
        self._end(ConnectionResetError())

    def leave(self) -> None:
        """The client has read everything and hangs up."""
        self.connection.eof_received()
        self._end(None)

    def _end(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self.transport.closed = True
            self.connection.connection_lost(error)
            self.site.loop.run_until_idle()


class Site:
    """A chat on a clock of its own.

    Args:
        folder: for the data.
        settings: of the chat.
    """

    def __init__(self, folder: Path | None = None, **settings: Any) -> None:
        self.loop = FakeLoop()
        self.scheduler = self.loop.scheduler()
        secret = {} if folder is not None else {"secret": SECRET}
        table = ChatSettings(data=str(folder), **{**secret, **settings})
        environment = load_environment(table)
        self.room, self.roster = environment.chat.room, environment.chat.roster
        router = Router(environment.chat, chat_routes(), nothing_here)
        self.serve(SessionMiddleware(router, environment.secret, clock=self.loop.time))

    def serve(self, application: Application) -> None:
        settings = ServerSettings()
        self.service = Service(
            application=application,
            settings=settings,
            limits=settings.limits(),
            scheduler=self.scheduler,
            standard=lambda: b"",
            software="test",
            server=("localhost", "80"),
            most=1000,
            connections=set(),
        )

    def line(self) -> Line:
        return Line(self)

    def curl(self) -> Curl:
        return Curl(self)

    def advance(self, seconds: float) -> None:
        self.loop.advance(seconds)


def nothing_here(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [("Content-Length", "0")])
    return []


class Curl:
    """A client with a cookie jar; each request on a connection of its own, as curl makes them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cookie: str | None = None

    def ask(
        self, method: str, target: str, body: bytes = b"", settle: bool = True, **headers: str
    ) -> Line:
        """Send a request; `Line.answers` has the answer when it has come."""
        line = self.site.line()
        fields = {"Host": "chat.example", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookie is not None:
            fields.setdefault("Cookie", self.cookie)
        if body or method == "POST":
            fields["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        line.send(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body, settle)
        return line

    def take(self, line: Line) -> Response:
        """Read the one answer that has come, keep its cookie, and hang up."""
        (response,) = line.answers()
        self.keep(response)
        line.leave()
        return response

    def keep(self, response: Response) -> None:
        for name, value in response.headers:
            if name == "set-cookie":
                self.cookie = value.partition(";")[0]

    def waits(self, path: str = "/chat/pull", **headers: str) -> Line:
        """A pull that is not answered yet."""
        line = self.ask("GET", path, **headers)
        assert not line.transport.written, bytes(line.transport.written)
        return line

    def pull(self, path: str = "/chat/pull", **headers: str) -> Response:
        return self.take(self.ask("GET", path, **headers))

    def push(self, text: str | bytes, **headers: str) -> Response:
        body = text.encode("utf-8") if isinstance(text, str) else text
        return self.take(self.ask("POST", "/chat/push", body, **headers))

    def read(self, path: str = "/chat/pull", **headers: str) -> Response:
        """Pull as JSON, without waiting."""
        query = "&" if "?" in path else "?"
        return self.pull(f"{path}{query}timeout=0", Accept="application/json", **headers)
