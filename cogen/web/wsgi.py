"""The door for Paste: ``[server:main] use = egg:ChatApp#cogen``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from cogen.errors import SettingsError
from cogen.web.exchange import Application
from cogen.web.reload import reloading
from cogen.web.server import Server, bind
from cogen.web.settings import ServerSettings, read

__all__ = ["server_factory", "server_settings"]


def server_settings(
    section: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> ServerSettings:
    """The settings of an ini section. ``HOST``, ``PORT`` and ``COGEN_…`` have the last word.

    Raises:
        SettingsError: one of them is unknown or has a bad value.
    """
    environment = dict(os.environ if environment is None else environment)
    for name in ("HOST", "PORT"):
        if environment.get(name):
            environment.setdefault(f"COGEN_{name}", environment[name])
    return read(ServerSettings, section, environment, variables="COGEN_")


def server_factory(
    global_conf: Mapping[str, str], **local_conf: str
) -> Callable[[Application], None]:
    """A Paste server factory: gives a function that serves an application until a signal.

    Raises:
        SystemExit: a setting is bad, or the address cannot be had; one line says which.
    """
    try:
        settings = server_settings(local_conf)
    except SettingsError as error:
        raise SystemExit(f"[server:main] {error}") from None
    if settings.reload:
        reloading([global_conf["__file__"]] if "__file__" in global_conf else [])
    try:  # here, not in `serve`: there Paste would take it for a wish to end, and give code 0
        sock = bind(settings)
    except OSError as error:
        where = settings.unix_socket or f"{settings.host}:{settings.port}"
        raise SystemExit(f"cannot listen on {where}: {error.strerror or error}") from None

    def serve(application: Application) -> None:
        Server(application, settings, sock).run()
        sys.stdout.flush()

    return serve
