"""One TCP connection: asyncio's events in, requests run one after the other, answers out.

Data flows one way: transport → `RequestParser` → `Exchange` (the application) → transport. While a
request is being answered, what comes after it is held unread, so that answers keep their order and
memory its bound. Deadlines are plain numbers, which the server's sweep looks at once a second: a
timer for each request would cost more than the request.
"""

from __future__ import annotations

import asyncio
import socket
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from cogen.core.schedulers import Scheduler
from cogen.errors import HTTPError, RequestError
from cogen.web.environ import template, wsgi_environ
from cogen.web.exchange import Application, Exchange
from cogen.web.gate import Gate
from cogen.web.http11 import Limits, Request, RequestParser
from cogen.web.receipt import Receipt
from cogen.web.response import CONTINUE, Response, error_response
from cogen.web.settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Connection", "Service"]

HELD = 64 * 1024  # bytes that may wait behind a request that is being answered
BODY_STEP = 1024  # bytes that must come within `body_timeout`
LINGER = 2.0  # seconds for a refused client to read why
NEVER = float("inf")


@dataclass(slots=True)
class Service:
    """What the connections of one server share.

    Attributes:
        application: the WSGI application.
        standard: gives the lines every response has (``Date``, ``Server``), encoded.
        connections: those that are open.
        closing: the server is being stopped: no keep-alive any more.
    """

    application: Application
    settings: ServerSettings
    limits: Limits
    scheduler: Scheduler
    standard: Callable[[], bytes]
    software: str
    server: tuple[str, str]
    most: int
    connections: set[Connection]
    closing: bool = False
    accepted: int = 0
    requests: int = 0


class Connection(asyncio.Protocol):
    """The server's end of one connection.

    Attributes:
        deadline: when the client must have done what is due (scheduler's seconds).
    """

    __slots__ = (
        "_base",
        "_body_mark",
        "_eof",
        "_exchange",
        "_held",
        "_held_size",
        "_lingering",
        "_parser",
        "_reading",
        "_receipts",
        "_service",
        "_transport",
        "deadline",
        "scheduler",
        "writable",
    )

    def __init__(self, service: Service) -> None:
        self._service = service
        self.scheduler = service.scheduler
        self.deadline = self.scheduler.time() + service.settings.head_timeout
        self.writable = True
        self._transport: Any = None
        self._base: dict[str, Any] = {}
        self._parser = RequestParser(service.limits)
        self._exchange: Exchange | None = None
        self._held: list[bytes] = []
        self._held_size = 0
        self._body_mark = 0
        self._lingering = False
        self._reading = True
        self._eof = False
        self._receipts: list[Receipt] = []

    @property
    def exchange(self) -> Exchange | None:
        """The request that is being answered."""
        return self._exchange

    # asyncio's events

    def connection_made(self, transport: Any) -> None:
        service = self._service
        self._transport = transport
        service.accepted += 1
        if len(service.connections) >= service.most:
            detail = "Too many connections are open; try again later."
            self.write(error_response(503, "Service Unavailable", detail, service.standard()))
            transport.close()
            return
        service.connections.add(self)
        peer = transport.get_extra_info("peername")
        self._base = template(
            scheme="https" if transport.get_extra_info("sslcontext") else "http",
            server=service.server,
            client=(peer[0], str(peer[1])) if isinstance(peer, tuple) else ("", ""),
            software=service.software,
        )

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if self._lingering:
            return
        if exchange is not None and not exchange.request.body.complete:
            self._parser.feed(data)
            self._await_body(exchange.request)
        elif exchange is not None or self._held:
            self._hold(data)
        else:
            if self._receipts:  # a client asks again only when it has the answer
                self._settle_receipts(lost=False)
            self._feed(data)

    def eof_received(self) -> bool:
        """The client sends no more. True keeps our side open: answers are on their way."""
        self._eof = True
        if self._receipts and self._pending_error():
            self._settle_receipts(lost=True)
        if self._exchange is not None:
            return not self._exchange.parked
        return self._pending() and not self._lingering

    def connection_lost(self, exc: Exception | None) -> None:
        self._service.connections.discard(self)
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.abort()
        self._settle_receipts(lost=exc is not None or self._unwritten() > 0)
        self._parser.close()
        self._held.clear()

    def pause_writing(self) -> None:
        self.writable = False
        self.deadline = self.scheduler.time() + self._service.settings.write_timeout

    def resume_writing(self) -> None:
        self.writable = True
        if self._exchange is not None:
            self.deadline = NEVER
            if self._exchange.blocked:
                self._exchange.drained()

    # The exchange's calls

    def write(self, data: bytes) -> None:
        """Answer, or a part of it."""
        self._transport.write(data)

    def finished(self, exchange: Exchange) -> None:
        """The answer is complete: the next request, or the end."""
        self._exchange = None
        receipt = exchange.gate.receipt
        if receipt is not None:
            receipt.sent(self._unwritten)
            self._receipts.append(receipt)
        service = self._service
        keep = exchange.response.keep_alive and exchange.request.body.complete
        pending = self._pending()
        if not keep or service.closing or (self._eof and not pending):
            self._close()
            return
        self.deadline = self.scheduler.time() + service.settings.keep_alive
        if pending:
            self.scheduler.ready(self)  # not from here: a pipeline would nest

    def failed(self, exchange: Exchange, error: Exception) -> None:
        """The application failed: 500 if nothing has gone out, else only the end can tell."""
        self._exchange = None
        if exchange.gate.receipt is not None:
            exchange.gate.receipt.settle(lost=True)
        if exchange.response.sent:
            self._transport.abort()
        elif isinstance(error, RequestError):
            self._refuse(error)
        else:
            text = "The server failed on this request."
            if self._service.settings.debug:
                text = "".join(traceback.format_exception(error))
            self._refuse(HTTPError(500, text))

    # The server's calls

    def check(self, now: float) -> None:
        """Is the client's time over?"""
        if now < self.deadline:
            return
        self.deadline = NEVER
        if not self.writable or self._lingering or self._transport.is_closing():
            self._transport.abort()
        elif self._exchange is None and (self._parser.in_head or self._parser.received):
            self._refuse(RequestError(408, "The request did not arrive in time."))
        elif self._exchange is None:
            self._close()
        else:
            self._stalled(self._exchange)

    def shut(self) -> None:
        """The server is being stopped: end what waits, let the rest finish."""
        exchange = self._exchange
        if exchange is not None:
            exchange.response.keep_alive = False
            exchange.hurry()
        elif not self._pending():
            self._close()

    def abort(self) -> None:
        """The grace is over."""
        self._transport.abort()

    # Between them

    def run(self) -> None:
        """The scheduler's call: go on with what came while the last request was answered."""
        if self._exchange is not None or self._transport.is_closing():
            return
        if not self._next() and self._held:
            held, self._held, self._held_size = b"".join(self._held), [], 0
            self._feed(held)
        if not self._reading and self._held_size < HELD:
            self._reading = True
            self._transport.resume_reading()

    def _feed(self, data: bytes) -> None:
        parser = self._parser
        was_in_head = parser.in_head
        parser.feed(data)
        if self._next():
            return
        if parser.in_head and not was_in_head:
            self.deadline = self.scheduler.time() + self._service.settings.head_timeout

    def _hold(self, data: bytes) -> None:
        """The next request comes while one is being answered."""
        self._held.append(data)
        self._held_size += len(data)
        if self._held_size >= HELD and self._reading:
            self._reading = False
            self._transport.pause_reading()

    def _pending(self) -> bool:
        """Something that came is still to be answered."""
        return bool(self._parser.received or self._held or self._parser.failure)

    def _next(self) -> bool:
        """Answer the oldest request if it can be; False if there is nothing to do with it yet."""
        parser = self._parser
        if not parser.received:
            if parser.failure is not None:
                self._refuse(parser.failure)
                return True
            return False
        request = parser.received[0]
        streamed = self._service.settings.stream_bodies
        if not request.body.complete:
            if parser.failure is not None:
                self._refuse(parser.failure)
                return True
            if request.expects_continue and not request.body.size:
                request.expects_continue = False
                if not streamed:
                    self.write(CONTINUE)
                else:
                    request.body.on_read = lambda: self.write(CONTINUE)
            self._await_body(request)
            if not streamed:
                return True
        parser.received.popleft()
        self._answer(request)
        return True

    def _await_body(self, request: Request) -> None:
        if request.body.complete:
            self.deadline = NEVER
        elif self.deadline == NEVER or request.body.size >= self._body_mark:
            self._body_mark = request.body.size + BODY_STEP
            self.deadline = self.scheduler.time() + self._service.settings.body_timeout

    def _answer(self, request: Request) -> None:
        service = self._service
        service.requests += 1
        if request.body.complete:
            self.deadline = NEVER
        self._body_mark = 0
        keep_alive = not service.closing and service.settings.keep_alive > 0
        response = Response(request, service.standard, keep_alive)
        gate = Gate()
        exchange = self._exchange = Exchange(self, request, response, gate)
        body = request.body.open() if request.body.complete else Unread()
        exchange.begin(service.application, wsgi_environ(self._base, request, gate, body))

    def _stalled(self, exchange: Exchange) -> None:
        """The application reads a body that does not come."""
        exchange.request.body.fail(RequestError(408, "The body did not arrive in time."))

    def _refuse(self, error: HTTPError) -> None:
        """Answer for the application, and close.

        The client may still be sending. Were the socket closed now, the kernel would answer that
        with a reset, which destroys what the client has not read yet; so we say that we have
        finished, and throw away what comes until it closes too (RFC 9112 9.6).
        """
        reason = HTTPStatus(error.status).phrase
        self.write(error_response(error.status, reason, error.detail, self._service.standard()))
        if self._eof or not self._transport.can_write_eof():
            self._close()
            return
        self._lingering = True
        self.deadline = self.scheduler.time() + LINGER
        self._transport.write_eof()

    def _close(self) -> None:
        self.deadline = self.scheduler.time() + self._service.settings.write_timeout
        self._transport.close()

    def _unwritten(self) -> int:
        size: int = self._transport.get_write_buffer_size()
        return size

    def _settle_receipts(self, *, lost: bool) -> None:
        receipts, self._receipts = self._receipts, []
        for receipt in receipts:
            receipt.settle(lost=lost)

    def _pending_error(self) -> bool:
        """A reset that stands behind the FIN: see `cogen.web.receipt`."""
        sock = self._transport.get_extra_info("socket")
        if sock is None:
            return False
        try:
            return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        except OSError:
            return True


class Unread:
    """``wsgi.input`` while the body is still coming: reading it would stop every other request."""

    def read(self, *_: Any) -> bytes:
        raise OSError("the body is still coming: use cogen.input, or the SynchronousInput filter")

    readline = readlines = __iter__ = read
