"""What the JSON interface says of itself."""

from __future__ import annotations

from functools import cache

from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.openapi import openapi

__all__ = ["ApiController"]


class ApiController(BaseController):
    """``/api/openapi.json``."""

    def document(self, request: Request) -> Response:
        """``GET``: the OpenAPI document."""
        return _document()


@cache
def _document() -> Response:
    return Response(openapi(), JSON)
