"""Faults of a running server's disk, made for real, and undone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from tests.functional.chat_server import ChatServer

__all__ = ["FAULTS", "Fault"]

# A small disk of one's own needs a namespace of one's own.
_SMALL_DISK = ("unshare", "--map-root-user", "--mount", "sh", "-ec")
_MOUNT = 'mount -t tmpfs -o size=32m none "$0"; exec "$@"'


class Fault(NamedTuple):
    """What can be the matter.

    Attributes:
        lasts: the context in which it is so; takes a server and the folder of its data.
        sentence: what is said to who pushes.
        before: what the server is an argument of, given that folder.
        anew: it only concerns a server that has not written yet.
    """

    lasts: Callable[[ChatServer, Path], AbstractContextManager[None]]
    sentence: str
    before: Callable[[Path], Sequence[str]]
    anew: bool = False


@contextlib.contextmanager
def _full(server: ChatServer, data: Path) -> Iterator[None]:
    # Only the server has that disk; this is how others see it.
    filler = Path(f"/proc/{server.pid}/root") / data.relative_to("/") / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    yield
    filler.unlink()


@contextlib.contextmanager
def _read_only(server: ChatServer, data: Path) -> Iterator[None]:
    (data / "chat.db").chmod(0o400)
    yield
    (data / "chat.db").chmod(0o600)


@contextlib.contextmanager
def _locked(server: ChatServer, data: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(data / "chat.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def _mounted(data: Path) -> Sequence[str]:
    return [*_SMALL_DISK, _MOUNT, str(data)]


def _no_superuser(data: Path) -> Sequence[str]:
    """Whom no permission would stop."""
    return ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []


FAULTS = {
    "full": Fault(_full, "The disk is full.", _mounted),
    "read-only": Fault(_read_only, "The database can only be read.", _no_superuser, anew=True),
    "locked": Fault(_locked, "The database is locked by another program.", lambda _: []),
}
