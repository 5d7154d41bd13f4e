"""What the connections of one server share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cogen.core.schedulers import Scheduler
from cogen.errors import HTTPError
from cogen.web.exchange import Application
from cogen.web.http11 import Limits
from cogen.web.request import Request
from cogen.web.settings import ServerSettings
from cogen.web.statistics import ServerStatistics

__all__ = ["MOMENT", "Service"]

MOMENT: Final = 1.0  # seconds from connecting in which a request is awaited at the server's end


@dataclass
class Service:
    """What the connections of one server share. Applications find it in
    ``environ['cogen.wsgi'].server``: a key of its own would take memory in each environ.

    Attributes:
        application: the WSGI application.
        standard: the lines every response has (``Date``, ``Server``), encoded; made anew once a
            second.
        environ: what of it is the same for all requests.
        most: so many connections may be open.
        connections: those that are open.
        refused: those that were one too many, until their clients have read so.
        keep_alive: a connection may go on after an answer.
        closing: the server is being stopped.
        accepted: connections since the start.
        answers: how many have begun since the start, by the first digit of their status.
        requests: requests that reached the application since the start.
        refusals: answers of the server's own (400, 408, 503 …) since the start.
        turned_away: connections over the limit since the start.
        on_refusal: called with the transport, the request (as far as it was read), the error and
            the answer's bytes, for each of the refusals; the access log's.
        handshakes: TLS connections that have not got so far as to be one.
        listener: of HTTP, once it listens; None again when it does no more.
        file: of the access log, if there is one.
        since: when it was made, in seconds since 1970.
    """

    application: Application
    settings: ServerSettings
    limits: Limits
    scheduler: Scheduler
    standard: bytes
    environ: dict[str, Any]
    most: int
    connections: set[Any] = field(default_factory=set)
    refused: set[Any] = field(default_factory=set)
    answers: list[int] = field(default_factory=lambda: [0] * 6)
    keep_alive: bool = field(init=False)
    closing: bool = False
    accepted: int = 0
    requests: int = 0
    refusals: int = 0
    turned_away: int = 0
    on_refusal: Callable[[Any, Request, HTTPError, bytes], None] | None = None
    handshakes: set[Any] = field(default_factory=set)
    listener: Any = None
    file: Any = None
    since: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.keep_alive = self.settings.keep_alive > 0

    def admit(self, connection: Any) -> bool:
        """Count it in; False: as many are open as may be."""
        self.accepted += 1
        if len(self.connections) >= self.most:
            self.turned_away += 1
            return False
        self.connections.add(connection)
        return True

    def end(self) -> None:
        """The server is being stopped."""
        self.closing = True
        self.keep_alive = False

    def statistics(self) -> ServerStatistics:
        """What there is at this moment."""
        exchanges = [connection.exchange for connection in self.connections]
        listener, file = self.listener, self.file
        return ServerStatistics(
            since=self.since,
            accepted=self.accepted,
            requests=self.requests,
            answers={f"{kind}xx": self.answers[kind] for kind in range(1, 6)},
            refusals=self.refusals,
            turned_away=self.turned_away,
            connections=len(self.connections),
            handshakes=len(self.handshakes),
            parked=sum(1 for exchange in exchanges if exchange is not None and exchange.parked),
            most=self.most,
            accepting=listener is not None and not listener.exhausted,
            pauses=listener.pauses if listener is not None else 0,
            log_lines_lost=file.lost if file is not None else 0,
            scheduler=self.scheduler.statistics(),
        )

    def note_refusal(
        self, transport: Any, request: Request, error: HTTPError, answer: bytes
    ) -> None:
        """The connection's call: it has answered for the application."""
        self.refusals += 1
        self.answers[error.status // 100] += 1
        if self.on_refusal is not None:
            self.on_refusal(transport, request, error, answer)
