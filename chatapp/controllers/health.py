"""For who watches over the process: ``/healthz``, ``/readyz``, ``/metrics``."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

from chatapp.lib.answering import TEXT
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.health import Health
from chatapp.lib.metrics import CONTENT_TYPE, Metrics
from chatapp.lib.protection import Inspector

__all__ = ["HealthController"]

OK: Final = Response(b"ok\r\n", TEXT)


class HealthController(BaseController):
    """Nothing of it looks at a session.

    Args:
        health: whether the chat can do its work.
        metrics: the figures.
        inspector: who may see them.
    """

    def __init__(self, health: Health, metrics: Metrics, inspector: Inspector) -> None:
        self._health = health
        self._metrics = metrics
        self._inspector = inspector

    def alive(self, request: Request) -> Response:
        """``GET /healthz``: 200, as long as there is anybody to say so."""
        return OK

    def ready(self, request: Request) -> Generator[Any, Any, Response]:
        """``GET /readyz``: 200; 503 when no work should be sent here now."""
        yield from self._health.check(request)
        return OK

    def metrics(self, request: Request) -> Response:
        """``GET /metrics``, for inspectors: the figures, as Prometheus wants to have them."""
        self._inspector.check(request)
        return Response(self._metrics.text(request.gate.server), CONTENT_TYPE)
