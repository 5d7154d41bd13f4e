"""Who reads and speaks over a WebSocket, in the fault test: `readers` and `speakers` of ``/ws``.

Each comes back on a new connection, by what it has. Slow ones let what was written to them wait in
the server, and take a little of it at a time.
"""

from __future__ import annotations

import json
import re
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response as Handshake
from websockets.uri import parse_uri

from chatapp.lib.text import line as text_line
from tests.chatapp.harness import Curl, Line, Site
from tests.chatapp.readers import AGAIN, Reader, cursor_of, give_up_unread
from tests.chatapp.speakers import Speaker, Stubborn

JSON = "chat.v1.json"
SIP = 200  # bytes that a slow one takes at a time
PLENTY = 400  # bytes that may wait for it, after which the server waits
GOODBYES = {1000, 1001, 1005, 1013}  # of the server; 1005: it has said back what had no code
TRY_LATER = 1013


class Wire:
    """A connection that stays, from the client's side.

    Args:
        line: it.
        slow: see above.

    Attributes:
        refused: why it was refused, if that has a number; 0 if it was not.
        open: it may be spoken.
        goodbye: the server's code; 0 while it has said none.
        leaving: one of them has said goodbye.
    """

    def __init__(self, line: Line, slow: bool) -> None:
        self.line = line
        self._slow = slow
        self.refused = 0
        self.open = False
        self.goodbye = 0
        self.leaving = False
        if slow:
            transport = line.transport
            transport.client_reads, transport.high_water = False, PLENTY

    @property
    def over(self) -> bool:
        """Nothing more comes."""
        return self.refused > 0 or self.line.transport.lost or self.line.closed

    def take(self) -> bytes:
        """What has come."""
        transport = self.line.transport
        if transport.lost:
            transport.unwritten.clear()
        if not self._slow:
            give_up_unread(self.line)
        elif transport.unwritten:
            transport.read(SIP)
        return self.line.take()

    def read(self) -> list[str] | None:
        """The messages that have come; None when nothing has come at all."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Send one message."""
        raise NotImplementedError

    def bye(self) -> None:
        """Say goodbye, in good order."""
        raise NotImplementedError

    def hang_up(self) -> None:
        """The connection has ended: so does our side."""
        if not self.line.transport.lost:
            self.line.end(settle=False)


class Socket(Wire):
    """A WebSocket; it is open when its handshake is over, and is refused with a status of HTTP.

    Args:
        curl: whose cookie it has.
        target: of the request.
        subprotocol: that it offers.
        slow: see above.
    """

    def __init__(self, curl: Curl, target: str, subprotocol: str | None, slow: bool) -> None:
        offered: Any = [subprotocol] if subprotocol is not None else None
        protocol = self._protocol = ClientProtocol(
            parse_uri(f"ws://chat.example{target}"), subprotocols=offered
        )
        self._curl = curl
        headers = {
            name.replace("-", "_"): value for name, value in protocol.connect().headers.raw_items()
        }
        del headers["Host"]
        super().__init__(curl.ask("GET", target, settle=False, **headers), slow)

    def read(self) -> list[str] | None:
        data = self.take()
        if not data:
            return None
        self._protocol.receive_data(data)
        heard = [self._take(event) for event in self._protocol.events_received()]
        assert self._protocol.parser_exc is None, self._protocol.parser_exc
        self._flush()
        return [text for text in heard if text is not None]

    def say(self, text: str) -> None:
        self._protocol.send_text(text.encode())
        self._flush()

    def bye(self) -> None:
        if not self.leaving:
            self.leaving = True
            self._protocol.send_close(1000)
            self._flush()

    def _take(self, event: Any) -> str | None:
        if isinstance(event, Handshake):
            self.open = event.status_code == 101
            self.refused = 0 if self.open else event.status_code
            for name, value in event.headers.raw_items():
                if name.lower() == "set-cookie":
                    self._curl.cookie = value.partition(";")[0]
            return None
        assert isinstance(event, Frame)
        if event.opcode is Opcode.CLOSE:
            code = self._protocol.close_rcvd
            assert code is not None
            self.goodbye, self.leaving = int(code.code), True
            assert self.goodbye in GOODBYES, code
        return bytes(event.data).decode() if event.opcode is Opcode.TEXT else None

    def _flush(self) -> None:
        """Send what the protocol wants sent: pongs, and the answer to a goodbye."""
        data = b"".join(self._protocol.data_to_send())
        if data and not self.over:
            self.line.send(data, settle=False)


class JsonSocket(Reader):
    """The subprotocol chat.v1.json, by the cursor of the last frame that had one.

    Args:
        slow: see above.
    """

    by_cookie = False
    subprotocol: str | None = JSON

    def __init__(self, site: Site, room: int = 1, slow: bool = False, **more: Any) -> None:
        super().__init__(site, room, **more)
        self._slow = slow
        self._socket: Wire | None = None
        self._cursor = ""

    def target(self) -> str:
        place = f"cursor={self._cursor}" if self._cursor else "history=0"
        return f"/ws?room={self.room}&{place}"

    def ask(self) -> None:
        self._socket = self.connect()
        self.line = self._socket.line

    def connect(self) -> Wire:
        """A new connection."""
        return Socket(self.curl, self.target(), self.subprotocol, self._slow)

    def attend(self) -> bool:
        socket = self._socket
        if self.line is None or socket is None:
            return super().attend()
        heard = socket.read()
        for text in heard or ():
            self.told(text)
        if heard is None and not socket.over:
            return False
        if socket.over and not socket.line.answered:
            self._ended(socket)
        return True

    def told(self, text: str) -> None:
        """One message has come."""
        frame = json.loads(text)
        end = int(frame["cursor"].partition(".")[2])
        match frame["type"]:
            case "hello":
                assert self.has.setdefault(self.room, end) == end, f"{self} begins at {end}"
            case "gap":
                assert not frame["restarted"]
                assert frame["resume"] == end + 1
                self.hear(self.room, [], frame["missed"], end)
            case _:
                assert frame["message"]["seq"] == end
                self.hear(self.room, [frame["message"]], 0, end)
        self._cursor = frame["cursor"]

    def _ended(self, socket: Wire) -> None:
        socket.hang_up()
        self.line = None
        if socket.refused:
            self.refused(socket.refused)
        elif socket.goodbye == TRY_LATER:
            self._next = self.site.loop.time() + AGAIN


class TextSocket(JsonSocket):
    """Lines of text. They have no cursor, so it counts them, from the room's beginning on."""

    subprotocol = None
    _gap = re.compile(r"-- (\d+) messages? missed, resume from (\d+) --")

    def target(self) -> str:
        return f"/ws?room={self.room}&cursor={cursor_of(self.site, self.room, self._has)}"

    def told(self, text: str) -> None:
        gap = self._gap.fullmatch(text)
        missed, end = (int(gap[1]), int(gap[2]) - 1) if gap else (0, self._has + 1)
        self.has.setdefault(self.room, 0)
        self.hear(self.room, [] if gap else [text], missed, end)

    def check(self, message: Any, kept: Any) -> None:
        assert message == text_line(kept).decode(), self

    @property
    def _has(self) -> int:
        return self.has.get(self.room, 0)


class _Speaks(Speaker):
    """Says one text after the other on one connection, as long as that stays."""

    subprotocol: str | None = None
    slow = False
    _socket: Wire | None = None
    _waiting = False  # for the answer to what it has said

    def attend(self) -> bool:
        socket = self._socket
        if socket is None:
            if not self._left or self.site.loop.time() < self._next:
                return False
            self._socket = socket = self.connect()
            self.line = socket.line
            return True
        heard = socket.read()
        for text in heard or ():
            if self._waiting:
                self.told(text)
        if socket.over and not socket.line.answered:
            self._ended(socket)
            return True
        if socket.open and not (self._waiting or socket.over or socket.leaving):
            return self._go_on(socket) or heard is not None
        return heard is not None

    def connect(self) -> Wire:
        """A new connection, to say the first of what is left."""
        target = f"/ws?room={self._left[0][0]}&history=0"
        return Socket(self.curl, target, self.subprotocol, self.slow)

    def told(self, text: str) -> None:
        """Something has come while it waits for its answer."""
        raise NotImplementedError

    def frame(self, text: str) -> str:
        """What is sent to say it."""
        raise NotImplementedError

    def quit(self) -> None:
        """Go without a word."""
        if self.line is not None:
            self.line.reset()
        self._socket = self.line = None

    def idle(self, socket: Wire) -> bool:
        """All is said; True if it did something."""
        return False

    def _go_on(self, socket: Wire) -> bool:
        if not self._left:
            return self.idle(socket)
        if self.site.loop.time() < self._next:
            return False
        if self._left[0] not in self.said:
            self.said.append(self._left[0])
        self._waiting = True
        socket.say(self.frame(self._left[0][1]))
        return True

    def _ended(self, socket: Wire) -> None:
        socket.hang_up()
        self._socket = self.line = None
        if self._waiting:
            self._waiting = False
            self.lost()
        if socket.refused:
            self._next = self.site.loop.time() + AGAIN


class TextSpeaker(_Speaks):
    """Speaks in lines of text: said is what it hears; what it does not hear may be said or not."""

    def frame(self, text: str) -> str:
        return text

    def told(self, text: str) -> None:
        if text.endswith(f": {self._left[0][1]}") or text.startswith("-- "):
            self._waiting = False
            self._left.popleft()


class JsonSpeaker(_Speaks, Stubborn):
    """Speaks in chat.v1.json, with nonces, until it has its ack; is slow, and says goodbye."""

    subprotocol = JSON
    slow = True

    def frame(self, text: str) -> str:
        nonce = text.replace(" ", "-")
        return json.dumps({"type": "say", "text": text, "nonce": nonce, "id": nonce})

    def told(self, text: str) -> None:
        frame = json.loads(text)
        if "id" not in frame:
            return
        self._waiting = False
        if frame["type"] == "error":
            self._next = self.site.loop.time() + AGAIN
            return
        assert frame["type"] == "ack"
        _, said = self._left.popleft()
        message = frame["message"]
        assert (frame["id"], message["text"]) == (said.replace(" ", "-"), said)
        assert self.acknowledged.setdefault(said, message["seq"]) == message["seq"]

    def idle(self, socket: Wire) -> bool:
        socket.bye()
        return True
