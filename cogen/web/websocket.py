"""``environ['cogen.websocket']``: a request that becomes a WebSocket, inside ordinary WSGI.

Routing, sessions and every other middleware see it as any request; so what they refuse is refused
before there is a WebSocket, and what they add to the response's head stands in that of 101:

    @action
    def echo(environ, start_response):
        socket = upgrade(environ)
        start_response("101 Switching Protocols", [])  # as ever; may be left out
        yield socket.accept()
        while True:
            yield socket.send((yield socket.receive()))

From `accept` on, whatever the application yields or starts as an answer is dropped. When it ends,
the WebSocket is closed: with 1000, with 1011 if it failed, with 1001 if the server is being
stopped. When the other side closes, or is gone, `receive` and `send` raise `ConnectionClosed`; an
application that waits for something else is let go as with any client that leaves: its iterator is
closed, its task cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from websockets.extensions import Extension

from cogen.core.awaiting import Awaiting
from cogen.core.operations import Operation
from cogen.core.owners import owner
from cogen.errors import ApplicationError, ConnectionClosed, RequestError, ServerClosing
from cogen.web.duplex import Duplex
from cogen.web.exchange import Exchange
from cogen.web.frames import Encoded, Frames
from cogen.web.handshake import UPGRADE, VERSION, handshake, wish
from cogen.web.service import MOMENT, Service

__all__ = ["Encoded", "WebSocket", "upgrade"]

KEY: Final = "cogen.websocket"
NEVER: Final = float("inf")
NONE: Final[dict[str, str]] = {}


def upgrade(environ: dict[str, Any]) -> WebSocket:
    """The WebSocket that a request asks for.

    Raises:
        RequestError: it asks for none: 426, with what it should have asked.
    """
    socket: WebSocket | None = environ.get(KEY)
    if socket is None:
        raise RequestError(426, "A WebSocket is spoken here.", UPGRADE, VERSION)
    return socket


class WebSocket(Duplex):
    """One WebSocket.

    Args:
        connection: on which it was asked for.
        service: the server's.
        exchange: the request, and the application that answers it.
        environ: of the request.

    Attributes:
        accepted: it is one by now.
        exchange: see above; None when it has ended.
        subprotocols: those that the client offers, in its order.
        subprotocol: the one that was accepted, or None.
    """

    __slots__ = (
        "_connection",
        "_extensions",
        "_hurried",
        "_lost",
        "_told",
        "_wish",
        "exchange",
        "subprotocol",
        "subprotocols",
    )

    def __init__(
        self, connection: Any, service: Service, exchange: Exchange, environ: dict[str, Any]
    ) -> None:
        super().__init__(service, heartbeat=service.settings.websocket_heartbeat)
        self._connection = connection
        self._wish = wish(environ)
        self._extensions: Sequence[Extension] = ()
        self._hurried = NEVER  # when the server began to be stopped
        self._lost = False
        self._told = False  # the application has heard of the end
        self.exchange: Exchange | None = exchange
        offered = self._wish.get("Sec-WebSocket-Protocol", "").split(",")
        self.subprotocols = [name.strip() for name in offered if name.strip()]
        self.subprotocol: str | None = None

    @property
    def accepted(self) -> bool:
        return self._connection is None

    # What the application waits for

    def accept(
        self, subprotocol: str | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> Operation[None]:
        """Answer 101, with the headers that ``start_response`` was given, and begin.

        Args:
            subprotocol: one of those that the client offers.
            headers: more of them.

        Raises:
            RequestError: the handshake is not as it should be: 400, or 426 for another version.
            ApplicationError: it was accepted before, ``start_response`` has another status, or the
                client does not offer the subprotocol.
        """
        return _Accept(self, subprotocol, headers)

    def send(
        self, *messages: str | bytes | Encoded, timeout: float | timedelta | None = None
    ) -> Operation[None]:
        """Send messages, in one write, when the client has room for them.

        Args:
            messages: a str is a text message, bytes are a binary one; `Encoded` is for many
                clients.

        Raises:
            ConnectionClosed: they would not be read.
            ApplicationError: it is not accepted yet.
        """
        self._check("sent")
        extensions = self._extensions
        frames = [
            (each if isinstance(each, Encoded) else Encoded(each)).frame(extensions)
            for each in messages
        ]
        return self.transmit(frames[0] if len(frames) == 1 else b"".join(frames), timeout)

    def receive(self, timeout: float | timedelta | None = None) -> Operation[Any]:
        """See `Duplex.receive`. Raises ApplicationError: it is not accepted yet."""
        self._check("received")
        return super().receive(timeout)

    def close(self, code: int = 1000, reason: str = "") -> Operation[None]:
        """See `Duplex.close`. Raises ApplicationError: it is not accepted yet."""
        self._check("closed")
        return super().close(code, reason)

    # The exchange's calls, in the connection's place

    def finished(self, exchange: Exchange) -> None:
        """The application has ended."""
        self._release(1000)

    def failed(self, exchange: Exchange, error: BaseException) -> None:
        """The application failed."""
        self._release(1001 if isinstance(error, ServerClosing) else 1011)

    # asyncio's events

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.exchange is not None and self.exchange.blocked:
            self.exchange.drained()

    # The server's calls

    def check(self, now: float) -> None:
        if self._over and now >= self._deadline:
            self._let_go()
        super().check(now)

    def shut(self) -> None:
        """The server is being stopped: what the application waits for ends, and soon all of it."""
        exchange, now = self.exchange, self.scheduler.time()
        if exchange is None:
            return
        self._hurried = min(self._hurried, now)
        if now >= self._hurried + MOMENT:
            self.leave(1001)
        exchange.hurry()

    def give_up(self) -> None:
        super().give_up()
        self._let_go()

    # Inside

    def begin(self, subprotocol: str | None, headers: Sequence[tuple[str, str]]) -> None:
        """See `accept`."""
        exchange, connection = self.exchange, self._connection
        if connection is None:
            raise ApplicationError("the WebSocket was accepted before")
        if exchange is None:
            raise self.closed()
        if subprotocol is not None and subprotocol not in self.subprotocols:
            raise ApplicationError(f"the client does not offer {subprotocol!r}")
        settings = self._service.settings
        answer, extensions = handshake(self._wish, subprotocol, settings.websocket_compression)
        head = exchange.response.switch([*answer, *headers])
        exchange.request.forget()  # thousands may stay for days
        self._wish = NONE
        self._connection = None
        self._codec = Frames(extensions, settings.websocket_max_message)
        self._extensions = extensions
        self.subprotocol = subprotocol
        transport, rest, ended = connection.hand_over(self)
        self.connection_made(transport)
        transport.write(head)
        exchange.moved(self)
        if not connection.writable:
            self.pause_writing()
        if rest:
            self.data_received(rest)
        if ended and not self.eof_received():
            transport.close()

    def run(self) -> None:
        """The scheduler's call, after the end: whoever waits for something else is let go.

        Not the application that has heard of the end: it may have something to put away. And a task
        that asyncio runs may go on a few turns later. These have until the deadline.
        """
        exchange = self.exchange
        if exchange is None or self._told or isinstance(exchange.waiting_for, Awaiting):
            return
        if exchange.parked:
            self._let_go()
        else:
            self.scheduler.ready(self)  # it is on its way

    def _check(self, done: str) -> None:
        if self._connection is not None:
            raise ApplicationError(f"a WebSocket is accepted before anything is {done}")

    def closed(self) -> ConnectionClosed:
        if owner.get() is self.exchange:
            self._told = True
        return super().closed()

    def _ended(self) -> None:
        if self.exchange is None:
            return
        self.writable = True  # nothing is written any more: nobody waits for room
        if self.exchange.blocked:
            self.exchange.drained()
        self.scheduler.ready(self)

    def _gone(self) -> None:
        self._lost = True
        if self.exchange is None:
            super()._gone()

    def _let_go(self) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.abort()
            self._release(1011)

    def _release(self, code: int) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is not None and exchange.gate.closing:
            code = 1001
        self.leave(code)
        if self._lost:
            super()._gone()


class _Accept(Operation[None]):
    """See `WebSocket.accept`."""

    __slots__ = ("_headers", "_socket", "_subprotocol")

    def __init__(
        self, socket: WebSocket, subprotocol: str | None, headers: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__()
        self._socket = socket
        self._subprotocol = subprotocol
        self._headers = headers

    def _begin(self) -> bool:
        self._socket.begin(self._subprotocol, self._headers)
        return True
