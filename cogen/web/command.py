"""``cogen module:application``: the server for people who have an application and no ini file.

Exit codes: 0 after a signal; 1 for an application that cannot be loaded, or an address that cannot
be had; 2 for a command line, an environment or an ini file that is wrong. Each error is one line,
but what the application itself raises comes with its traceback.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version

import msgspec

from cogen.errors import SettingsError
from cogen.web import address
from cogen.web.application import NotFound, find
from cogen.web.exchange import Application
from cogen.web.flags import LEVELS, parse
from cogen.web.gateways import announced
from cogen.web.ini import Ini, read_ini
from cogen.web.reload import reloading
from cogen.web.server import Server, check
from cogen.web.settings import SECRET, ServerSettings
from cogen.web.workers import LOAD_FAILED, Workers
from cogen.web.wsgi import server_settings

__all__ = ["main"]

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; gives the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if "--version" in arguments:
        _say(f"cogen {version('ChatApp')}")
        return 0
    options, flags = parse(arguments)
    try:
        if options.chdir:
            _go_to(options.chdir)
        ini = read_ini(options.paste) if options.paste else None
        settings = _settings(ini, flags)
        if options.print_config:
            _print(settings)
            return 0
        check(settings)
        _configure_logging(options, ini)
    except SettingsError as error:
        _complain(str(error))
        return 2
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - text, as all in it
    load = ini.application if ini is not None else lambda: find(options.application)
    if options.check_config:
        if _load(load) is None:
            return 1
        _say("OK")
        return 0
    if settings.reload:
        reloading([ini.path] if ini is not None else [], settings.graceful_timeout)
    return _serve(settings, load)


def _serve(settings: ServerSettings, load: Callable[[], Application]) -> int:
    application = None
    if settings.workers == 1:
        application = _load(load)
        if application is None:
            return 1
    try:
        sock = address.bind(settings)
    except OSError as error:
        where = settings.unix_socket or f"{settings.host}:{settings.port}"
        _complain(f"cannot listen on {where}: {error.strerror or error}")
        return 1
    if application is not None:
        return _run(Server(application, settings, sock, announced()))
    return Workers(settings, partial(_work, settings, load, sock)).run()


def _work(
    settings: ServerSettings,
    load: Callable[[], Application],
    sock: socket.socket,
    loaded: Callable[[], None],
    master: int,
) -> int:
    """A worker's life."""
    application = _load(load)
    if application is None:
        return LOAD_FAILED
    server = Server(application, settings, sock, announced(), master)
    loaded()
    return _run(server)


def _run(server: Server) -> int:
    try:
        server.run()
    except SettingsError as error:
        _complain(str(error))
        return 1
    except OSError as error:
        _complain(f"cannot listen: {error.strerror or error}")
        return 1
    return 0


def _load(load: Callable[[], Application]) -> Application | None:
    """The application; None when there is none, and why has been said."""
    try:
        return load()
    except NotFound as error:
        _complain(str(error))
    except Exception:  # noqa: BLE001 - whatever it raises is the user's to see
        traceback.print_exc()
        _complain("the application cannot be loaded")
    return None


def _settings(ini: Ini | None, flags: dict[str, str]) -> ServerSettings:
    section = dict(ini.section) if ini is not None else {}
    workers = os.environ.get("WEB_CONCURRENCY", "")
    if workers and "workers" not in section:
        if not workers.isdecimal():
            raise SettingsError(f"WEB_CONCURRENCY is a number of processes, not {workers!r}")
        section["workers"] = workers
    settings = server_settings(section, flags=flags)
    if settings.reload and settings.workers > 1:
        if "workers" in flags:
            raise SettingsError("--reload watches one process: not with --workers")
        settings = msgspec.structs.replace(settings, workers=1)
    return settings


def _go_to(folder: str) -> None:
    try:
        os.chdir(folder)
    except OSError as error:
        raise SettingsError(f"--chdir: cannot go to {folder!r}: {error.strerror}") from None


def _configure_logging(options: Namespace, ini: Ini | None) -> None:
    level = options.log_level or os.environ.get("LOG_LEVEL", "").lower()
    if level and level not in LEVELS:
        raise SettingsError(f"LOG_LEVEL is one of {', '.join(LEVELS)}, not {level!r}")
    if ini is None or not ini.configure_logging():
        logging.basicConfig(stream=sys.stderr, format=FORMAT, level=logging.INFO)
    if level:
        logging.getLogger().setLevel(level.upper())


def _print(settings: ServerSettings) -> None:
    """As a section of an ini file."""
    lines = ["[server:main]", "use = egg:ChatApp#cogen"]
    for name, value in msgspec.structs.asdict(settings).items():
        shown = str(value).lower() if isinstance(value, bool) else f"{value}"
        if name in SECRET and value:
            shown = "(set)"
        lines.append(f"{name} = {shown}".rstrip())
    _say("\n".join(lines))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"cogen: {text}\n")
