"""The chat behind cogen's own connections, without sockets: bytes in, bytes out, time by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatapp.config.environment import load_environment
from chatapp.config.mounting import Mounts
from chatapp.config.routing import Router, chat_routes
from chatapp.config.secret import session_secret
from chatapp.config.settings import ChatSettings
from chatapp.lib.session import SessionMiddleware
from chatapp.model.message import Kind, Message
from chatapp.model.ports import Draft, Entry
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.web.exchange import Application
from tests.chatapp.memory import MemoryStore, PlainPasswords
from tests.web.harness import PEER, Client, Served

SECRET = "s" * 64
TOKEN = "0123456789abcdef"  # the administrator's
ADMIN = {"Authorization": f"Bearer {TOKEN}"}


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


class Line(Client):
    """One connection of a client; to open it lets nothing else go on.

    Attributes:
        cookie: what the request came with.
    """

    cookie: str | None = None

    def __init__(self, site: Site, connection: Any = None, peer: Any = PEER) -> None:
        settle, site.settle = site.settle, lambda: None  # type: ignore[method-assign]
        super().__init__(site, connection, peer)
        site.settle = settle  # type: ignore[method-assign]

    @property
    def parts(self) -> list[Any]:
        """The server's objects that are of this connection alone, and stay as long as it does."""
        return [self.connection]

    @property
    def answered(self) -> bool:
        """Something was written to it that nobody has read."""
        return bool(self.transport.arrived or self.transport.unwritten)

    def answers(self) -> list[Response]:
        """What has come since the last call."""
        data, found = self.take(), []
        while data:
            head, _, rest = data.partition(b"\r\n\r\n")
            response = Response(head, b"")
            size = int(response.header("content-length") or 0)
            response.body, data = rest[:size], rest[size:]
            found.append(response)
        return found


class Site(Served):
    """A chat on a clock of its own.

    Args:
        folder: for the data.
        slice_size: of the scheduler; with 1, something can come between any two steps.
        keep: messages of each room that outlive the log; None for all.
        store: what an earlier one has kept.
        mounts: other applications, by the paths below which they are.
        settings: of the chat.
    """

    def __init__(
        self,
        folder: Path | None = None,
        slice_size: int = 128,
        keep: int | None = None,
        store: MemoryStore | None = None,
        mounts: Mapping[str, Application] | None = None,
        **settings: Any,
    ) -> None:
        given = {"admin_token": TOKEN, **({} if folder is not None else {"secret": SECRET})}
        table = ChatSettings(data=str(folder), **{**given, **settings})
        self.store = store or MemoryStore(keep)

        def clock() -> float:
            return self.loop.time()

        store = self.store
        self.passwords = PlainPasswords(store)
        environment = load_environment(
            table,
            store,
            store.rows,
            clock,
            clock,
            standing=store.records.standing,
            passwords=self.passwords,
        )
        self.rooms, self.roster, self.broker = environment[:3]
        self.speech = environment.chat.speech
        self.room = self.rooms.main
        fallback = Mounts(mounts or {}, environment.chat, nothing_here)
        router = Router(environment.controllers, chat_routes(), fallback)
        self.sessions = SessionMiddleware(router, session_secret(table), clock)
        super().__init__(self.sessions, slice_size)

    def say(self, sender: str, text: str, kind: Kind = "say", room: int = 1) -> None:
        """Say something, as the broker's other users do."""
        self.wait(self.broker.publish(Draft(room, sender, text, kind)))

    def hear(self, text: str) -> None:
        """Let the room hear something in this moment, kept already; nothing else goes on."""
        room = self.room
        message = Message(1, room.log.end + 1, room.time + 1, "bob", "say", text)
        self.store.append([Entry(message)]).do()
        room.hear(message)

    def said(self) -> list[str]:
        """What people have said in the main room, of that which is kept."""
        return [message.text for message in self.store.log[1] if message.kind == "say"]

    def wait(self, waitable: Any) -> Any:
        """Let it come to its end; gives its result."""
        return self.begin(waitable).outcome()

    def begin(self, waitable: Any, settle: bool = True) -> CoroutineInstance[Any]:
        """A coroutine that waits for it."""

        @coro
        def waits() -> Any:
            return (yield waitable)

        waiting = self.scheduler.add(waits())
        if settle:
            self.settle()
        return waiting

    def curl(self, peer: Any = PEER) -> Curl:
        return Curl(self, peer)

    def advance(self, seconds: float) -> None:
        """Let time pass, without the server's looks at its own deadlines."""
        self.loop.advance(seconds)
        self.settle()


def nothing_here(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [("Content-Length", "0")])
    return []


class Curl:
    """A client with a cookie jar; each request on a connection of its own, as curl makes them."""

    def __init__(self, site: Site, peer: Any = PEER) -> None:
        self.site = site
        self.peer = peer
        self.cookie: str | None = None

    def ask(
        self, method: str, target: str, body: bytes = b"", settle: bool = True, **headers: str
    ) -> Line:
        """Send a request; `Line.answers` has the answer when it has come."""
        line = Line(self.site, peer=self.peer)
        line.cookie = self.cookie
        fields = {"Host": "chat.example", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookie is not None:
            fields.setdefault("Cookie", self.cookie)
        if body or method == "POST":
            fields["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        line.send(
            f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body, settle=settle
        )
        return line

    def take(self, line: Line) -> Response:
        """Read the one answer that has come, keep its cookie, and hang up."""
        (response,) = line.answers()
        self.keep(response)
        line.end()
        return response

    def keep(self, response: Response) -> None:
        given = [value for name, value in response.headers if name == "set-cookie"]
        if given:
            pairs = [*(self.cookie or "").split("; "), *(each.partition(";")[0] for each in given)]
            jar = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
            self.cookie = "; ".join(f"{name}={jar[name]}" for name in jar if jar[name]) or None

    def waits(self, path: str = "/chat/pull", **headers: str) -> Line:
        """A pull that is not answered yet."""
        line = self.ask("GET", path, **headers)
        assert not line.answered, line.take()
        return line

    def pull(self, path: str = "/chat/pull", **headers: str) -> Response:
        return self.take(self.ask("GET", path, **headers))

    def push(self, text: str | bytes, **headers: str) -> Response:
        body = text.encode("utf-8") if isinstance(text, str) else text
        return self.take(self.ask("POST", "/chat/push", body, **headers))

    def get(self, path: str, **headers: str) -> Response:
        return self.take(self.ask("GET", path, **headers))

    def send(self, method: str, path: str, content: Any = None, **headers: str) -> Response:
        """A request with JSON; bytes go as they are."""
        return self.take(self.begin(method, path, content, **headers))

    def begin(self, method: str, path: str, content: Any = None, **headers: str) -> Line:
        """The same, and do not wait for the answer."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        if content is None:
            body = b""
        else:
            headers.setdefault("Content_Type", "application/json")
        return self.ask(method, path, body, **headers)

    def post(self, path: str, content: Any = None, **headers: str) -> Response:
        return self.send("POST", path, content, **headers)

    def read(self, path: str = "/chat/pull", **headers: str) -> Response:
        """Pull as JSON, without waiting."""
        query = "&" if "?" in path else "?"
        line = self.ask("GET", f"{path}{query}timeout=0", Accept="application/json", **headers)
        self.site.advance(0)
        return self.take(line)
