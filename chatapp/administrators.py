"""``python -m chatapp.administrators test.ini ann``: one administrator more, or another password.

While the server is stopped: a database has one writer, and a running server knows its sessions.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from chatapp.config.appointing import FILE, appoint
from chatapp.config.offline import open_offline
from chatapp.store.opening import ClosableStore
from cogen.errors import SettingsError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """What the command does.

    Raises:
        SystemExit: it cannot be done; one line says why.
    """
    parser = argparse.ArgumentParser(
        prog="python -m chatapp.administrators",
        description="Make an administrator, or give one another password; the server is stopped.",
        epilog=f"The password is asked for, or stands in the file that {FILE} names.",
    )
    parser.add_argument("ini", type=Path, help="the file that the server is started with")
    parser.add_argument("name", help="of the administrator")
    given = parser.parse_args(arguments)
    try:
        opened = open_offline(given.ini)
        sys.stdout.write(f"ChatApp: {asyncio.run(_appoint(opened.store, given.name))}\n")
    except (SettingsError, OSError, LookupError) as error:
        raise SystemExit(f"{given.ini}: {error}") from None


async def _appoint(store: ClosableStore, name: str) -> str:
    try:
        return await appoint(store.records, name)
    finally:
        store.close()


if __name__ == "__main__":
    main()
