"""Pages of live elements: their calls, on WebSockets or by polls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from bench.caller import Caller
from bench.connection import CHUNK, Connection
from bench.frames import CLOSE, PING, TEXT, handshake, pong, read_frame, read_switch, text
from bench.packets import Packets
from bench.stream import Failure
from bench.subjects import Subject
from bench.wire import post, read_answer

__all__ = ["Page", "PollingPage", "SocketPage"]

JSON = b"application/json"
WAIT = 25.0  # seconds that a poll may wait


class Page(Connection):
    """One of them, at a server that listens.

    Args:
        subject: whose channel it opens.

    Attributes:
        caller: what it has to say.
        watched: connections on which something may come, and what is called then.
    """

    def __init__(self, subject: Subject, port: int) -> None:
        super().__init__(port)
        self.caller = Caller()
        self.path = subject.calls
        self.cookie = b""

    @property
    def watched(self) -> list[tuple[Connection, Callable[[], None]]]:
        return [(self, self.ready)]

    def open_channel(self) -> None:
        """Ask for a channel."""
        answer = self.ask(post(f"{self.path}/open", 2, kind=JSON) + b"{}")
        self.cookie = answer.cookie
        self.packets = Packets(msgspec.json.decode(answer.body)["channel"])

    def ready(self) -> None:
        """Something came."""
        raise NotImplementedError

    def say(self, messages: list[Any]) -> None:
        """Send these."""
        raise NotImplementedError


class SocketPage(Page):
    """Says and hears everything on a WebSocket."""

    def __init__(self, subject: Subject, port: int) -> None:
        super().__init__(subject, port)
        if subject.sessions:
            self.open_channel()
        else:  # the connection is the channel
            self.packets = Packets("")
        self.send(handshake(f"{self.path}/socket", self.cookie))
        while not (size := read_switch(self.rest)):
            self.rest += self.recv(CHUNK)
        self.rest = self.rest[size:]

    def ready(self) -> None:
        data = self.recv(CHUNK)
        if not data:
            raise Failure("the server closed a page's connection")
        self.rest += data
        said = []
        while (frame := read_frame(self.rest)) is not None:
            self.rest = self.rest[frame.size :]
            if frame.opcode == TEXT:
                said += self.caller.take(self.packets.unpack(frame.payload))
            elif frame.opcode == PING:
                self.send(pong(frame.payload))
            elif frame.opcode == CLOSE:
                raise Failure(f"the server closed a page's WebSocket: {frame.payload!r}")
        if said:
            self.say(said)

    def say(self, messages: list[Any]) -> None:
        self.send(text(self.packets.pack(messages)))


class PollingPage(Page):
    """One connection polls; the other one brings what is to be said, one request at a time."""

    def __init__(self, subject: Subject, port: int) -> None:
        super().__init__(subject, port)
        self.open_channel()
        self._sending = Connection(port)
        self._unsaid: list[Any] = []
        self._busy = False
        self._poll()

    @property
    def watched(self) -> list[tuple[Connection, Callable[[], None]]]:
        return [(self, self.ready), (self._sending, self._sent)]

    def ready(self) -> None:
        body = _body(self)
        if body is not None:
            said = self.caller.take(self.packets.unpack(body))
            self._poll()
            if said:
                self.say(said)

    def say(self, messages: list[Any]) -> None:
        self._unsaid += messages
        if not self._busy:
            self._busy = True
            body = self.packets.pack(self._unsaid)
            self._unsaid = []
            self._sending.send(self._request("send", body))

    def close(self) -> None:
        super().close()
        self._sending.close()

    def _sent(self) -> None:
        if _body(self._sending) is not None:
            self._busy = False
            if self._unsaid:
                self.say([])

    def _poll(self) -> None:
        self.send(self._request("poll", self.packets.poll(WAIT)))

    def _request(self, name: str, body: bytes) -> bytes:
        return post(f"{self.path}/{name}", len(body), self.cookie, JSON) + body


def _body(connection: Connection) -> bytes | None:
    """Of the answer, when it is there."""
    data = connection.recv(CHUNK)
    if not data:
        raise Failure("the server closed a page's connection")
    connection.rest += data
    answer = read_answer(connection.rest)
    if answer is None:
        return None
    if answer.status != 200 or answer.rest:
        raise Failure(f"the server answered {connection.rest[:400]!r}")
    connection.rest = b""
    return answer.body
