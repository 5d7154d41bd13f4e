"""A page of live elements in a chat, at ``/live``, without sockets; and tabs that show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chatapp.config.live import live_application
from chatapp.config.mounting import Mounts
from chatapp.config.settings import LiveSettings
from chatapp.lib.chat import Chat
from chatapp.lib.session import SessionMiddleware
from chatapp.live import LiveElement, expose
from cogen.core.coroutines import coro
from tests.chatapp.harness import SECRET, Curl, Line, Response, Site, nothing_here
from tests.web.peer import Peer

PREFIX = "/live"


class Stage(Site):
    """The chat with its page.

    Args:
        factories: of the elements on the page.
        live: settings of the page.
    """

    def __init__(self, *factories: Callable[[], LiveElement], **live: Any) -> None:
        super().__init__(slice_size=live.pop("slice_size", 128))
        chat = Chat(self.rooms, self.roster, self.speech)
        page = live_application(factories, "Stage", LiveSettings(**live))
        mounts = Mounts({PREFIX: page}, chat, nothing_here)
        self.service.application = SessionMiddleware(mounts, SECRET, self.loop.time)

    def tab(self, curl: Curl | None = None) -> Tab:
        return Tab(self, curl)

    def left(self) -> tuple[int, int, int]:
        """Coroutines, what is ready, and timers, when everybody has gone."""
        for client in list(self.clients):
            client.reset()
        self.settle()
        statistics = self.scheduler.statistics()
        return statistics.coroutines, statistics.ready, statistics.timers


class Tab:
    """A page in a browser, which does each thing when it is told to.

    Attributes:
        has: the number of the last message that has come.
    """

    def __init__(self, stage: Stage, curl: Curl | None = None) -> None:
        self.stage = stage
        self.curl = curl or stage.curl()
        self.opened = self.curl.post(f"{PREFIX}/open", {})
        self.id = self.opened.json.get("channel")
        self.has = self.sent = self.calls = 0

    def post(self, door: str, content: Any, **headers: str) -> Response:
        """To one of the doors of its channel; bytes go as they are."""
        if not isinstance(content, bytes):
            content = {"channel": self.id, **content}
        return self.curl.post(f"{PREFIX}/{door}", content, **headers)

    def packet(self, *messages: Any) -> dict[str, Any]:
        first, self.sent = self.sent + 1, self.sent + len(messages)
        return {"ack": self.has, "first": first, "messages": messages}

    def send(self, *messages: Any) -> Response:
        return self.post("send", self.packet(*messages))

    def begin(self, method: str, *arguments: Any, element: int = 0) -> int:
        """A call; gives its number."""
        self.calls += 1
        response = self.send(["call", self.calls, element, method, list(arguments)])
        assert (response.status, response.json["ack"]) == (200, self.sent), response.text
        return self.calls

    def call(self, method: str, *arguments: Any, element: int = 0) -> Any:
        """A call that is answered at once: the answer without its number."""
        number = self.begin(method, *arguments, element=element)
        kind, answered, *answer = self.poll()[-1]
        assert answered == number
        return [kind, *answer]

    def waits(self, wait: float = 25.0, **headers: str) -> Line:
        """A poll."""
        content = json.dumps({"channel": self.id, "ack": self.has, "wait": wait}).encode()
        headers.setdefault("Content_Type", "application/json")
        return self.curl.ask("POST", f"{PREFIX}/poll", content, **headers)

    def take(self, line: Line) -> list[Any]:
        """What a poll has brought."""
        response = self.curl.take(line)
        assert response.status == 200, response.text
        return self.hear(response.json)

    def poll(self) -> list[Any]:
        """What there is now."""
        line = self.waits(0)
        self.stage.advance(0)
        return self.take(line)

    def hear(self, packet: Any) -> list[Any]:
        if packet["messages"]:
            assert packet["first"] == self.has + 1
            self.has += len(packet["messages"])
        messages: list[Any] = packet["messages"]
        return messages

    def socket(self, hello: Any = None, **headers: str) -> Socket:
        """A WebSocket, which says hello, or this, or nothing (False)."""
        cookie = {"Cookie": self.curl.cookie} if self.curl.cookie is not None else {}
        socket = Socket(self.stage, f"{PREFIX}/socket", ["athena.v1"], **cookie, **headers)
        if hello is None:
            hello = json.dumps({"channel": self.id, "ack": self.has})
        if socket.status == 101 and hello is not False:
            socket.say(hello)
        return socket


class Socket(Peer):
    """A WebSocket of a tab."""

    def packets(self) -> list[Any]:
        """What has come since the last call."""
        return [json.loads(message) for message in self.heard()]

    def messages(self) -> list[Any]:
        return [message for packet in self.packets() for message in packet["messages"]]

    def tell(self, packet: Any) -> None:
        self.say(json.dumps(packet))

    @property
    def code(self) -> int | None:
        """Why the server has closed it."""
        return self.farewell.code if self.farewell else None


class StandIn(LiveElement):
    """What others are made of: it has a widget's file."""

    jsClass = "stand_in.StandIn"


class Echo(StandIn):
    """Says everything back, in every way.

    Attributes:
        log: what has happened to it.
    """

    def __init__(self) -> None:
        self.log: list[Any] = []

    def connectionMade(self) -> Any:
        self.log.append("made")

    def connectionLost(self, reason: str) -> Any:
        self.log.append(reason)

    @expose
    def say(self, text: str) -> str:
        self.log.append(text)
        return text

    @expose
    def later(self, text: str) -> Any:
        yield
        return text

    @expose
    @coro
    def by_coro(self, text: str) -> Any:
        yield
        return text

    @expose
    def ask(self, name: str, *arguments: Any) -> Any:
        """Ask the page, and say what it says."""
        return (yield self.callRemote(name, *arguments))

    @expose
    def tell(self, name: str, *arguments: Any) -> None:
        """Tell the page, and do not wait."""
        self.callRemote(name, *arguments)


def made_by(cls: Callable[[], Any]) -> tuple[list[Any], Callable[[], Any]]:
    """A factory, and what it has made for pages: not what was made to be looked at."""
    made: list[Any] = []

    def factory() -> Any:
        made.append(cls())
        return made[-1]

    return made, factory
