"""SQLite in a file, with a write-ahead log: one thread writes, others read, none waits for another.

Each call is one transaction, which is there wholly or not at all when the call ends. After an error
the connection is closed, and the next call opens another: whatever was the matter, it works again
when the cause is gone.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from chatapp.model.message import Message
from chatapp.model.ports import Conflict, Entry, Keys, Page, RoomRow, Unavailable
from chatapp.model.records import Note, Standing
from chatapp.store import statements
from chatapp.store.lock import FileLock
from chatapp.store.outage import Outage
from chatapp.store.records import STANDING, DatabaseRecords, standing
from chatapp.store.statements import Statement, noted
from cogen.core.threads import Called, Workers

__all__ = ["SQLiteStore", "connect"]

P = ParamSpec("P")
T = TypeVar("T")

READERS: Final = 4
PATIENCE: Final = 2.0  # seconds to wait for a lock that another program holds
ROWS: Final = 64  # in one statement

_INSERT: Final = "INSERT INTO messages (room_id, seq, time, kind, sender, text, key) VALUES "
_FIND: Final = """
    SELECT m.room_id, m.key, seq, time, kind, sender, text FROM wanted
    JOIN messages AS m ON m.room_id = wanted.room_id AND m.key = wanted.key
"""

_SENTENCES: Final = {
    sqlite3.SQLITE_FULL: "The disk is full.",
    sqlite3.SQLITE_READONLY: "The database can only be read.",
    sqlite3.SQLITE_BUSY: "The database is locked by another program.",
    sqlite3.SQLITE_LOCKED: "The database is locked by another program.",
    sqlite3.SQLITE_IOERR: "The disk cannot be read or written.",
    sqlite3.SQLITE_CANTOPEN: "The database cannot be opened.",
    sqlite3.SQLITE_CORRUPT: "The database is damaged.",
    sqlite3.SQLITE_NOTADB: "The database is damaged.",
}


class SQLiteStore:
    """A `chatapp.model.ports.Store`.

    Args:
        path: of the database, whose schema is the newest.
        durability: what a message survives that was kept: the end of the ``process``, or also that
            of the machine, without ``power``.
        keep: messages of each room; 0 for all.
        lock: of this process on the database; let go of with it.
    """

    def __init__(self, path: Path, durability: str, keep: int, lock: FileLock) -> None:
        synchronous = "FULL" if durability == "power" else "NORMAL"
        writer, readers = Workers(1, "store-writer"), Workers(READERS, "store-reader")
        # IMMEDIATE: a transaction that reads first could not wait for the lock.
        self._writing = _Access(writer, path, synchronous, "IMMEDIATE", "nothing can be kept")
        self._reading = _Access(readers, path, synchronous, "DEFERRED", "old messages are lacking")
        self._keep = keep
        self._lock = lock
        self.records = DatabaseRecords(
            partial(self._writing.call, _rows), partial(self._reading.call, _rows)
        )

    def append(self, entries: Sequence[Entry]) -> Called[None]:
        return self._writing.call(_append, entries, self._keep)

    def check(self) -> Called[None]:
        return self._writing.call(_execute, Statement(statements.CHECK))

    def find(self, keys: Keys) -> Called[dict[tuple[int, str], Message]]:
        return self._reading.call(_find, keys)

    def after(self, room: int, seq: int, limit: int, size: int) -> Called[Page]:
        return self._reading.call(_after, room, seq, limit, size)

    def before(self, room: int, seq: int, limit: int) -> Called[Page]:
        return self._reading.call(_before, room, seq, limit)

    def rooms(self) -> Called[list[RoomRow]]:
        return self._reading.call(_rooms)

    def create(self, name: str, note: Note | None = None) -> Called[RoomRow]:
        return self._writing.call(_create, name, note)

    def rename(self, room: int, name: str, note: Note | None = None) -> Called[None]:
        rename = Statement(statements.RENAME, (name.encode(), room))
        return self._writing.call(_execute, rename, *noted(note))

    def remove(self, room: int, note: Note | None = None) -> Called[None]:
        remove = Statement(statements.REMOVE, (room,))
        return self._writing.call(_execute, remove, *noted(note))

    def start(self) -> tuple[list[RoomRow], Standing]:
        """What there is, at once: for the start, when no loop runs yet."""
        return self._reading.run(_rooms), standing(self._reading.run(_rows, *STANDING))

    def close(self) -> None:
        """Let go of the file, when nothing is under way any more."""
        self._reading.close()
        self._writing.close()
        self._lock.close()


class _Access:
    """Threads, and the connections that wait for them."""

    def __init__(
        self, workers: Workers, path: Path, synchronous: str, mode: str, fault: str
    ) -> None:
        self._workers = workers
        self._path = path
        self._synchronous = synchronous
        self._begin = f"BEGIN {mode}"
        self._outage = Outage(fault)
        self._idle: deque[sqlite3.Connection] = deque()

    def call(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Called[T]:
        """Call it in a thread, in a transaction."""
        return self._workers.call(self.run, function, *args)

    def run(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call it in this thread, in a transaction."""
        with contextlib.ExitStack() as stack:
            try:
                connection = self._connection()
                stack.callback(connection.close)
                connection.execute(self._begin)
                stack.callback(_roll_back, connection)
                result = function(connection, *args, **kwargs)
                connection.execute("COMMIT")
            except sqlite3.IntegrityError:
                raise Conflict("This name, number or key is there already.") from None
            except (sqlite3.Error, PermissionError) as error:
                self._outage.begins(error)
                raise Unavailable(_sentence(error)) from None
            stack.pop_all()
        self._outage.ends()
        self._idle.append(connection)
        return result

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        connection = connect(self._path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a database that is there, in no transaction of Python's making.

    Raises:
        PermissionError: it can only be read. (SQLite would read it, and make a log beside it that
            can only be read as well, and stays when the permission is there again.)
        sqlite3.Error: it cannot be opened.
    """
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path.name} can only be read")
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",  # one that is lost is not replaced
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )


def _sentence(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return _SENTENCES[sqlite3.SQLITE_READONLY]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _SENTENCES.get(code, "The database does not work.")


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # some errors have done so already
        connection.execute("ROLLBACK")


# What is called in a thread


def _append(connection: sqlite3.Connection, entries: Sequence[Entry], keep: int) -> None:
    # Many rows in one statement: each statement lets go of the interpreter's lock, and a busy loop
    # gives it back only after milliseconds.
    for start in range(0, len(entries), ROWS):
        rows = [statements.columns(entry) for entry in entries[start : start + ROWS]]
        connection.execute(_INSERT + _places(rows), _flat(rows))
    for room, seq in statements.trims(entries, keep):
        connection.execute(statements.TRIM, (room, seq))


def _find(connection: sqlite3.Connection, keys: Keys) -> dict[tuple[int, str], Message]:
    found: dict[tuple[int, str], Message] = {}
    for start in range(0, len(keys), ROWS):
        rows = [(room, key.encode()) for room, key in keys[start : start + ROWS]]
        wanted = f"WITH wanted (room_id, key) AS (VALUES {_places(rows)})"
        for room, key, *row in connection.execute(wanted + _FIND, _flat(rows)):
            found[room, key.decode()] = statements.message(room, row)
    return found


def _after(connection: sqlite3.Connection, room: int, seq: int, limit: int, size: int) -> Page:
    messages: list[Message] = []
    rows = connection.execute(statements.AFTER, (room, seq, limit))
    for row in rows:
        message = statements.message(room, row)
        size -= len(message.text)
        if size < 0 and messages:
            break
        messages.append(message)
    rows.close()
    return Page(messages, _base(connection, room))


def _before(connection: sqlite3.Connection, room: int, seq: int, limit: int) -> Page:
    rows = connection.execute(statements.BEFORE, (room, seq, limit)).fetchall()
    messages = [statements.message(room, row) for row in reversed(rows)]
    return Page(messages, _base(connection, room))


def _base(connection: sqlite3.Connection, room: int) -> int:
    base: int = connection.execute(statements.BASE, (room,)).fetchone()[0]
    return base


def _rooms(connection: sqlite3.Connection) -> list[RoomRow]:
    return [statements.room_row(row) for row in connection.execute(statements.ROOMS)]


def _create(connection: sqlite3.Connection, name: str, note: Note | None) -> RoomRow:
    values = statements.new_room(name)
    number = connection.execute(statements.CREATE, values).fetchone()[0]
    _execute(connection, *noted(note, number))
    return RoomRow(number, name, values[1])


def _execute(connection: sqlite3.Connection, *asked: Statement) -> None:
    for text, values in asked:
        connection.execute(text, values)


def _rows(connection: sqlite3.Connection, *asked: Statement) -> list[list[Any]]:
    return [connection.execute(text, values).fetchall() for text, values in asked]


def _places(rows: Sequence[Sequence[Any]]) -> str:
    """``(?, ?), (?, ?)``: a place for each value."""
    row = f"({', '.join('?' * len(rows[0]))})"
    return ", ".join([row] * len(rows))


def _flat(rows: Iterable[Iterable[Any]]) -> list[Any]:
    return [value for row in rows for value in row]
