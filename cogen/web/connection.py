"""One TCP connection: asyncio's events in, requests run one after the other, answers out.

Data flows one way: transport → `RequestParser` → `Exchange` (the application) → transport. While a
request is being answered, what comes after it is held unread, so that answers keep their order and
memory its bound. Deadlines are plain numbers, which the server's sweep looks at once a second: a
timer for each request would cost more than the request. There are two, for the client may fail in
two ways at once: `deadline` for what it is to send, another for what it is to read.
"""

from __future__ import annotations

import asyncio
import traceback
from functools import partial
from typing import Any

from cogen.errors import HTTPError, RequestError, ServerClosing
from cogen.web.body import Unread
from cogen.web.environ import template, wsgi_environ
from cogen.web.exchange import Exchange
from cogen.web.gate import Gate
from cogen.web.http11 import RequestParser
from cogen.web.inbox import PIECE, Inbox
from cogen.web.reader import Reader
from cogen.web.receipt import Receipts, undelivered, unread
from cogen.web.request import Request
from cogen.web.response import CONTINUE, Response, error_response
from cogen.web.service import Service

__all__ = ["Connection", "Service"]

HELD = 64 * 1024  # bytes that may wait behind a request that is being answered
BODY_STEP = 1024  # bytes that must come within `body_timeout`
LINGER = 2.0  # seconds for a client to read to the end and close
REFUSED = 16  # connections over the limit that are told so, at once; the others are just closed
GOING = "The server is being stopped; try again later."
NEVER = float("inf")


class Connection(asyncio.Protocol):
    """The server's end of one connection.

    Attributes:
        deadline: when the client must have sent what is due (scheduler's seconds).
        writable: it reads fast enough: more may be written.
    """

    __slots__ = (
        "_base",
        "_body_mark",
        "_eof",
        "_exchange",
        "_held",
        "_lingering",
        "_parser",
        "_reader",
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
        self._held = Inbox()
        self._body_mark = 0
        self._lingering = False
        self._reading = True
        self._eof = False
        self._reader: Reader | None = None  # once it is slow
        self._receipts = Receipts()

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
            self._turn_away(service.refused)
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
        if self._lingering:
            return
        if self._receipts and not self._pending() and not self._unwritten():
            # A client asks again only when it has the answer.
            self._receipts.settle(lost=False)
        if len(data) <= PIECE and not self._held.size and self._readable():
            self._take(data)
            return
        self._held.put(data)
        self._take_held()

    def eof_received(self) -> bool:
        """The client sends no more. True keeps our side open: answers are on their way.

        Who waits is not answered any more: a client that has gone looks just like this, and what
        would be taken from a queue for it would be lost.
        """
        self._eof = True
        if self._exchange is not None and self._exchange.waiting_for is not None:
            self._drop()
            return False
        self._take_held()
        return self._exchange is not None or (self._pending() and not self._lingering)

    def connection_lost(self, exc: Exception | None) -> None:
        self._service.connections.discard(self)
        self._service.refused.discard(self)
        self._drop()
        if self._receipts:
            lost = exc is not None or self._unwritten() > 0 or undelivered(self._transport)
            self._receipts.settle(lost=lost)
        self._parser.close()
        self._held.clear()
        self._reader = None

    def pause_writing(self) -> None:
        self.writable = False
        self._watch_reader()

    def resume_writing(self) -> None:
        self.writable = True
        if self._lingering or self._transport.is_closing():
            return
        if self._reader is not None:
            self._reader.rest()
        if self._exchange is None:
            self._await_request()
            self.scheduler.ready(self)
        elif self._exchange.blocked:
            self._exchange.drained()

    # The exchange's calls

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def finished(self, exchange: Exchange) -> None:
        """The answer is complete: the next request, or the end."""
        self._exchange = None
        receipt = exchange.gate.receipt
        if receipt is not None:
            receipt.sent(partial(unread, self._transport))
            self._receipts.append(receipt)
        complete = exchange.request.body.complete
        keep = exchange.response.keep_alive and complete and not self._service.closing
        pending = self._pending()
        if not keep or (self._eof and not pending):
            # With a receipt only the client's own end tells whether it had read the answer.
            self._close(linger=not complete or pending or bool(self._receipts))
            return
        self._await_request()
        if pending:
            self.scheduler.ready(self)  # not from here: a pipeline would nest

    def failed(self, exchange: Exchange, error: BaseException) -> None:
        """The application failed: 500 if nothing has gone out, else only the end can tell."""
        self._exchange = None
        if exchange.gate.receipt is not None:
            exchange.gate.receipt.settle(lost=True)
        if exchange.response.delimited:  # what is missing at the end says that it broke off
            self._close(linger=not exchange.request.body.complete)
        elif exchange.response.sent:
            self.abort()
        elif isinstance(error, RequestError):
            self._refuse(error, exchange.request)
        elif isinstance(error, ServerClosing):
            self._refuse(HTTPError(503, GOING), exchange.request)
        else:
            text = "The server failed on this request."
            if self._service.settings.debug:
                text = "".join(traceback.format_exception(error))
            self._refuse(HTTPError(500, text), exchange.request)

    # The server's calls

    def check(self, now: float) -> None:
        """Is the client's time over?"""
        if self._reader is not None and self._reader.stalled(now):
            self.abort()
        elif now >= self.deadline:
            self._overdue(now)
        elif self._eof and self._exchange is not None and self._exchange.waiting_for is not None:
            self._drop()  # it has begun to wait after the client's end was seen
            self._close()

    def shut(self) -> None:
        """The server is being stopped: end what waits, let the rest finish."""
        exchange = self._exchange
        if exchange is not None:
            exchange.response.keep_alive = False
            exchange.hurry()
        elif not (self._pending() or self._lingering or self._transport.is_closing()):
            self._close()

    def give_up(self) -> None:
        """The grace is over: say so, if nothing has been said."""
        exchange = self._exchange
        self._drop()
        if exchange is not None and not exchange.response.sent:
            self._refuse(HTTPError(503, GOING), exchange.request)

    def abort(self) -> None:
        """End it at once; what is not written yet is lost."""
        self._drop()
        self._transport.abort()

    # Reading

    def run(self) -> None:
        """The scheduler's call: go on with what came while the last answer was written."""
        if self._exchange is None and self.writable and not self._transport.is_closing():
            if not self._lingering:
                self._next()
            self._take_held()

    def _take_held(self) -> None:
        held = self._held
        while held.size and self._readable():
            self._take(held.take())
        if self._eof and not held.size:
            self._parser.end()
            if self._exchange is None and self.writable and not self._lingering:
                self._next()
        self._regulate()

    def _readable(self) -> bool:
        """More of a request can be read: none waits completely for its turn or its answer."""
        if self._exchange is not None:
            return not self._exchange.request.body.complete
        received = self._parser.received
        return self.writable and not (received and received[0].body.complete)

    def _take(self, data: bytes) -> None:
        parser = self._parser
        was_in_head = parser.in_head
        parser.feed(data)
        if self._exchange is not None:
            self._await_body(self._exchange.request)
        elif not self._next() and parser.in_head and not was_in_head:
            self._await_request()

    def _regulate(self) -> None:
        """Let the client send on, or let its data wait in its own memory."""
        room = self._held.size < HELD
        if room != self._reading:
            self._reading = room
            if room:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def _pending(self) -> bool:
        """Something that came is still to be answered."""
        return bool(self._parser.received or self._held.size or self._parser.failure)

    # Answering

    def _next(self) -> bool:
        """Answer the oldest request if it can be; False if there is nothing to do with it yet."""
        parser = self._parser
        request = parser.received[0] if parser.received else None
        if request is None or not request.body.complete:
            if parser.failure is not None:
                self._refuse(parser.failure, parser.request)
                return True
            if request is None:
                return False
            streamed = self._service.settings.stream_bodies
            if request.expects_continue and not request.body.size:
                request.expects_continue = False
                if streamed:
                    request.body.on_read = partial(self.write, CONTINUE)
                else:
                    self.write(CONTINUE)
            self._await_body(request)
            if not streamed:
                return True
        parser.received.pop(0)
        self._answer(request)
        return True

    def _await_request(self) -> None:
        table = self._service.settings
        wait = table.head_timeout if self._parser.in_head else table.keep_alive
        self.deadline = self.scheduler.time() + wait

    def _await_body(self, request: Request) -> None:
        if request.body.complete:
            self.deadline = NEVER
        elif self.deadline == NEVER or request.body.size >= self._body_mark:
            self._body_mark = request.body.size + BODY_STEP
            self.deadline = self.scheduler.time() + self._service.settings.body_timeout

    def _answer(self, request: Request) -> None:
        service, complete = self._service, request.body.complete
        service.requests += 1
        if complete:
            self.deadline = NEVER
        self._body_mark = 0
        keep_alive = not service.closing and service.settings.keep_alive > 0
        response = Response(request, service.standard, keep_alive)
        gate = Gate()
        exchange = self._exchange = Exchange(self, request, response, gate)
        body = request.body.open() if complete else Unread()
        exchange.begin(service.application, wsgi_environ(self._base, request, gate, body))

    def _drop(self) -> None:
        """The client is gone, or as good as gone."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.abort()

    # Ending

    def _overdue(self, now: float) -> None:
        self.deadline = NEVER
        if self._exchange is not None:  # the application reads a body that does not come
            self._exchange.request.body.fail(RequestError(408, "The body did not arrive in time."))
        elif self._lingering and not self._unwritten():
            self.abort()
        elif self._lingering or not self.writable:  # it still reads, watched by the other deadline
            self.deadline = now + max(LINGER, self._service.settings.keep_alive)
        elif self._parser.in_head or self._parser.received:
            self._refuse(RequestError(408, "The request came too late."), self._parser.request)
        else:
            self._close()

    def _turn_away(self, refused: set[Connection]) -> None:
        if len(refused) >= REFUSED:
            self._transport.abort()
            return
        refused.add(self)
        error = HTTPError(503, "Too many connections are open; try again later.")
        self._refuse(error, self._parser.request)

    def _refuse(self, error: HTTPError, request: Request) -> None:
        """Answer for the application, and close."""
        standard, head = self._service.standard(), request.method == "HEAD"
        self.write(error_response(error, standard, head=head))
        self._close(linger=True)

    def _close(self, *, linger: bool = False) -> None:
        """Say that we have finished.

        Args:
            linger: the client may still be sending. Were the socket closed now, the kernel would
                answer that with a reset, which destroys what the client has not read yet; so we
                throw away what comes until it closes too (RFC 9112 9.6).
        """
        transport = self._transport
        self._held.clear()
        self._parser.close()
        self._watch_reader()
        self._lingering = linger and not self._eof and transport.can_write_eof()
        if self._lingering and not transport.is_closing():
            self.deadline = self.scheduler.time() + LINGER
            self._regulate()
            transport.write_eof()
        else:
            self.deadline = NEVER
            transport.close()

    # Writing

    def _unwritten(self) -> int:
        size: int = self._transport.get_write_buffer_size()
        return size

    def _watch_reader(self) -> None:
        if self._reader is None:
            timeout = self._service.settings.write_timeout
            unwritten = self._transport.get_write_buffer_size
            self._reader = Reader(unwritten, self.scheduler.time, timeout)
        self._reader.watch()
