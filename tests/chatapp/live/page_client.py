"""The page's side of a channel, in plain Python and without any I/O: a small, reliable client.

It gives bodies of requests and texts of frames, and is given those that come back; what becomes of
them in between is its user's affair. Whatever is lost, it sends again; whatever comes twice, it
drops.

    client = PageClient(perform)
    client.opened(body)               # of the answer to POST …/open
    client.call("say", "hello")
    POST …/send  client.packet()      → client.hear(body)
    POST …/poll  client.poll(25)      → client.hear(body)
    WebSocket:   client.hello(), then client.frame() whenever it gives something
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

__all__ = ["PageClient"]

MOST = 60_000  # characters of the messages in a packet, and one message


class PageClient:
    """One page.

    Args:
        perform: called for what the server calls: element, method, arguments; gives the result, or
            raises, which is the error.

    Attributes:
        channel: its id.
        outcomes: of its own calls, by their numbers: all answers that have come.
        has: the number of the last message that has come.
    """

    def __init__(self, perform: Callable[[int, str, list[Any]], Any]) -> None:
        self.channel = ""
        self.outcomes: defaultdict[int, list[Any]] = defaultdict(list)
        self.has = 0
        self._perform = perform
        self._calls = 0
        self._sent = 0  # the number of the last message
        self._unacknowledged: deque[str] = deque()
        self._carried = 0  # by the socket: the number of the last message that it was given
        self._told = 0  # by the socket: the ack that it was given last

    @property
    def waiting(self) -> int:
        """How many of its messages the server has not said to have."""
        return len(self._unacknowledged)

    @property
    def open(self) -> int:
        """How many of its calls have no answer."""
        return self._calls - len(self.outcomes)

    def opened(self, body: bytes) -> None:
        """The answer to ``open``."""
        self.channel = json.loads(body)["channel"]

    def call(self, method: str, *arguments: Any, element: int = 0) -> int:
        """Call a method; gives the number by which `outcomes` has what comes of it."""
        self._calls += 1
        self._send(["call", self._calls, element, method, list(arguments)])
        return self._calls

    # By POST

    def address(self) -> bytes:
        """Of ``close``."""
        return json.dumps({"channel": self.channel}).encode()

    def packet(self) -> bytes:
        """Of ``send``: all that the server may not have, as much as fits."""
        return self._packet(self._sent - self.waiting, self.channel).encode()

    def poll(self, wait: float) -> bytes:
        """Of ``poll``."""
        return json.dumps({"channel": self.channel, "ack": self.has, "wait": wait}).encode()

    # By WebSocket

    def hello(self) -> str:
        """The first frame of a new socket: it is to carry all that the server may not have."""
        self._carried = self._sent - self.waiting
        self._told = self.has
        return json.dumps({"channel": self.channel, "ack": self.has})

    def frame(self) -> str | None:
        """What the socket is to carry now; None: nothing."""
        self._carried = max(self._carried, self._sent - self.waiting)
        if self._carried == self._sent and self._told == self.has:
            return None
        return self._packet(self._carried, "", mark=True)

    # What comes back

    def hear(self, packet: bytes | str) -> None:
        """A packet of the server's, by whichever way."""
        content = json.loads(packet)
        acknowledged = content["ack"] - (self._sent - self.waiting)
        assert acknowledged <= self.waiting, "The server has what was never sent."
        for _ in range(acknowledged):
            self._unacknowledged.popleft()
        for number, message in enumerate(content["messages"], content.get("first", 0)):
            if number == self.has + 1:
                self.has = number
                self._take(*message)

    def _take(self, kind: str, number: int, *rest: Any) -> None:
        if kind != "call":
            self.outcomes[number].append([kind, *rest])
            return
        try:
            self._send(["result", number, self._perform(*rest)])
        except Exception as error:
            self._send(["error", number, type(error).__name__, str(error)])

    def _send(self, message: Any) -> None:
        self._sent += 1
        self._unacknowledged.append(json.dumps(message))

    def _packet(self, after: int, channel: str, mark: bool = False) -> str:
        acknowledged = self._sent - self.waiting
        messages: list[str] = []
        size = 0
        for index in range(after - acknowledged, self.waiting):
            if size > MOST:
                break
            messages.append(self._unacknowledged[index])
            size += len(messages[-1])
        if mark:
            self._carried, self._told = after + len(messages), self.has
        first = after + 1 if messages else 0
        address = f'"channel":{json.dumps(channel)},' if channel else ""
        return f'{{{address}"ack":{self.has},"first":{first},"messages":[{",".join(messages)}]}}'
