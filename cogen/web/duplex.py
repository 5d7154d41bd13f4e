"""One connection on which both sides speak when they like: a WebSocket, or a terminal.

Data flows as in `cogen.web.connection`: transport → codec → whoever receives; whoever sends →
transport. The codec knows the protocol and no sockets; this knows sockets, and no protocol.

Invariants:

    what was received is given out before it is told that the other side has gone
    what comes faster than it is received waits, bounded, here and then in the other side's memory
    once the other side has said goodbye, or broken a rule, nothing it sends is read any more
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any, ClassVar, Final

from mypy_extensions import mypyc_attr

from cogen.core.operations import Operation
from cogen.core.waitlist import WaitList
from cogen.errors import ConnectionClosed, ServerClosing
from cogen.web.codec import GONE, Codec, Ending
from cogen.web.duplex_operations import Close, Receive, Transmit
from cogen.web.liveness import deaf
from cogen.web.reader import Reader, reset
from cogen.web.service import Service

__all__ = ["Duplex"]

NEVER: Final = float("inf")
PIECE: Final = 4096  # bytes that the codec is given at once
HELD: Final = 16  # pieces that may wait for it
UNRECEIVED: Final = 16  # messages that may wait to be received
GOODBYE: Final = 5.0  # seconds for the other side to answer ours, and for the application to end
LINGER: Final = 2.0  # seconds for the other side to read to the end and close


@mypyc_attr(allow_interpreted_subclasses=True)  # a gateway's
class Duplex:
    """The server's end of it.

    Args:
        service: the server's.
        codec: of the protocol; may be set later, before anything comes.
        heartbeat: seconds of silence after which the other side is asked for a sign of life, and
            after as many more is taken for gone; 0 for never: then its kernel's acknowledgements
            are looked at (`cogen.web.liveness`).

    Attributes:
        receiver: the operation that waits for a message.
        waiting: those that wait to send, or for the end.
        writable: the other side reads fast enough: more may be written.
    """

    outside: ClassVar[bool] = True  # see Runnable

    __slots__ = (
        "_asked",
        "_codec",
        "_deadline",
        "_heard",
        "_heartbeat",
        "_held",
        "_last",
        "_over",
        "_reader",
        "_reading",
        "_said",
        "_service",
        "_transport",
        "receiver",
        "scheduler",
        "waiting",
        "writable",
    )

    def __init__(self, service: Service, codec: Any = None, heartbeat: float = 0.0) -> None:
        self._service = service
        self.scheduler = service.scheduler
        self.writable = True
        self._codec: Codec = codec
        self._heartbeat = heartbeat
        self._heard = self.scheduler.time()
        self._asked = False  # for a sign of life, since it was heard
        self._said: Ending | None = None  # our goodbye
        self._deadline = NEVER  # until which the connection may stay, once it ends
        self._held: deque[bytes] | None = None
        self._last = False  # nothing comes any more but what is held
        self._over = False  # nor that, and everybody who waits knows it
        self._transport: Any = None
        self._reader: Reader | None = None  # once it is slow
        self._reading = True
        self.receiver: Receive | None = None
        self.waiting = WaitList()  # to send, or for the end

    # What the application waits for

    def receive(self, timeout: float | timedelta | None = None) -> Operation[Any]:
        """The next message.

        Raises:
            ConnectionClosed: there will be none.
            OperationMisuse: somebody is receiving already.
        """
        return Receive(self, timeout)

    def close(self, code: int = 1000, reason: str = "") -> Operation[None]:
        """Say goodbye, and wait until the other side has done so too, 5 seconds at the most.

        What it says until then is dropped, unless somebody receives.

        Raises:
            ValueError: a code that nobody may send, or a reason of more than 123 bytes.
        """
        return Close(self, code, reason)

    def transmit(self, data: bytes, timeout: float | timedelta | None = None) -> Operation[None]:
        """Send bytes of the protocol, when the other side has room for them.

        Raises:
            ConnectionClosed: they would not be read.
        """
        return Transmit(self, data, timeout)

    # asyncio's events

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._service.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._heard = self.scheduler.time()
        self._asked = False
        if self.over:
            return
        if not self._held and len(data) <= PIECE and self._has_room():
            self._feed(data)
            return
        if self._held is None:
            self._held = deque()
        self._held.extend(data[at : at + PIECE] for at in range(0, len(data), PIECE))
        self._read_on()

    def eof_received(self) -> bool:
        """The other side sends no more; so what is written is the last of ours too."""
        self._last_came()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._last_came()
        self._reader = None
        self._gone()

    def pause_writing(self) -> None:
        self.writable = False
        if self._reader is None:
            timeout = self._service.settings.write_timeout
            self._reader = Reader(self._transport, self.scheduler.time, timeout)
        self._reader.watch()

    def resume_writing(self) -> None:
        self.writable = True
        if self._reader is not None:
            self._reader.rest()
        if not self.leaving:
            self.waiting.wake_all()
        self._read_on()

    # The server's calls

    def check(self, now: float) -> None:
        """Is it still there?"""
        if not self._reading:  # it may have much to say
            self._heard = now
        stalled = self._reader is not None and self._reader.stalled(now)
        if not self._heartbeat:
            stalled = stalled or deaf(self._transport, self._service.settings.ack_timeout)
        asks = self._heartbeat and not self._over
        silence = (now - self._heard) / self._heartbeat if asks else 0.0  # in heartbeats
        if stalled or (self._asked and silence >= 2):  # nobody who was not asked: we may have slept
            reset(self._transport)  # else the kernel holds for minutes what nobody reads
            self.abort()
        elif now >= self._deadline:
            self._held = None  # nobody has received it in time
            self._read_on()
            self.abort()
        elif silence >= 1 and not self._asked:
            self._asked = True
            self._codec.ping()
            self._flush()

    def shut(self) -> None:
        """The server is being stopped: who waits here is to end now."""
        if self.receiver is not None:
            self.receiver.fail(ServerClosing(self.receiver))

    def give_up(self) -> None:
        """The grace is over."""
        self.leave(1001)

    def abort(self) -> None:
        """End it at once; what is not written yet is lost."""
        self._transport.abort()

    # Its operations' calls

    def leave(self, code: int, reason: str = "") -> None:
        """Say goodbye, once. Raises ValueError as `close` does."""
        if self.leaving:
            return
        awaited = self._codec.close(code, reason)
        self._said = Ending(code, reason)
        self._flush()
        self.waiting.wake_all()  # what they have to send would not be read
        self._deadline = self.scheduler.time() + GOODBYE
        if not awaited:
            self._hang_up()
        elif self.receiver is None:  # what it says before its answer would keep us from that
            self._codec.received.clear()
            self._read_on()

    @property
    def over(self) -> bool:
        """The other side has said goodbye, or has gone; what it said before may be received yet."""
        return self._over or self._last

    @property
    def leaving(self) -> bool:
        """One of us has said goodbye, or has gone."""
        return self.over or self._said is not None

    def write(self, data: bytes) -> None:
        """Write bytes of the protocol. Raises ConnectionClosed when they would not be read."""
        if self.leaving:
            raise self.closed()
        self._transport.write(data)

    @property
    def ready(self) -> bool:
        """There is a message, or there will be none."""
        return bool(self._codec.received) or self._over

    def take(self) -> Any:
        """The next message. Raises ConnectionClosed when there is none."""
        received = self._codec.received
        if not received:
            raise self.closed()
        message = received.pop(0)
        if self._held:
            self._read_on()
        return message

    def closed(self) -> ConnectionClosed:
        """What is raised to who expects more."""
        return ConnectionClosed(*(self._codec.ending or self._said or GONE))

    # Inside

    def _ended(self) -> None:
        """A subclass's: nothing more comes; who waited here has been woken."""

    def _gone(self) -> None:
        """A subclass's: the connection is no more."""
        self._service.connections.discard(self)

    def _has_room(self) -> bool:
        return (self.writable or self._last) and len(self._codec.received) < UNRECEIVED

    def _feed(self, data: bytes) -> None:
        codec = self._codec
        codec.feed(data)
        self._flush()
        if codec.ending is not None:
            self._end()
            self._hang_up()
        elif codec.received:
            if self.receiver is not None:
                self.receiver.wake()
            elif self._said is not None:
                codec.received.clear()

    def _flush(self) -> None:
        output = self._codec.output()
        if output and not (self._transport.is_closing() or self.over):
            self._transport.write(output)

    def _read_on(self) -> None:
        """Read what is held, as far as there is room; let more come if there is enough of it."""
        held = self._held
        while held and not self._over and self._has_room():
            self._feed(held.popleft())
        if self._last and not held:
            self._end()
        if self._over:
            self._held = held = None
            if self._last:
                self._codec.end()
        wanted = not held or len(held) < HELD
        if wanted != self._reading and not self._transport.is_closing():
            self._reading = wanted
            if wanted:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def _last_came(self) -> None:
        """Nothing more comes but what is held, and nobody is there to be told anything."""
        if not self.over:
            self._deadline = self.scheduler.time() + GOODBYE
        self._last = True
        self.waiting.wake_all()
        self._read_on()

    def _end(self) -> None:
        """Nothing more comes: those who wait are told."""
        if self._over:
            return
        self._over = True
        if self.receiver is not None:
            self.receiver.wake()
        self.waiting.wake_all()
        self._read_on()
        self._deadline = self.scheduler.time() + GOODBYE
        self._ended()

    def _hang_up(self) -> None:
        """End our side, so that the other one can read to the end and close.

        Were the socket closed while something is unread, the kernel would answer that with a reset,
        which destroys what the other side has not read yet.
        """
        transport = self._transport
        if transport.is_closing():
            return
        self._deadline = self.scheduler.time() + LINGER
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()
