"""The client's end of a WebSocket, without sockets: `websockets`' own, on the fake transport."""

from __future__ import annotations

from typing import Any

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from cogen.web.actions import action
from cogen.web.websocket import upgrade
from tests.web.harness import Client, Served

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # of RFC 6455 1.3, and what answers it:
ACCEPTED = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


class Peer(Client):
    """A client that asks for a WebSocket as soon as it is there.

    Args:
        path: of the request.
        subprotocols: that it offers.
        deflate: it offers permessage-deflate.
        headers: more of them.

    Attributes:
        response: to the handshake; None before there is one.
    """

    def __init__(
        self,
        served: Served,
        path: str = "/",
        subprotocols: list[str] | None = None,
        deflate: bool = False,
        settle: bool = True,
        **headers: str,
    ) -> None:
        super().__init__(served)
        self.response: Response | None = None
        self._text = b""
        self._messages: list[str | bytes] = []
        self._said: list[Frame] = []
        extensions = [ClientPerMessageDeflateFactory()] if deflate else None
        self.protocol = ClientProtocol(
            parse_uri(f"ws://a{path}"),
            subprotocols=subprotocols,  # type: ignore[arg-type]  # they are str
            extensions=extensions,
        )
        request = self.protocol.connect()
        for name, value in headers.items():
            name = name.replace("_", "-")
            if name in request.headers:
                del request.headers[name]
            request.headers[name] = value
        self.protocol.send_request(request)
        self._flush(settle)

    @property
    def status(self) -> int:
        """Of the handshake's response."""
        self._read()
        assert self.response is not None
        return self.response.status_code

    def header(self, name: str) -> str | None:
        """Of the handshake's response."""
        self._read()
        assert self.response is not None
        return self.response.headers.get(name)

    def say(self, message: str | bytes, settle: bool = True) -> None:
        """Send one message."""
        self._read()
        if isinstance(message, str):
            self.protocol.send_text(message.encode())
        else:
            self.protocol.send_binary(message)
        self._flush(settle)

    def frame(
        self, opcode: Opcode, data: bytes = b"", fin: bool = True, masked: bool = True, **bits: bool
    ) -> None:
        """Send a frame, be it allowed or not."""
        frame = Frame(opcode, data, fin, **bits)
        if bits:  # which `serialize` would refuse
            frame.check = lambda: None  # type: ignore[method-assign]
        self.send(frame.serialize(mask=masked))

    def ping(self, data: bytes = b"") -> None:
        self._read()
        self.protocol.send_ping(data)
        self._flush()

    def bye(self, code: int | None = 1000, reason: str = "") -> None:
        """Say goodbye."""
        self._read()
        self.protocol.send_close(code, reason)
        self._flush()

    def heard(self) -> list[str | bytes]:
        """The messages that have come since the last call."""
        self._read()
        messages, self._messages = self._messages, []
        return messages

    def control(self) -> list[Frame]:
        """The pings and pongs that have come since the last call; a ping is not answered here."""
        self._read()
        frames, self._said = self._said, []
        return frames

    @property
    def farewell(self) -> Close | None:
        """The server's goodbye."""
        self._read()
        return self.protocol.close_rcvd

    def _read(self) -> None:
        data = self.take()
        if not data:
            return
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Response):
                self.response = event
            elif isinstance(event, Frame):
                self._hear(event)
        self.answer: Any = self.protocol.data_to_send()  # sent by `reply`, if the test wants it

    def reply(self) -> None:
        """Send what the protocol wants said: pongs, and the answer to a goodbye."""
        self._read()
        answer, self.answer = getattr(self, "answer", []), []
        data = b"".join(answer)
        if data:
            self.send(data)
        if b"" in answer:
            self.end()

    def _hear(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            data = bytes(frame.data)
            self._messages.append(data.decode() if frame.opcode is Opcode.TEXT else data)
        elif frame.opcode in (Opcode.PING, Opcode.PONG):
            self._said.append(frame)

    def _flush(self, settle: bool = True) -> None:
        self.send(b"".join(self.protocol.data_to_send()), settle=settle)


@action
def echo(environ: Any, start_response: Any) -> Any:
    """An application that says back what it hears."""
    socket = upgrade(environ)
    yield socket.accept()
    while True:
        yield socket.send((yield socket.receive()))


def talks(function: Any) -> Any:
    """An application that accepts every WebSocket, and does this with it."""

    @action
    def application(environ: Any, start_response: Any) -> Any:
        socket = upgrade(environ)
        yield socket.accept()
        yield from function(socket) or ()

    return application


def connected(application: Any = echo, deflate: bool = False, **settings: Any) -> Peer:
    """A WebSocket with an application that is served with these settings."""
    peer = Peer(Served(application, **settings), deflate=deflate)
    assert peer.status == 101
    return peer


class Heard:
    """An application that says what it hears, and at last how it ended."""

    def __init__(self):
        self.ended = []

    def __call__(self, environ, start_response):
        return self.run(environ, start_response)

    @property
    def run(self):
        @action
        def run(environ, start_response):
            socket = upgrade(environ)
            yield socket.accept()
            try:
                while True:
                    yield socket.send(f"heard {(yield socket.receive())}")
            except BaseException as error:
                self.ended.append(error)
                raise
            finally:
                self.ended.append("finally")

        return run


def ending(application, then, **settings):
    """What the application hears when ``then(served, peer)`` has been done."""
    served = Served(application, **settings)
    peer = Peer(served)
    assert peer.status == 101
    then(served, peer)
    return served, peer
