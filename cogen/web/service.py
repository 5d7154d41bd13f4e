"""What the connections of one server share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cogen.core.schedulers import Scheduler
from cogen.errors import HTTPError
from cogen.web.exchange import Application
from cogen.web.http11 import Limits
from cogen.web.request import Request
from cogen.web.settings import ServerSettings

__all__ = ["MOMENT", "Service"]

MOMENT: Final = 1.0  # seconds from connecting in which a request is awaited at the server's end


@dataclass
class Service:
    """What the connections of one server share.

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
        requests: requests that reached the application since the start.
        refusals: answers of the server's own (400, 408, 503 …) since the start.
        turned_away: connections over the limit since the start.
        on_refusal: called with the transport, the request (as far as it was read), the error and
            the answer's bytes, for each of the refusals; the access log's.
        handshakes: TLS connections that have not got so far as to be one.
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
    keep_alive: bool = field(init=False)
    closing: bool = False
    accepted: int = 0
    requests: int = 0
    refusals: int = 0
    turned_away: int = 0
    on_refusal: Callable[[Any, Request, HTTPError, bytes], None] | None = None
    handshakes: set[Any] = field(default_factory=set)

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

    def note_refusal(
        self, transport: Any, request: Request, error: HTTPError, answer: bytes
    ) -> None:
        """The connection's call: it has answered for the application."""
        self.refusals += 1
        if self.on_refusal is not None:
            self.on_refusal(transport, request, error, answer)
