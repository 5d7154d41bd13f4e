"""The administrators' part of both databases: the same statements, in plain SQL.

Not SQLAlchemy's: what is written goes by the one connection that may write (PostgreSQL's lock
belongs to it), and the start asks for some of it, which shall not wait for so large an import.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final

import msgspec

from chatapp.model.records import AdminSession, Note, Sanction, Standing
from chatapp.store.statements import Statement, noted
from cogen.core.coroutines import coro

__all__ = ["DatabaseRecords", "standing"]

Rows = list[list[Any]]  # of each statement

_PASSWORD: Final = "SELECT password FROM administrators WHERE name = ?"
_ADMINISTRATORS: Final = "SELECT name FROM administrators ORDER BY created, name"
_APPOINT: Final = "INSERT INTO administrators (name, password, created) VALUES (?, ?, ?)"
_CHANGE: Final = "UPDATE administrators SET password = ? WHERE name = ?"
_END_ALL: Final = "DELETE FROM admin_sessions WHERE name = ?"
_BEGIN: Final = "INSERT INTO admin_sessions (digest, name, created) VALUES (?, ?, ?)"
_END: Final = "DELETE FROM admin_sessions WHERE digest = ?"
_EXPIRE: Final = "DELETE FROM sanctions WHERE until <= ?"
_IMPOSE: Final = """
    INSERT INTO sanctions
    (kind, room_id, session, network, name, created, until, who, why)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""
_LIFT: Final = "DELETE FROM sanctions WHERE id = ?"
_ERASE: Final = """
    UPDATE messages SET kind = 'removed', text = ? WHERE room_id = ? AND seq = ?
"""
_RENEW: Final = "UPDATE rooms SET epoch = ? WHERE id = ?"
_END_EVERY: Final = "DELETE FROM admin_sessions"
_AUDIT: Final = "SELECT time, who, address, action, target, details, id FROM audit"
_NEWEST: Final = f"{_AUDIT} ORDER BY id DESC LIMIT ?"
# Else PostgreSQL takes no number that its ids cannot reach.
_BEFORE: Final = f"{_AUDIT} WHERE id < CAST(? AS BIGINT) ORDER BY id DESC LIMIT ?"

# What holds at the start: see `standing`.
STANDING: Final = (
    Statement("SELECT digest, name, created FROM admin_sessions"),
    Statement("""
        SELECT kind, room_id, session, network, name, created, until, who, why, id
        FROM sanctions ORDER BY id
    """),
)


class DatabaseRecords:
    """See `chatapp.model.records.Records`.

    Args:
        write: executes `Statement`s in one transaction; gives what is to be waited for: the rows
            of each.
        read: the same for what only reads.
    """

    def __init__(self, write: Callable[..., Any], read: Callable[..., Any]) -> None:
        self._write = write
        self._read = read

    @coro
    def password(self, name: str) -> Generator[Any, Any, str | None]:
        (rows,) = yield self._read(Statement(_PASSWORD, (name.encode(),)))
        return rows[0][0] if rows else None

    @coro
    def administrators(self) -> Generator[Any, Any, list[str]]:
        (rows,) = yield self._read(Statement(_ADMINISTRATORS))
        return [name.decode() for (name,) in rows]

    def appoint(self, name: str, password: str, note: Note) -> Any:
        values = (name.encode(), password, note.time)
        return self._done(Statement(_APPOINT, values), *noted(note))

    def change(self, name: str, password: str, note: Note) -> Any:
        change = Statement(_CHANGE, (password, name.encode()))
        return self._done(change, Statement(_END_ALL, (name.encode(),)), *noted(note))

    def begin(self, session: AdminSession, note: Note) -> Any:
        digest, name, created = session
        return self._done(Statement(_BEGIN, (digest, name.encode(), created)), *noted(note))

    def end(self, digests: Sequence[bytes], note: Note | None = None) -> Any:
        ends = [Statement(_END, (digest,)) for digest in digests]
        return self._done(*ends, *noted(note))

    @coro
    def impose(self, sanction: Sanction, note: Note) -> Generator[Any, Any, Sanction]:
        kind, room, session, network, name, created, until, who, why, _ = sanction
        values = (kind, room, session, network, name.encode(), created, until)
        rows: Rows = yield self._write(
            Statement(_IMPOSE, (*values, who.encode(), why.encode())),
            Statement(_EXPIRE, (created,)),
            *noted(note),
        )
        return sanction._replace(id=rows[0][0][0])

    def lift(self, sanction: int, note: Note) -> Any:
        return self._done(Statement(_LIFT, (sanction,)), *noted(note))

    def erase(self, room: int, seq: int, note: Note) -> Any:
        return self._done(Statement(_ERASE, (b"", room, seq)), *noted(note))

    def restored(self, rooms: Sequence[int], note: Note) -> Any:
        renewed = [Statement(_RENEW, (secrets.token_hex(4), room)) for room in rooms]
        return self._done(*renewed, Statement(_END_EVERY), *noted(note))

    def note(self, note: Note) -> Any:
        return self._done(*noted(note))

    @coro
    def audit(self, before: int | None, limit: int) -> Generator[Any, Any, list[Note]]:
        newest = Statement(_NEWEST, (limit,))
        (rows,) = yield self._read(
            newest if before is None else Statement(_BEFORE, (before, limit))
        )
        return [_note(row) for row in rows]

    @coro
    def _done(self, *statements: Statement) -> Generator[Any, Any, None]:
        yield self._write(*statements)


def standing(rows: Rows) -> Standing:
    """What holds, from the rows of `STANDING`."""
    sessions, sanctions = rows
    return Standing(
        [AdminSession(digest, name.decode(), created) for digest, name, created in sessions],
        [_sanction(row) for row in sanctions],
    )


def _note(row: Sequence[Any]) -> Note:
    time, who, address, action, target, details, id = row
    known = msgspec.json.decode(details)
    return Note(time, who.decode(), address, action, target.decode(), known, id)


def _sanction(row: Sequence[Any]) -> Sanction:
    kind, room, session, network, name, created, until, who, why, id = row
    return Sanction(
        kind, room, session, network, name.decode(), created, until, who.decode(), why.decode(), id
    )
