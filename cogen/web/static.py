"""Static files from an ordered list of folders, before an application: by WhiteNoise.

    [filter:static]
    use = egg:ChatApp#static
    prefix = static
    folders =
        %(here)s/site/static
        %(here)s/shared/static
        django.contrib.admin:static

The first folder that has a file wins. The folders are read once, at the start: what is served is
what was found there, by a look into a dictionary, so that no address leads out of them. WhiteNoise
answers conditional requests and ranges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from whitenoise import WhiteNoise

from cogen.errors import SettingsError
from cogen.web.exchange import Application
from cogen.web.settings import read

__all__ = ["StaticSettings", "make_filter", "static_files"]


class StaticSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[filter:…]`` of the ini file."""

    folders: Annotated[
        str, Meta(description="one a line, or `package:folder`; the first that has a file wins")
    ] = ""
    prefix: Annotated[str, Meta(description="what their addresses begin with")] = "static"
    max_age: Annotated[
        int, Meta(ge=0, le=31_536_000, description="seconds that clients keep a file unasked")
    ] = 60


def static_files(
    application: Application,
    folders: Iterable[str | Path],
    prefix: str = "static",
    max_age: int = 60,
) -> Application:
    """The application with static files before it.

    Args:
        application: asked for everything that is no file.
        folders: paths, or ``package:folder``; the first that has a file wins.
        prefix: what the files' addresses begin with, relative to where it is mounted.
        max_age: seconds that clients keep a file unasked.

    Raises:
        SettingsError: a folder is not there.
    """
    files = WhiteNoise(application, max_age=max_age, allow_all_origins=False)
    for folder in reversed([_found(str(each)) for each in folders]):
        files.add_files(str(folder), prefix)  # the last that was added wins
    served: Application = files
    return served


def make_filter(app: Application, global_conf: Mapping[str, str], **local_conf: str) -> Application:
    """Paste's ``filter_app_factory``.

    Raises:
        SystemExit: a setting is unknown or bad, or a folder is not there; one line says which.
    """
    try:
        settings = read(StaticSettings, local_conf, {})
        folders = [line.strip() for line in settings.folders.splitlines() if line.strip()]
        if not folders:
            raise SettingsError("folders names no folder")
        return static_files(app, folders, settings.prefix, settings.max_age)
    except SettingsError as error:
        raise SystemExit(f"[filter] egg:ChatApp#static: {error}") from None


def _found(folder: str) -> Path:
    package, colon, inside = folder.partition(":")
    path = Path(folder)
    if colon and not path.is_dir():
        try:
            spec = find_spec(package)
        except (ImportError, ValueError):
            spec = None
        if spec is None or not spec.submodule_search_locations:
            raise SettingsError(f"folders = {folder!r}: there is no package {package!r}")
        path = Path(spec.submodule_search_locations[0]) / inside
    if not path.is_dir():
        raise SettingsError(f"folders = {folder!r}: there is no such folder")
    return path
