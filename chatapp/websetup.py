"""``paster setup-app test.ini``: makes the database, or brings an old one up to date.

And the first administrator, if there is none.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from paste.deploy import appconfig
from paste.script import appinstall

from chatapp.config.appointing import appoint_first
from chatapp.config.settings import read_application
from chatapp.store.opening import ClosableStore, open_store
from cogen.errors import SettingsError

__all__ = ["Installer", "setup_app"]

log = logging.getLogger(__name__)


class Installer(appinstall.Installer):
    """What ``paster setup-app`` asks. PasteScript's own fails, as cogen has no ``websetup``."""

    def setup_config(self, command: Any, filename: str, section: str, vars: dict[str, Any]) -> None:
        conf = appconfig(f"config:{Path(filename).absolute()}", section.partition(":")[2])
        setup_app(command, conf, vars)


def setup_app(command: Any, conf: Any, vars: dict[str, Any]) -> None:
    """Set it up; a second time changes nothing.

    Args:
        conf: of ``[app:main]``; its ``local_conf`` is the section.

    Raises:
        SystemExit: a setting is bad, or the database cannot be used, or there is no administrator
            though one was wanted; one line says why.
    """
    try:
        settings = read_application(conf.local_conf)
        opened = open_store(settings.database.url, Path(settings.chat.data), set_up=True)
        log.info("the database is ready; it has %d rooms", len(opened.rooms))
        sys.stdout.write(f"ChatApp: {asyncio.run(_appoint(opened.store))}\n")
    except SettingsError as error:
        raise SystemExit(f"[app:main] {error}") from None


async def _appoint(store: ClosableStore) -> str:
    try:
        return await appoint_first(store.records)
    finally:
        store.close()
