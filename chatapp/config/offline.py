"""The store of an ini file, for commands that change it while its server is stopped."""

from __future__ import annotations

from pathlib import Path

from paste.deploy import appconfig

from chatapp.config.settings import read_application
from chatapp.store.opening import Opened, open_store

__all__ = ["open_offline"]


def open_offline(ini: Path, *, set_up: bool = False) -> Opened:
    """What the server would open.

    Args:
        ini: the file that it is started with.
        set_up: bring an older database up to date.

    Raises:
        LookupError, OSError: there is no such file, or nothing of ours in it.
        SettingsError: a setting is bad, or the database cannot be used: also while it is served.
    """
    conf = appconfig(f"config:{ini.absolute()}", "main")
    settings = read_application(conf.local_conf)
    return open_store(settings.database.url, Path(settings.chat.data), set_up=set_up)
