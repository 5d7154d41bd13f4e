"""From a URL to a store that can be used: its schema is right, and nobody else writes to it."""

from __future__ import annotations

import contextlib
import importlib
import os
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from chatapp.model.ports import RoomRow, Store, Unavailable
from chatapp.model.records import Standing
from chatapp.store.lock import FileLock
from chatapp.store.sqlite import SQLiteStore, connect
from chatapp.store.version import migrating, must_migrate
from cogen.errors import SettingsError

__all__ = ["ClosableStore", "Opened", "open_store"]


class ClosableStore(Store, Protocol):
    """A store that can be let go of."""

    def close(self) -> None:
        """When nothing is under way any more."""
        ...


class Opened(NamedTuple):
    """What `open_store` gives.

    Attributes:
        store: for one event loop.
        rooms: what `Store.rooms` would give now; for the start, when no loop runs yet.
        standing: of administrators.
    """

    store: ClosableStore
    rooms: list[RoomRow]
    standing: Standing


def open_store(
    url: str,
    folder: Path,
    durability: str = "process",
    keep: int = 0,
    *,
    set_up: bool = False,
) -> Opened:
    """Open it; an empty or absent database is set up first. Not where an event loop runs.

    Args:
        url: ``sqlite:///relative/path``, ``sqlite:////absolute/path`` or
            ``postgresql://user:password@host:port/database``; empty for SQLite in the folder.
        folder: where ``chat.db`` is, then.
        durability: what a message survives that was kept: the end of the ``process``, or also that
            of the machine, without ``power``.
        keep: messages of each room; 0 for all.
        set_up: bring an older schema up to date.

    Raises:
        SettingsError: it cannot be used; one line, which shows no password, says why.
    """
    scheme, _, rest = url.partition("://")
    if not url:
        path = folder / "chat.db"
    elif scheme in ("postgresql", "postgres"):
        postgresql = importlib.import_module("chatapp.store.postgresql")  # many have no need of it
        opened: Opened = Opened(*postgresql.open_postgresql(url, durability, keep, set_up))
        return opened
    elif scheme != "sqlite":
        raise SettingsError(
            "sqlalchemy.url begins with sqlite:/// or postgresql://"
            + (f", not {scheme}://" if scheme.isidentifier() and rest else "")
        )
    elif not rest.startswith("/") or rest in ("/", "/:memory:"):
        raise SettingsError("sqlalchemy.url: SQLite needs a file, as in sqlite:////srv/chat.db")
    elif "?" in rest:
        raise SettingsError("sqlalchemy.url: SQLite takes no ?parameters here")
    else:
        path = Path(rest[1:])
    try:
        return _open_sqlite(path, durability, keep, set_up)
    except SettingsError as error:
        raise SettingsError(f"{str(path)!r}: {error}") from error
    except Unavailable as error:
        raise SettingsError(f"{str(path)!r}: {error}") from error
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(f"cannot use the database {str(path)!r}: {error}") from error


def _open_sqlite(path: Path, durability: str, keep: int, set_up: bool) -> Opened:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        lock = FileLock(path.with_name(path.name + "-lock"))
        stack.callback(lock.close)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))  # its log gets the same mode
        if must_migrate(*_schema(path), set_up):
            migrating().migrate_sqlite(path)
        store = SQLiteStore(path, durability, keep, lock)
        stack.callback(store.close)
        started = store.start()
        stack.pop_all()
    return Opened(store, *started)


def _schema(path: Path) -> tuple[set[str], Any]:
    """The names of its tables, and the revision that Alembic has noted."""
    with contextlib.closing(connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        revision = None
        if "alembic_version" in tables:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            revision = row[0] if row else None
    return tables, revision
