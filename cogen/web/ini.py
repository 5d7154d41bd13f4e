"""What the ``cogen`` command takes of a Paste ini file: its application and ``[server:main]``."""

from __future__ import annotations

import logging.config
from configparser import RawConfigParser
from pathlib import Path
from typing import NamedTuple

from paste.deploy import loadwsgi

from cogen.errors import SettingsError
from cogen.web.exchange import Application
from cogen.web.wsgi import server_factory

__all__ = ["Ini", "read_ini"]


class Ini(NamedTuple):
    """An ini file.

    Attributes:
        path: absolute.
        name: of the application in it.
        section: the server's settings.
    """

    path: str
    name: str
    section: dict[str, str]

    def application(self) -> Application:
        """Make it. Raises whatever that raises."""
        made: Application = loadwsgi.loadapp(f"config:{self.path}", name=self.name)
        return made

    def configure_logging(self) -> bool:
        """As ``paster serve`` does, by ``[loggers]``; False without such a section."""
        parser = RawConfigParser()
        parser.read(self.path)
        if not parser.has_section("loggers"):
            return False
        here = {"here": str(Path(self.path).parent), "__file__": self.path}
        logging.config.fileConfig(self.path, here, disable_existing_loggers=False)
        return True


def read_ini(target: str) -> Ini:
    """Read ``file.ini`` or ``file.ini#application``.

    The settings of ``[server:main]`` are ours if it uses cogen; of another server's, only ``host``
    and ``port`` are taken.

    Raises:
        SettingsError: it cannot be read.
    """
    file, _, name = target.partition("#")
    path = str(Path(file).absolute())
    try:
        with open(path, encoding="utf-8"):  # noqa: PTH123 - only whether it can be
            pass
        context = loadwsgi.loadcontext(loadwsgi.SERVER, f"config:{path}", name="main")
    except OSError as error:
        raise SettingsError(f"--paste: cannot read {file!r}: {error.strerror}") from None
    except LookupError:
        return Ini(path, name or "main", {})  # it has no such section
    except Exception as error:  # noqa: BLE001 - of the parser's, of Paste's, of whatever `use` imports
        line = " ".join(str(error).split())
        raise SettingsError(f"--paste: {file}: {line}") from None
    section = dict(context.local_conf)
    if context.object is not server_factory:
        section = {key: section[key] for key in ("host", "port") if key in section}
    return Ini(path, name or "main", section)
