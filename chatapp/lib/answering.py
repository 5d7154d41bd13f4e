"""Answers that many readers get: each is made once."""

from __future__ import annotations

from typing import Final

from chatapp.lib.base import Response
from chatapp.lib.json import answer_json
from chatapp.lib.text import answer_text
from chatapp.model.client import Answer
from chatapp.model.room import Room

__all__ = ["JSON", "TEXT", "answered"]

TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"


def answered(room: Room, answer: Answer, kind: str) -> Response:
    """The response with an answer of a room; most have the newest message, and nothing else.

    Args:
        kind: `TEXT` or `JSON`.
    """
    alone = answer.alone
    response: Response | None = alone.forms.get(kind) if alone is not None else None
    if response is None:
        cursor = room.cursor(answer.end)
        body = answer_json(answer, cursor) if kind is JSON else answer_text(answer)
        response = Response(body, kind, ("X-Chat-Cursor", cursor))
        if alone is not None:
            alone.forms[kind] = response
    return response
