"""One request and its answer: calls the application, iterates, parks, resumes, ends. No asyncio.

An exchange is the third of the three drivers: it waits for one operation at a time, without thread
or task, and costs its iterator while it does. Everything of the application runs in the exchange's
own ``contextvars`` context, from the first call to ``close()``, so context-local libraries work
across a wait.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import Any, ClassVar, Final, Protocol

from cogen.core.awaiting import Awaiting
from cogen.core.operations import Failed, Operation
from cogen.core.owners import Owner, owner
from cogen.core.schedulers import Scheduler
from cogen.errors import ApplicationError, ConnectionClosed, RequestError, ServerClosing
from cogen.web import lifecycle
from cogen.web.gate import Gate
from cogen.web.lifecycle import State
from cogen.web.request import Request
from cogen.web.response import Response

__all__ = ["Application", "Channel", "Exchange"]

log = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# After so many chunks without a wait the other requests get their turn.
CHUNKS: Final = 32


class Channel(Protocol):
    """What an exchange needs of its connection."""

    scheduler: Scheduler

    @property
    def writable(self) -> bool:
        """The client reads fast enough: more may be written."""
        ...

    def write(self, data: bytes) -> None: ...

    def finished(self, exchange: Exchange) -> None:
        """The whole answer was written."""
        ...

    def failed(self, exchange: Exchange, error: BaseException) -> None:
        """The application failed; `RequestError` is the client's fault."""
        ...


class Exchange(Owner):
    """One run of the application.

    Args:
        channel: where the answer goes.
        request: what is answered.
        response: the answer's framing.
        gate: what the application sees of us.
    """

    __slots__ = (
        "_channel",
        "_inner",
        "_iterator",
        "_operation",
        "_result",
        "_state",
        "context",
        "gate",
        "request",
        "response",
        "scheduler",
    )

    outside: ClassVar[bool] = True  # see Runnable

    def __init__(self, channel: Channel, request: Request, response: Response, gate: Gate) -> None:
        self.locals = None  # an Owner's; flat, for it is made for every request
        self.scheduler = channel.scheduler
        self.request = request
        self.response = response
        self.gate = gate
        self.context: Context | None = copy_context()
        self._channel = channel
        self._iterator: Iterator[bytes] | None = None
        self._result: Any = None
        self._operation: Operation[Any] | None = None
        self._inner: set[Operation[Any]] | None = None
        self._state: State = lifecycle.CALLED

    def __repr__(self) -> str:
        request = self.request
        return f"<{request.method} {request.target.decode('latin-1')} {self._state}>"

    @property
    def parked(self) -> bool:
        """It waits for an operation."""
        return self._state is lifecycle.PARKED

    @property
    def blocked(self) -> bool:
        """It waits for its client to read."""
        return self._state is lifecycle.BLOCKED

    @property
    def waiting_for(self) -> Operation[Any] | None:
        """What it is parked on, or None."""
        return self._operation

    def begin(self, application: Application, environ: dict[str, Any]) -> None:
        """Call the application, and go on as far as that goes without waiting.

        As `run`, only from the ready queue: the application is to see no event loop.
        """
        context = self.context
        assert context is not None
        context.run(self._begin, application, environ)
        if self._state is lifecycle.ENDED:
            self.context = None  # it holds its owner, which is this exchange

    def moved(self, channel: Channel) -> None:
        """The connection has become another protocol's: the answer's end goes there."""
        self._channel = channel

    # Wake-ups: from the operation, the transport, the client, the server

    def wake(self) -> None:
        """The operation has an outcome."""
        self._state = self._state[lifecycle.WAKE]
        self.scheduler.ready(self)

    def drained(self) -> None:
        """The client has read: there is room again."""
        self._state = self._state[lifecycle.DRAIN]
        self.scheduler.ready(self)

    def abort(self) -> None:
        """The client is gone: nothing is taken from any queue, the iterator is closed."""
        if self._state is lifecycle.ENDED:
            return
        self._state = self._state[lifecycle.ABORT]
        if self._operation is not None:
            self._operation.cancel()
            self._operation = None
        if self.gate.receipt is not None:
            self.gate.receipt.settle(lost=True)
        context, self.context = self.context, None
        assert context is not None
        self.scheduler.outside(context, self._close)

    def hurry(self) -> None:
        """The server goes down: what it waits for ends now, with `ServerClosing`.

        What asyncio does for it, be it a query or work in a thread, is left to end by itself; but
        operations that it waits for in there end as well.
        """
        self.gate.closing = True
        if self._operation is None:
            return
        if not isinstance(self._operation, Awaiting):
            self._operation.fail(ServerClosing(self._operation))
        for operation in list(self._inner or ()):
            operation.fail(ServerClosing(operation))

    def awaits(self, operation: Operation[Any]) -> None:
        if self._inner is None:
            self._inner = set()
        self._inner.add(operation)

    def awaited(self, operation: Operation[Any]) -> None:
        if self._inner is not None:
            self._inner.discard(operation)

    # The driver

    def run(self) -> None:
        """The scheduler's call."""
        if self._state is not lifecycle.READY:
            return  # given up in the ready queue
        self._state = self._state[lifecycle.RUN]
        context = self.context
        assert context is not None
        context.run(self._advance)
        if self._state is lifecycle.ENDED:
            self.context = None

    def _begin(self, application: Application, environ: dict[str, Any]) -> None:
        owner.set(self)
        try:
            result = self._result = application(environ, self._start_response)
            whole = type(result) in (list, tuple) and self.gate.operation is None
            if whole:
                self._send(b"".join(result), whole=True)
            else:
                self._iterator = iter(result)
        except BaseException as error:
            self._fail(error)
            return
        if whole:
            self._finish()
        else:
            self._advance()

    def _start_response(
        self, status: Any, headers: Any, exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """PEP 3333's start_response; `Response` looks at what it is given."""
        self.response.start(status, headers, exc_info)
        return self._send

    def _advance(self) -> None:
        gate, channel, response = self.gate, self._channel, self.response
        iterator, operation = self._iterator, self._operation
        assert iterator is not None
        if operation is not None:
            self._operation = None
            self._settle(operation)
        budget = CHUNKS
        try:
            for chunk in iterator:
                if chunk:
                    framed = response.send(chunk)
                    if framed:
                        channel.write(framed)
                    if response.overrun:
                        break
                if gate.operation is not None:
                    waitable, gate.operation = gate.operation, None
                    if not self._wait(waitable):
                        return
                if not channel.writable:
                    self._state = self._state[lifecycle.BLOCK]
                    return
                budget -= 1
                if not budget:
                    self._state = self._state[lifecycle.PAUSE]
                    self.scheduler.ready(self)
                    return
        except BaseException as error:
            self._fail(error)
            return
        self._finish()

    def _wait(self, waitable: Any) -> bool:
        """Start what the application waits for; True if its outcome is in the gate already."""
        try:
            operation: Operation[Any]
            if isinstance(waitable, Operation):
                operation = waitable
            else:
                operation = self.scheduler.operation(waitable)
            if not operation.start(self):
                self._operation = operation
                self._state = self._state[lifecycle.PARK]
                return False
        except Exception as error:
            operation = Failed(error)
        self._settle(operation)
        return True

    def _settle(self, operation: Operation[Any]) -> None:
        try:
            self.gate.result, self.gate.exception = operation.result(), None
        except BaseException as error:  # CancelledError too is the application's to hear
            self.gate.fail(error)

    def _send(self, data: Any, whole: bool = False) -> None:
        if self._state is lifecycle.ENDED:
            raise ApplicationError("write() was called after the answer's end")
        framed = self.response.send(data, whole)
        if framed:
            self._channel.write(framed)

    def _finish(self) -> None:
        try:
            end = self.response.finish()
        except ApplicationError as error:
            self._fail(error)
            return
        if end:
            self._channel.write(end)
        elif self.response.overrun:
            log.error("more was sent than Content-Length said: %r", self)
        self._state = self._state[lifecycle.FINISH]
        self._close()
        self._channel.finished(self)

    def _fail(self, error: BaseException) -> None:
        """Close the iterator, let the connection answer; and log it, unless the client did it.

        An application that exits ends its request, not the server.
        """
        if not isinstance(error, RequestError | ServerClosing | ConnectionClosed):
            request = self.request
            target = request.target.decode("latin-1")
            log.error("the application failed: %s %s", request.method, target, exc_info=error)
        self._state = self._state[lifecycle.ABORT]
        self._close()
        self._channel.failed(self, error)
        if isinstance(error, KeyboardInterrupt):
            raise error

    def _close(self) -> None:
        result, self._result, self._iterator = self._result, None, None
        close = getattr(result, "close", None)
        if close is not None:
            try:
                close()
            except Exception:
                log.exception("close() of the application's answer failed: %r", self)
        self.gate.clear()
        self.request.body.close()
