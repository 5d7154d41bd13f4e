"""What the interface says of itself."""

from __future__ import annotations

from functools import cache

from chatapp.lib.answering import JSON
from chatapp.lib.asyncapi import asyncapi
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.openapi import openapi

__all__ = ["ApiController"]


class ApiController(BaseController):
    """``/api/openapi.json``, ``/api/asyncapi.json``."""

    def openapi(self, request: Request) -> Response:
        """``GET``: the OpenAPI document."""
        return _openapi()

    def asyncapi(self, request: Request) -> Response:
        """``GET``: the AsyncAPI document."""
        return _asyncapi()


@cache
def _openapi() -> Response:
    return Response(openapi(), JSON)


@cache
def _asyncapi() -> Response:
    return Response(asyncapi(), JSON)
