"""Live pages without a browser: a channel by polls, and the widget of the chat at its end."""

from __future__ import annotations

from typing import Any

from chatapp.config.live import make_live
from tests.chatapp.harness import Curl, Site

CHATTER = "chatapp.live.chatter.Chatter"


def chatter_site(live: dict[str, str] | None = None, **settings: Any) -> Site:
    """A chat with /chatter.

    Args:
        live: the settings of that.
        settings: of the chat.
    """
    return Site(mounts={"/chatter": make_live({}, element=CHATTER, **(live or {}))}, **settings)


class Refused(Exception):
    """A call failed on the server: the type, and the text."""


class LivePage:
    """One page with one element; the widget's methods are those of a subclass.

    Args:
        curl: whose session it is; a new one's if None.

    Attributes:
        answers: it gives the results of what the server calls; else it keeps them.
        unanswered: calls whose results it keeps: id and method.
    """

    def __init__(self, site: Site, curl: Curl | None = None, path: str = "/chatter") -> None:
        self.site = site
        self.curl = curl or site.curl()
        self.path = path
        self.answers = True
        self.unanswered: list[tuple[int, str]] = []
        self._outcomes: dict[int, Any] = {}
        self._calls = 0
        self.open()

    def open(self) -> None:
        """A channel, with a new element at its end."""
        opened = self.curl.post(f"{self.path}/open", {})
        assert opened.status == 201, opened.text
        self._channel = opened.json["channel"]
        self._taken = self._sent = 0
        self.hear()

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the element; gives its result, or raises `Refused`."""
        number = self.begin(method, *arguments)
        self.hear()
        kind, *outcome = self._outcomes.pop(number)
        if kind == "error":
            raise Refused(*outcome)
        return outcome[0]

    def begin(self, method: str, *arguments: Any) -> int:
        """The same, and do not wait."""
        self._calls += 1
        self._send(["call", self._calls, 0, method, arguments])
        return self._calls

    def hear(self) -> None:
        """Take what the server sends, and do what it calls, until there is nothing more."""
        while messages := self._poll():
            for kind, number, *rest in messages:
                if kind == "call":
                    element, method, arguments = rest
                    assert element == 0
                    getattr(self, method)(*arguments)
                    self.unanswered.append((number, method))
                else:
                    self._outcomes[number] = [kind, *rest]
            if self.answers:
                self.answer()

    def answer(self) -> None:
        """Give the results that it has kept."""
        unanswered, self.unanswered = self.unanswered, []
        for number, _ in unanswered:
            self._send(["result", number, None])

    def fail(self) -> None:
        """The same, with errors."""
        unanswered, self.unanswered = self.unanswered, []
        for number, _ in unanswered:
            self._send(["error", number, "TypeError", "it is undefined"])

    def close(self) -> None:
        """The tab is closed."""
        assert self._post("close", {}).status == 204

    def _send(self, message: list[Any]) -> None:
        self._sent += 1
        packet = {"ack": self._taken, "first": self._sent, "messages": [message]}
        assert self._post("send", packet).json["ack"] == self._sent

    def _poll(self) -> list[Any]:
        body = {"channel": self._channel, "ack": self._taken, "wait": 0}
        line = self.curl.begin("POST", f"{self.path}/poll", body)
        self.site.advance(0)
        packet = self.curl.take(line).json
        if packet["messages"]:
            assert packet["first"] == self._taken + 1
            self._taken += len(packet["messages"])
        messages: list[Any] = packet["messages"]
        return messages

    def _post(self, action: str, body: dict[str, Any]) -> Any:
        return self.curl.post(f"{self.path}/{action}", {"channel": self._channel, **body})


class ChatterPage(LivePage):
    """The page at /chatter: its widget, as far as it keeps what it is told.

    Attributes:
        lines: what it shows.
        alerts: walls that it has raised.
        name: as whom it is there; "" before it is.
        suggested: what stands in the box for a name.
        note: why it is not there any more.
    """

    def __init__(self, site: Site, curl: Curl | None = None) -> None:
        self.lines: list[str] = []
        self.alerts: list[str] = []
        self.name = self.cursor = self.suggested = self.note = ""
        super().__init__(site, curl)

    def enter(self, name: str) -> None:
        self.name = self.call("setUsername", name, self.cursor)

    def say(self, text: str) -> None:
        self.name = self.call("say", text)

    def shown(self) -> list[str]:
        """Lines since the last call."""
        self.hear()
        lines, self.lines = self.lines, []
        return lines

    # What the server calls

    def displayPast(self, lines: list[tuple[str, str, str, int]], cursor: str, name: str) -> None:
        for kind, sender, text, _ in lines:
            happened = {"say": f"{sender}: {text}", "wall": f" ! {sender}: {text}", "aside": text}
            self.lines.append(happened.get(kind, f" * {text}"))
        self.name, self.cursor = name, cursor or self.cursor

    def displayLines(self, lines: list[tuple[str, str, str, int]], cursor: str, name: str) -> None:
        self.displayPast(lines, cursor, name)
        self.alerts += [text for kind, _, text, _ in lines if kind == "wall"]

    def suggest(self, name: str) -> None:
        self.suggested = name

    def loggedOut(self, reason: str) -> None:
        self.name, self.note = "", reason
