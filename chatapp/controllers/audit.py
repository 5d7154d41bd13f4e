"""What administrators have done: ``/api/audit``."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.json import encode
from chatapp.lib.protection import Administrator
from chatapp.lib.query import count
from chatapp.model.records import Note, Records

__all__ = ["AuditController"]

USUAL: Final = 100  # notes in one answer
MOST: Final = 1000


class AuditController(BaseController):
    """Reads the audit log, from the newest on.

    Args:
        records: keep it.
        administrator: who may read it.
    """

    def __init__(self, records: Records, administrator: Administrator) -> None:
        self._records = records
        self._administrator = administrator

    def index(self, request: Request) -> Generator[Any, Any, Response]:
        """``GET``, administrator: newest first; query: ``before`` (a note's id), ``limit``."""
        self._administrator.check(request)
        query = request.query
        before = count(query, "before", 1) if "before" in query else None
        limit = count(query, "limit", USUAL, MOST)
        notes: list[Note] = yield from request.wait(self._records.audit(before, limit))
        return Response(encode({"notes": [note._asdict() for note in notes]}), JSON)
