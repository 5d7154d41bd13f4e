"""One TCP connection: asyncio's events in, requests run one after the other, answers out.

Data flows one way: transport → `Intake` → `Exchange` (the application) → transport. What is to be
answered waits in the scheduler's ready queue, as everything that can go on: so requests that arrive
together are begun together, and nobody's flood keeps the others from their turn.

Deadlines are plain numbers, which the server's sweep looks at once a second: a timer for each
request would cost more than the request. There are two, for the client may fail in two ways at
once: `Sender` has that for what it is to send, `Reader` that for what it is to read.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from cogen.errors import HTTPError, RequestError
from cogen.web.body import Unread
from cogen.web.environ import Peer, prototype
from cogen.web.exchange import Exchange
from cogen.web.gate import Gate, install
from cogen.web.intake import Intake
from cogen.web.liveness import deaf
from cogen.web.reader import Reader, reset
from cogen.web.receipt import Receipts, undelivered, unread
from cogen.web.request import Request
from cogen.web.response import CONTINUE, FULL, GOING, Response, error_response, shown
from cogen.web.sender import Sender
from cogen.web.service import MOMENT, Service
from cogen.web.websocket import KEY, WebSocket

__all__ = ["Connection", "Service"]

HELD: Final = 64 * 1024  # bytes that may wait behind a request that is being answered
LINGER: Final = 2.0  # seconds for a client to read to the end and close
REFUSED: Final = 16  # connections over the limit that are told so, at once; the rest are closed


class Connection:
    """The server's end of one connection.

    Attributes:
        exchange: the request that is being answered.
        writable: it reads fast enough: more may be written.
        write: the transport's.
    """

    outside: ClassVar[bool] = True  # see Runnable

    __slots__ = (
        "_expected",
        "_intake",
        "_lingering",
        "_peer",
        "_reader",
        "_reading",
        "_receipts",
        "_sender",
        "_service",
        "_transport",
        "exchange",
        "scheduler",
        "writable",
        "write",
    )

    def __init__(self, service: Service) -> None:
        self._service = service
        self.scheduler = service.scheduler
        self.writable = True
        self._transport: Any = None
        self._peer: Peer | None = None
        self._intake = Intake(service.limits)
        self.exchange: Exchange | None = None
        self._expected: bytes | None = None  # while it is idle: what a client that polls will say
        self._lingering = False
        self._reading = True
        self._sender = Sender(service.settings, service.scheduler.time)
        self._reader: Reader | None = None  # once it is slow
        self._receipts: Receipts | None = None  # once there is one

    # asyncio's events

    def connection_made(self, transport: Any) -> None:
        service = self._service
        self._transport = transport
        self.write = transport.write
        if not service.admit(self):
            self._turn_away(service.refused)
            return
        name = transport.get_extra_info("peername")
        address, port = (name[0], str(name[1])) if isinstance(name, tuple) else ("", "")
        secure = transport.get_extra_info("sslcontext") is not None
        self._peer = Peer(address, port, "https" if secure else "http")

    def data_received(self, data: bytes) -> None:
        if self._lingering:
            return
        intake = self._intake
        if self._receipts and not intake.pending and not self._unwritten():
            # A client asks again only when it has the answer.
            self._receipts.settle(lost=False)
        expected, self._expected = self._expected, None
        if data == expected:
            intake.parser.again()
            self.scheduler.arrived(self)
            return
        was_in_head = intake.parser.in_head
        intake.receive(data)
        if self._watch(was_in_head):
            self.scheduler.arrived(self)

    def eof_received(self) -> bool:
        """The client sends no more. True keeps our side open: answers are on their way.

        Who waits is not answered any more: a client that has gone looks just like this, and what
        would be taken from a queue for it would be lost.
        """
        intake = self._intake
        was_in_head = intake.parser.in_head
        intake.end()
        if self.exchange is not None and self.exchange.waiting_for is not None:
            self._drop()
            return False
        if self._watch(was_in_head):
            self.scheduler.ready(self)
        return self.exchange is not None or (intake.pending and not self._lingering)

    def connection_lost(self, exc: Exception | None) -> None:
        self._service.connections.discard(self)
        self._service.refused.discard(self)
        self._drop()
        if self._receipts:
            lost = exc is not None or self._unwritten() > 0 or undelivered(self._transport)
            self._receipts.settle(lost=lost)
        self._intake.close()
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
        if self.exchange is None:
            self._sender.await_request(self._intake.parser.in_head)
            self.scheduler.ready(self)
        elif self.exchange.blocked:
            self.exchange.drained()

    # The exchange's calls

    def finished(self, exchange: Exchange) -> None:
        """The answer is complete: the next request, or the end."""
        self.exchange = None
        intake, service, receipt = self._intake, self._service, exchange.gate.receipt
        intake.current = None
        if receipt is not None:
            receipt.sent(self._unread)
            if self._receipts is None:
                self._receipts = Receipts()
            self._receipts.append(receipt)
        complete, pending = exchange.request.body.complete, intake.pending
        keep = exchange.response.keep_alive and complete and service.keep_alive
        if keep and not pending and not intake.ended:
            self._expected = intake.parser.last
            self._sender.await_request(intake.parser.in_head)
        elif keep and pending:
            self._sender.await_request(intake.parser.in_head)
            self.scheduler.ready(self)
        else:
            # With a receipt only the client's own end tells whether it had read the answer.
            self._close(linger=not complete or pending or bool(self._receipts))

    def failed(self, exchange: Exchange, error: BaseException) -> None:
        """The application failed: 500 if nothing has gone out, else only the end can tell."""
        self.exchange = self._intake.current = None
        if exchange.gate.receipt is not None:
            exchange.gate.receipt.settle(lost=True)
        if exchange.response.delimited:  # what is missing at the end says that it broke off
            self._close(linger=not exchange.request.body.complete)
        elif exchange.response.sent:
            self.abort()
        else:
            self._refuse(shown(error, self._service.settings.debug), exchange.request)

    def hand_over(self, protocol: Any) -> tuple[Any, bytes, bool]:
        """It is another protocol's now: transport, what has come, and whether that was all."""
        transport, intake, self.exchange = self._transport, self._intake, None
        self._service.connections.discard(self)
        self._sender.rest()
        if not self._reading:
            transport.resume_reading()
        transport.set_protocol(protocol)
        return transport, intake.rest(), intake.ended

    # The server's calls

    def check(self, now: float) -> None:
        """Is the client's time over?"""
        lost = self._reader is not None and self._reader.stalled(now)
        if not lost and self.exchange is not None and self.exchange.response.sent:
            lost = deaf(self._transport, self._service.settings.ack_timeout)
        if lost:
            reset(self._transport)  # else the kernel holds for minutes what nobody reads
            self.abort()
        elif self._sender.overdue(now):
            self._overdue()
        elif self._intake.ended:
            self._let_go()

    def shut(self) -> None:
        """The server is being stopped: end what waits, let the rest finish.

        Who has only just come is heard: what it says is on its way to us and to nobody else.
        """
        exchange, parser = self.exchange, self._intake.parser
        if exchange is not None:
            exchange.response.keep_alive = False
            exchange.hurry()
        elif not (self._intake.pending or self._lingering or self._transport.is_closing()):
            if not (parser.in_head or parser.untouched):
                self._close()
            elif not self._sender.just_begun(MOMENT):
                self._overdue()

    def give_up(self) -> None:
        """The grace is over: say so, if nothing has been said."""
        exchange = self.exchange
        self._drop()
        if exchange is not None:
            if not exchange.response.sent:
                self._refuse(GOING, exchange.request)
        elif self._intake.parser.received and not self._lingering:  # its body is still coming
            self._refuse(GOING, self._intake.parser.received[0])

    def abort(self) -> None:
        """End it at once; what is not written yet is lost."""
        self._drop()
        self._transport.abort()

    # Reading

    def _watch(self, was_in_head: bool) -> bool:
        """Something was read: what has to come next, and when? True: it can be answered first."""
        parser, answer = self._intake.parser, False
        if self.exchange is not None:
            self._sender.await_body(self.exchange.request.body)
        elif parser.received or parser.failure is not None:
            answer = True
        elif parser.in_head and not was_in_head:
            self._sender.await_request(in_head=True)
        room, transport = self._intake.held < HELD, self._transport
        if room != self._reading:  # let the client send on, or let it wait in its own memory
            self._reading = room
            (transport.resume_reading if room else transport.pause_reading)()
        return answer

    def run(self) -> None:
        """The scheduler's call: answer the next request, if its time has come."""
        if self.exchange is not None or not self.writable or self._lingering:
            return
        if self._transport.is_closing():
            return
        intake = self._intake
        if intake.held or intake.ended:
            was_in_head = intake.parser.in_head
            intake.read()
            self._watch(was_in_head)
        parser = intake.parser
        request = parser.received[0] if parser.received else None
        if request is None or not request.body.complete:
            if parser.failure is not None:
                self._refuse(parser.failure, parser.request)
                return
            if request is None:
                return
            streamed = self._service.settings.stream_bodies
            if request.expects_continue and not request.body.size:
                request.expects_continue = False
                if streamed:
                    request.body.on_read = self._continue
                else:
                    self.write(CONTINUE)
            self._sender.await_body(request.body)
            if not streamed:
                return
        self._answer(intake.take())
        if intake.ended:
            self._let_go()

    # Answering

    def _answer(self, request: Request) -> None:
        service, body = self._service, request.body
        service.requests += 1
        if body.complete:
            self._sender.rest()
        response = Response(request, service.standard, service.keep_alive, service.answers)
        gate = Gate(service)
        exchange = self.exchange = Exchange(self, request, response, gate)
        begun = request.prototype
        if begun is None:
            assert self._peer is not None
            begun = prototype(service.environ, self._peer, request)
        environ = begun.copy()
        environ["wsgi.input"] = body.open() if body.complete else Unread()
        install(environ, gate, body)
        if request.websocket:
            environ[KEY] = WebSocket(self, service, exchange, environ)
        exchange.begin(service.application, environ)

    def _continue(self) -> None:
        """The application reads a body that its client holds back; unless it has answered first."""
        if self.exchange is not None and not self.exchange.response.sent:
            self.write(CONTINUE)

    def _let_go(self) -> None:
        """It has begun to wait for something after the client's end was seen."""
        if self.exchange is not None and self.exchange.waiting_for is not None:
            self._drop()
            self._close()

    def _drop(self) -> None:
        """The client is gone, or as good as gone."""
        exchange, self.exchange = self.exchange, None
        self._intake.current = None
        if exchange is not None:
            exchange.abort()

    # Ending

    def _overdue(self) -> None:
        self._sender.rest()
        if self.exchange is not None:  # the application reads a body that does not come
            self.exchange.request.body.fail(RequestError(408, "The body did not arrive in time."))
        elif self._lingering and not self._unwritten():
            self.abort()
        elif self._lingering or not self.writable:  # it still reads, watched by the other deadline
            self._sender.rest(max(LINGER, self._service.settings.keep_alive))
        elif self._intake.parser.in_head or self._intake.parser.received:
            late = RequestError(408, "The request came too late.")
            self._refuse(late, self._intake.parser.request)
        else:
            self._close()

    def _turn_away(self, refused: set[Connection]) -> None:
        if len(refused) >= REFUSED:
            self._transport.abort()
            return
        refused.add(self)
        self._refuse(FULL, self._intake.parser.request)

    def _refuse(self, error: HTTPError, request: Request) -> None:
        """Answer for the application, and close."""
        answer = error_response(error, self._service.standard, head=request.method == "HEAD")
        self.write(answer)
        self._service.note_refusal(self._transport, request, error, answer)
        self._close(linger=True)

    def _close(self, *, linger: bool = False) -> None:
        """Say that we have finished.

        Args:
            linger: the client may still be sending. Were the socket closed now, the kernel would
                answer that with a reset, which destroys what the client has not read yet; so we
                throw away what comes until it closes too (RFC 9112 9.6).
        """
        transport = self._transport
        self._intake.close()
        self._watch_reader()
        self._lingering = linger and not self._intake.ended and transport.can_write_eof()
        if self._lingering and not transport.is_closing():
            self._sender.rest(LINGER)
            if not self._reading:
                self._reading = True
                transport.resume_reading()
            transport.write_eof()
        else:
            self._sender.rest()
            transport.close()

    # Writing

    def _unwritten(self) -> int:
        return int(self._transport.get_write_buffer_size())

    def _unread(self) -> int:
        """Not 0 while the client may not have all that was written."""
        # Closing without the client's end: a reset, of which `connection_lost` is yet to tell.
        return (self._transport.is_closing() and not self._intake.ended) or unread(self._transport)

    def _watch_reader(self) -> None:
        timeout = self._service.settings.write_timeout
        self._reader = self._reader or Reader(self._transport, self.scheduler.time, timeout)
        self._reader.watch()
