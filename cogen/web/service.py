"""What the connections of one server share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cogen.core.schedulers import Scheduler
from cogen.web.exchange import Application
from cogen.web.http11 import Limits
from cogen.web.settings import ServerSettings

__all__ = ["Service"]


@dataclass(slots=True)
class Service:
    """What the connections of one server share.

    Attributes:
        application: the WSGI application.
        standard: gives the lines every response has (``Date``, ``Server``), encoded.
        most: so many connections may be open.
        connections: those that are open.
        refused: those that were one too many, until their clients have read so.
        closing: the server is being stopped: no keep-alive any more.
        accepted: connections since the start.
        requests: requests that reached the application since the start.
    """

    application: Application
    settings: ServerSettings
    limits: Limits
    scheduler: Scheduler
    standard: Callable[[], bytes]
    software: str
    server: tuple[str, str]
    most: int
    connections: set[Any] = field(default_factory=set)
    refused: set[Any] = field(default_factory=set)
    closing: bool = False
    accepted: int = 0
    requests: int = 0
