"""The door for Paste: ``[server:main] use = egg:ChatApp#cogen``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from cogen.errors import SettingsError
from cogen.web.address import bind
from cogen.web.exchange import Application
from cogen.web.gateways import announced
from cogen.web.reload import reloading
from cogen.web.server import Server, check
from cogen.web.settings import ServerSettings, read

__all__ = ["server_factory", "server_settings"]


def server_settings(
    section: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, str] | None = None,
) -> ServerSettings:
    """The settings of an ini section. ``HOST``, ``PORT`` and ``COGEN_…`` count more.

    Args:
        flags: of a command line; these count most.

    Raises:
        SettingsError: one of them is unknown or has a bad value.
    """
    environment = dict(os.environ if environment is None else environment)
    for name in ("HOST", "PORT"):
        if environment.get(name):
            environment.setdefault(f"COGEN_{name}", environment[name])
    return read(ServerSettings, section, environment, variables="COGEN_", flags=flags)


def server_factory(
    global_conf: Mapping[str, str], **local_conf: str
) -> Callable[[Application], None]:
    """A Paste server factory: gives a function that serves an application until a signal.

    Raises:
        SystemExit: a setting is bad, or the address cannot be had; one line says which.
    """
    try:
        settings = server_settings(local_conf)
        if settings.workers > 1:
            raise SettingsError("workers: Paste runs one process; `cogen --paste` runs more")
        check(settings)
    except SettingsError as error:
        raise SystemExit(f"[server:main] {error}") from None
    if settings.reload:
        files = [global_conf["__file__"]] if "__file__" in global_conf else []
        reloading(files, settings.graceful_timeout)
    try:  # here, not in `serve`, where Paste would have loaded the application for nothing
        sock = bind(settings)
    except OSError as error:
        where = settings.unix_socket or f"{settings.host}:{settings.port}"
        raise SystemExit(f"cannot listen on {where}: {error.strerror or error}") from None

    def serve(application: Application) -> None:
        try:
            Server(application, settings, sock, announced()).run()
        except SettingsError as error:
            raise _failed(f"[server:main] {error}") from None
        except OSError as error:
            raise _failed(f"cannot listen: {error.strerror or error}") from None
        sys.stdout.flush()

    return serve


def _failed(text: str) -> BaseException:
    """What ends the process with a code that is not 0.

    From a server that it runs, PasteScript takes SystemExit for a wish to end, and gives code 0.
    """
    command = sys.modules.get("paste.script.command")
    return SystemExit(text) if command is None else command.BadCommand(text, 1)
