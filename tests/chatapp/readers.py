"""Readers of every transport: each asks again and again, and checks that it misses nothing.

A reader is what its transport's users write: it asks, reads the answer, and asks again; when its
connection has gone it asks on another, by what it has (a cookie, a cursor, a timestamp). For one
more transport, write its `target` and its `read`. Those of WebSockets are in `sockets`,
those of telnet in `terminals`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from chatapp.lib.text import line as text_line
from tests.chatapp.harness import Curl, Line, Response, Site

AGAIN = 2.0  # seconds until it asks again, when it was refused


class Reader:
    """Long-poll as JSON, by the cookie alone.

    Args:
        site: where it reads; another one when the server was started anew.
        room: what it reads.
        name: that it takes, or "".
        curl: whose cookie it has; None for one of its own.
        tab: tells it from others with this cookie.

    Attributes:
        has: by room, the number of the last message that has reached it, or of which it was told
            that it is lost; a room is not there before its first answer.
        line: the connection on which it waits; None while it does not.
        paused: it asks no more.
    """

    accept = "application/json"
    by_cookie = True

    def __init__(
        self, site: Site, room: int = 1, name: str = "", curl: Curl | None = None, tab: str = ""
    ) -> None:
        self.site = site
        self.room = room
        self.rooms = [room]
        self.name = name
        self.tab = tab
        self.curl = curl or site.curl()
        self.has: dict[int, int] = {}
        self.line: Line | None = None
        self.paused = False
        self.refusals: list[int] = []
        self.superseded: list[Line] = []
        self._next = 0.0  # when it may ask again

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}{self.tab} of {self.rooms} has {self.has}>"

    # Its transport

    def target(self) -> str:
        """What it asks for."""
        nick = f"/{self.name}" if self.name else ""
        return f"/chat/pull{nick}?timeout=3&tab={self.tab}&room={self.room}"

    def headers(self) -> dict[str, str]:
        return {"Accept": self.accept}

    def read(self, response: Response) -> None:
        """Take an answer."""
        content = response.json
        assert not content["gap"]["restarted"]
        end = int(content["cursor"].partition(".")[2])
        self.hear(self.room, content["messages"], content["gap"]["missed"], end)

    def began_anew(self, site: Site) -> None:
        """The server was started anew: it has forgotten where its readers were."""
        self.site = self.curl.site = site
        if self.by_cookie:
            self.has.clear()
        self._next = 0.0

    @property
    def due(self) -> bool:
        """While it waits, it has everything: it was not told that this comes later."""
        return True

    # What they all do

    def attend(self) -> bool:
        """Do what can be done without waiting; True if that was something."""
        self._attend_superseded()
        line = self.line
        if line is None:
            if self.paused or self.site.loop.time() < self._next:
                return False
            self.ask()
            return True
        give_up_unread(line)
        if self.receive(line):
            return True
        if not (line.transport.lost or line.closed):
            return False
        self.line = None
        return True

    def ask(self) -> None:
        """Begin a request, on a new connection."""
        self.line = self.curl.ask("GET", self.target(), settle=False, **self.headers())

    def supersede(self) -> None:
        """Ask once more, while the last request still waits."""
        if self.line is not None:
            self.superseded.append(self.line)
            self.ask()

    def quit(self) -> None:
        """Go without a word."""
        self.paused = True
        for line in [*self.superseded, *([self.line] if self.line is not None else [])]:
            line.reset()
        self.line = None
        self.superseded.clear()

    def receive(self, line: Line) -> bool:
        """Read what has come."""
        if not line.answered:
            return False
        (response,) = line.answers()
        self.curl.keep(response)
        line.end()
        self.line = None
        if response.status == 200:
            self.read(response)
        else:
            self.refused(response.status)
        return True

    def refused(self, status: int) -> None:
        self.refusals.append(status)
        self._next = self.site.loop.time() + AGAIN
        if status == 404:
            assert any(self.site.rooms.get(room) is None for room in self.rooms)
            self.quit()

    def hear(self, room: int, messages: Sequence[Any], missed: int, end: int) -> None:
        """Messages up to number ``end``, before which so many are said to be lost."""
        store = self.site.store
        first = end - len(messages) + 1
        has = self.has.setdefault(room, first - 1 - missed)
        assert first == has + missed + 1, f"{self} was told {first} … {end}, {missed} missed"
        if missed:
            assert first <= store.base(room), f"{self}: {first} is said to be the oldest"
        for seq, message in enumerate(messages, first):
            self.check(message, store.ever[room][seq])
        self.has[room] = end

    def check(self, message: Any, kept: Any) -> None:
        """What came is what is kept."""
        assert (message["seq"], message["text"]) == (kept.seq, kept.text), self

    def _attend_superseded(self) -> None:
        """They are answered in the end: with nothing, unless they had been woken before."""
        for line in self.superseded[:]:
            give_up_unread(line)
            for response in line.answers():
                self.superseded.remove(line)
                line.end()
                if response.status == 200 and response.json["messages"]:
                    self.read(response)
            if line in self.superseded and (line.transport.lost or line.closed):
                self.superseded.remove(line)


class ByCursor(Reader):
    """Long-poll as JSON, by X-Chat-Cursor."""

    by_cookie = False

    def target(self) -> str:
        has = self.has.get(self.room)
        since = f"&since={cursor_of(self.site, self.room, has)}" if has is not None else ""
        return super().target() + since


class Shell(Reader):
    """Plain text, as curl in a terminal."""

    accept = "*/*"
    _gap = re.compile(r"-- (\d+) messages? missed, resume from (\d+) --")

    def read(self, response: Response) -> None:
        missed, lines = 0, response.text.split("\r\n")[:-1]
        gap = self._gap.fullmatch(lines[0]) if lines else None
        if gap is not None:
            missed, lines = int(gap[1]), lines[1:]
        end = int((response.header("x-chat-cursor") or "").partition(".")[2])
        self.hear(self.room, lines, missed, end)

    def check(self, message: Any, kept: Any) -> None:
        assert message == text_line(kept).decode(), self


class Messages(Reader):
    """``/api/rooms/<room>/messages``, which needs no client."""

    by_cookie = False

    def target(self) -> str:
        has = self.has.get(self.room)
        since = f"&since={cursor_of(self.site, self.room, has)}" if has is not None else ""
        return f"/api/rooms/{self.room}/messages?wait=3&limit=5{since}"


class Events(Reader):
    """``/api/events``: several rooms in one poll."""

    by_cookie = False

    def __init__(self, site: Site, rooms: Sequence[int] = (1, 2), **more: Any) -> None:
        super().__init__(site, **more)
        self.rooms = list(rooms)

    def target(self) -> str:
        cursors = ",".join(
            f"{room}:{cursor_of(self.site, room, n)}" for room, n in self.has.items()
        )
        cursor = f"&cursor={cursors}" if cursors else ""
        return f"/api/events?rooms={','.join(map(str, self.rooms))}&wait=3&limit=5{cursor}"

    def read(self, response: Response) -> None:
        content = response.json
        for part in content["cursor"].split(","):
            room, end = int(part.partition(":")[0]), int(part.partition(".")[2])
            messages = [each for each in content["messages"] if each["room"] == room]
            missed = content["gaps"].get(str(room), {"missed": 0})["missed"]
            self.hear(room, messages, missed, end)


class Poll(Reader):
    """``/chats/<room>/poll``, by the time of the last message."""

    by_cookie = False
    last: Any = 0

    def target(self) -> str:
        return f"/chats/{self.room}/poll?lastupdate={self.last}&limit=4"

    def read(self, response: Response) -> None:
        self.take(response.json)

    def take(self, content: Any) -> None:
        self.last = f"{content['timestamp']:.6f}"
        if content["messages"]:
            first, end = content["messages"][0]["seq"], content["messages"][-1]["seq"]
            missed, has = content["gap"]["missed"], self.has.get(self.room)
            if missed and has is not None:  # a time that is gone tells no number: at least so many
                assert missed >= first - has - 1
                missed = first - has - 1
            self.hear(self.room, content["messages"], missed, end)


class Script(Poll):
    """The same as JSONP, from any page."""

    def target(self) -> str:
        return super().target() + "&callback=hear"

    def read(self, response: Response) -> None:
        self.take(json.loads(response.text.removeprefix("/**/hear(").removesuffix(");")))


class Stream(Reader):
    """Server-sent events, by Last-Event-ID."""

    by_cookie = False

    def __init__(self, site: Site, room: int = 1, **more: Any) -> None:
        super().__init__(site, room, **more)
        self._last = ""
        self._received = b""

    def target(self) -> str:
        return f"/api/rooms/{self.room}/events"

    def headers(self) -> dict[str, str]:
        return {"Last-Event-ID": self._last} if self._last else {}

    def ask(self) -> None:
        self._received = b""
        super().ask()

    def receive(self, line: Line) -> bool:
        self._received += line.take()
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200 "):
            line.end()
            self.line = None
            self.refused(int(head.split()[1]))
            return True
        text = b""
        while b"\r\n" in rest:
            size, _, after = rest.partition(b"\r\n")
            text, rest = text + after[: int(size, 16)], after[int(size, 16) + 2 :]
            if size == b"0":  # it has ended, and the connection goes on
                line.end()
                self.line = None
        *events, text = text.split(b"\n\n")
        for event in events:
            self._event(event.decode())
        left = b"%x\r\n%b\r\n" % (len(text), text) if text else b""
        self._received = head + end + left + rest
        return self.line is None or bool(events)

    def _event(self, event: str) -> None:
        fields = dict(each.partition(": ")[::2] for each in event.split("\n"))
        if "id" not in fields:  # a heartbeat
            return
        self._last = fields["id"]
        data = json.loads(fields["data"]) if "data" in fields else None
        gap = fields.get("event") == "gap"
        messages = [data] if data and not gap else []
        end = int(self._last.partition(".")[2])
        self.hear(self.room, messages, data["missed"] if gap else 0, end)


def give_up_unread(line: Line) -> None:
    """Its client reads no more, and is gone when something was written to it."""
    if line.transport.unwritten:
        line.transport.unwritten.clear()
        line.reset()


def cursor_of(site: Site, room: int, seq: int) -> str:
    return f"{site.store.row(room).epoch}.{seq}" if room in site.store.names else f"00000000.{seq}"
