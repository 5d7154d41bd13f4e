"""``python -m chatapp.restored test.ini``: the database is a backup that was put back.

What was said after the backup is gone, and its numbers will be given a second time. A client that
has heard it would take the new messages for those; so every room gets another epoch, by which each
client learns that the room began anew. And who was logged in as administrator at that time may have
logged out since, so nobody is any more.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from chatapp.config.offline import open_offline
from chatapp.model.ports import Unavailable
from chatapp.model.records import Note
from chatapp.store.opening import Opened
from cogen.errors import SettingsError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """What the command does.

    Raises:
        SystemExit: it cannot be done; one line says why.
    """
    parser = argparse.ArgumentParser(
        prog="python -m chatapp.restored",
        description="After a backup was put back: bring it up to date, tell all clients that the"
        " rooms begin anew, and end the administrators' sessions. The server is stopped.",
    )
    parser.add_argument("ini", type=Path, help="the file that the server is started with")
    given = parser.parse_args(arguments)
    try:
        rooms = asyncio.run(_renew(open_offline(given.ini, set_up=True)))
    except (SettingsError, Unavailable, OSError, LookupError) as error:
        raise SystemExit(f"{given.ini}: {error}") from None
    sys.stdout.write(f"ChatApp: {rooms} rooms begin anew for who comes back\n")


async def _renew(opened: Opened) -> int:
    try:
        note = Note(time.time_ns() // 1000, "", "", "store.restored")
        await opened.store.records.restored([row.id for row in opened.rooms], note)
    finally:
        opened.store.close()
    return len(opened.rooms)


if __name__ == "__main__":
    main()
