"""``python -m chatapp.administrators test.ini ann``: one administrator more, or another password.

While the server is stopped: a database has one writer, and a running server knows its sessions.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from paste.deploy import appconfig

from chatapp.config.appointing import FILE, appoint
from chatapp.config.settings import read_application
from chatapp.store.opening import ClosableStore, open_store
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
        conf = appconfig(f"config:{given.ini.absolute()}", "main")
        settings = read_application(conf.local_conf)
        opened = open_store(settings.database.url, Path(settings.chat.data))
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
