"""One process writes to a database file: two would give the same numbers to different messages."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from cogen.errors import SettingsError

__all__ = ["FileLock"]


class FileLock:
    """Held until `close`, or the end of the process, whatever ended it.

    Args:
        path: of a file beside the database, which stays there.

    Raises:
        SettingsError: another process holds it.
        OSError: the file can be neither opened nor made.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise SettingsError("another process uses the database; stop it first") from None

    def close(self) -> None:
        os.close(self._descriptor)
