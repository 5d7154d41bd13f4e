"""PostgreSQL, by asyncpg: one connection writes, others read.

Who writes holds a lock on the database (an advisory one), on the very connection that it writes by:
so when that is lost, nobody writes, and nothing of it goes on, before the next one has the lock.
Messages are written by one statement. If its answer is lost, it may have been done; it is undone
before anything else is written, so `Unavailable` means here too that nothing has changed. (What
administrators change is a transaction, which is not undone: they can see what became of it.)
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import asyncpg

from chatapp.model.message import Message
from chatapp.model.ports import Conflict, Entry, Keys, Page, RoomRow, Unavailable
from chatapp.model.records import Note, Standing
from chatapp.store import statements
from chatapp.store.outage import Outage
from chatapp.store.records import STANDING, DatabaseRecords, standing
from chatapp.store.statements import Statement, noted
from chatapp.store.version import migrating, must_migrate
from cogen.core.awaiting import Awaiting
from cogen.errors import SettingsError

__all__ = ["PostgreSQLStore", "open_postgresql"]

P = ParamSpec("P")
T = TypeVar("T")

READERS: Final = 4
PATIENCE: Final = 2.0  # seconds to wait for a lock that others hold
TIMEOUT: Final = 10.0  # seconds for a connection or an answer
LOCK: Final = 0x63_68_61_74  # the advisory lock's number: "chat"

FAULTS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that the server has just ended
    OSError,
    TimeoutError,
)

_APPEND: Final = """
    WITH trimmed AS (
        DELETE FROM messages USING unnest($8::int[], $9::bigint[]) AS old (room_id, seq)
        WHERE messages.room_id = old.room_id AND messages.seq <= old.seq
    )
    INSERT INTO messages (room_id, seq, time, kind, sender, text, key)
    SELECT * FROM unnest(
        $1::int[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[]
    )
"""
_UNDO: Final = """
    DELETE FROM messages AS m
    USING unnest($1::int[], $2::bigint[], $3::bigint[]) AS doubtful (room_id, seq, time)
    WHERE m.room_id = doubtful.room_id AND m.seq = doubtful.seq AND m.time = doubtful.time
"""
_FIND: Final = """
    SELECT m.room_id, m.key, seq, time, kind, sender, text
    FROM unnest($1::int[], $2::bytea[]) AS wanted (room_id, key)
    JOIN messages AS m ON m.room_id = wanted.room_id AND m.key = wanted.key
"""


@cache
def _numbered(statement: str) -> str:
    """With ``$1``, ``$2`` … for each ``?``."""
    count = itertools.count(1)
    return re.sub(r"\?", lambda _: f"${next(count)}", statement)


_CREATE: Final = _numbered(statements.CREATE)
_BASE: Final = _numbered(statements.BASE)
_AFTER: Final = _numbered(statements.AFTER)
_BEFORE: Final = _numbered(statements.BEFORE)


class PostgreSQLStore:
    """A `chatapp.model.ports.Store`; its connections are made when they are needed.

    Args:
        url: of the database, whose schema is the newest.
        durability: with ``power`` each commit waits for the server's disk, even where the server's
            own settings say otherwise.
        keep: messages of each room; 0 for all.
    """

    def __init__(self, url: str, durability: str, keep: int) -> None:
        self._url = url
        self._options = {"synchronous_commit": "on"} if durability == "power" else {}
        self._keep = keep
        self._turn = asyncio.Lock()
        self._writer: Any = None
        self._doubtful: list[tuple[Any, ...]] = []  # room, number and time: it may be there
        self._making = asyncio.Lock()
        self._readers: Any = None
        self._writing = Outage("nothing can be kept")
        self._reading = Outage("old messages are lacking")
        self.records = DatabaseRecords(
            lambda *asked: Awaiting(self._write(_rows, *asked)),
            lambda *asked: Awaiting(self._read(_rows, *asked)),
        )

    def append(self, entries: Sequence[Entry]) -> Awaiting[None]:
        return Awaiting(self._write(self._append, entries))

    def check(self) -> Awaiting[None]:
        return Awaiting(self._write(_execute, Statement(statements.CHECK)))

    def find(self, keys: Keys) -> Awaiting[dict[tuple[int, str], Message]]:
        return Awaiting(self._read(_find, keys))

    def after(self, room: int, seq: int, limit: int, size: int) -> Awaiting[Page]:
        return Awaiting(self._read(_after, room, seq, limit, size))

    def before(self, room: int, seq: int, limit: int) -> Awaiting[Page]:
        return Awaiting(self._read(_before, room, seq, limit))

    def rooms(self) -> Awaiting[list[RoomRow]]:
        return Awaiting(self._read(_rooms))

    def create(self, name: str, note: Note | None = None) -> Awaiting[RoomRow]:
        return Awaiting(self._write(_create, name, note))

    def rename(self, room: int, name: str, note: Note | None = None) -> Awaiting[None]:
        rename = Statement(statements.RENAME, (name.encode(), room))
        return Awaiting(self._write(_execute, rename, *noted(note)))

    def remove(self, room: int, note: Note | None = None) -> Awaiting[None]:
        remove = Statement(statements.REMOVE, (room,))
        return Awaiting(self._write(_execute, remove, *noted(note)))

    def close(self) -> None:
        """Let go of the connections, while their loop runs and nothing is under way any more."""
        if self._writer is not None:
            self._writer.terminate()
        if self._readers is not None:
            self._readers.terminate()

    async def _append(self, connection: Any, entries: Sequence[Entry]) -> None:
        rows = [statements.columns(entry) for entry in entries]
        trims = list(statements.trims(entries, self._keep))
        self._doubtful = [row[:3] for row in rows]
        try:
            await connection.execute(_APPEND, *_columns(rows, 7), *_columns(trims, 2))
        except asyncpg.IntegrityConstraintViolationError:
            self._doubtful = []  # certainly not done
            raise
        self._doubtful = []

    async def _write(
        self, function: Callable[Concatenate[Any, P], Awaitable[T]], *args: P.args, **kw: P.kwargs
    ) -> T:
        async with self._turn:
            try:
                if self._writer is None or self._writer.is_closed():
                    self._writer = await self._connected()
                result = await function(self._writer, *args, **kw)
            except asyncpg.IntegrityConstraintViolationError:
                raise Conflict("This name, number or key is there already.") from None
            except BaseException as error:  # also when it is cancelled: its answer is lost
                if self._writer is not None:
                    self._writer.terminate()
                if not isinstance(error, FAULTS):
                    raise
                self._writing.begins(error)
                raise Unavailable(_sentence(error)) from None
        self._writing.ends()
        return result

    async def _connected(self) -> Any:
        """A connection that may write."""
        connection = await _connect(self._url, self._options)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
            await connection.execute(_UNDO, *_columns(self._doubtful, 3))
        except BaseException:
            connection.terminate()
            raise
        self._doubtful = []
        return connection

    async def _read(
        self, function: Callable[Concatenate[Any, P], Awaitable[T]], *args: P.args, **kw: P.kwargs
    ) -> T:
        try:
            async with self._making:
                if self._readers is None:
                    self._readers = await asyncpg.create_pool(
                        self._url,
                        min_size=0,
                        max_size=READERS,
                        timeout=TIMEOUT,
                        command_timeout=TIMEOUT,
                    )
            async with (
                self._readers.acquire(timeout=TIMEOUT) as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                result = await function(connection, *args, **kw)
        except FAULTS as error:
            self._reading.begins(error)
            raise Unavailable(_sentence(error)) from None
        self._reading.ends()
        return result


async def _find(connection: Any, keys: Keys) -> dict[tuple[int, str], Message]:
    wanted = [(room, key.encode()) for room, key in keys]
    rows = await connection.fetch(_FIND, *_columns(wanted, 2))
    return {(room, key.decode()): statements.message(room, row) for room, key, *row in rows}


async def _after(connection: Any, room: int, seq: int, limit: int, size: int) -> Page:
    messages: list[Message] = []
    async for row in connection.cursor(_AFTER, room, seq, limit):
        message = statements.message(room, row)
        size -= len(message.text)
        if size < 0 and messages:
            break
        messages.append(message)
    return Page(messages, await connection.fetchval(_BASE, room))


async def _before(connection: Any, room: int, seq: int, limit: int) -> Page:
    rows = await connection.fetch(_BEFORE, room, seq, limit)
    messages = [statements.message(room, row) for row in reversed(rows)]
    return Page(messages, await connection.fetchval(_BASE, room))


async def _rooms(connection: Any) -> list[RoomRow]:
    return [statements.room_row(row) for row in await connection.fetch(statements.ROOMS)]


async def _create(connection: Any, name: str, note: Note | None) -> RoomRow:
    values = statements.new_room(name)
    async with connection.transaction():
        number = await connection.fetchval(_CREATE, *values)
        await _execute(connection, *noted(note, number))
    return RoomRow(number, name, values[1])


async def _execute(connection: Any, *asked: Statement) -> None:
    await _rows(connection, *asked)


async def _rows(connection: Any, *asked: Statement) -> list[list[Any]]:
    async with connection.transaction():
        return [await connection.fetch(_numbered(text), *values) for text, values in asked]


def _columns(rows: Sequence[Sequence[Any]], count: int) -> list[list[Any]]:
    """A list for each column, of rows that are none or have so many."""
    return [[row[column] for row in rows] for column in range(count)]


async def _connect(url: str, options: dict[str, str]) -> Any:
    return await asyncpg.connect(
        url,
        timeout=TIMEOUT,
        command_timeout=TIMEOUT,
        server_settings={
            "lock_timeout": f"{PATIENCE * 1000:.0f}",
            # That a machine is gone is soon noticed there, and its lock let go.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
            **options,
        },
    )


def _sentence(error: BaseException) -> str:
    if isinstance(error, asyncpg.DiskFullError):
        return "The disk is full."
    if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
        return "The database can only be read."
    if isinstance(error, asyncpg.LockNotAvailableError):
        return "The database is locked by another program."
    if isinstance(error, OSError | TimeoutError | asyncpg.PostgresConnectionError):
        return "The database does not answer."
    return "The database does not work."


# The start, when no loop runs yet


def open_postgresql(
    url: str, durability: str, keep: int, set_up: bool
) -> tuple[PostgreSQLStore, list[RoomRow], Standing]:
    """See `chatapp.store.opening.open_store`.

    Raises:
        SettingsError: it cannot be used.
    """
    try:
        rooms, known = asyncio.run(_prepare(url, set_up))
    except SettingsError as error:
        raise SettingsError(f"sqlalchemy.url: {error}") from error
    except asyncpg.LockNotAvailableError as error:
        raise SettingsError(
            "sqlalchemy.url: another process uses the database; stop it first"
        ) from error
    except FAULTS as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SettingsError(f"sqlalchemy.url: cannot use the database: {reason}") from error
    return PostgreSQLStore(url, durability, keep), rooms, known


async def _prepare(url: str, set_up: bool) -> tuple[list[RoomRow], Standing]:
    try:
        connection = await _connect(url, {})
    except (ValueError, asyncpg.InterfaceError):  # which may quote it, with its password
        raise SettingsError("it is no postgresql://user:password@host:port/database") from None
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        if must_migrate(*await _schema(connection), set_up):
            await migrating().migrate_postgresql(url)
        return await _rooms(connection), standing(await _rows(connection, *STANDING))
    finally:
        await connection.close()


async def _schema(connection: Any) -> tuple[set[str], str | None]:
    """The names of its tables, and the revision that Alembic has noted."""
    names = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    tables = {row[0] for row in await connection.fetch(names)}
    revision: str | None = None
    if "alembic_version" in tables:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    return tables, revision
