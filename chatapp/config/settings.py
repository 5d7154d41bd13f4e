"""Every setting of the chat: ``[app:main]`` of the ini file. The only place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from cogen.errors import SettingsError
from cogen.web.settings import read

__all__ = [
    "ApplicationSettings",
    "ChatSettings",
    "DatabaseSettings",
    "ElementSettings",
    "LiveSettings",
    "PageSettings",
    "TelnetSettings",
    "read_application",
    "read_live",
]

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=31_536_000)]  # a year; never infinity
SECRET = {"secret": True}  # not to be shown
Rate = Annotated[float, Meta(ge=0, le=1_000_000)]


class ChatSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``chat.…``. An environment variable overrides each: ``CHAT_WINDOW`` for ``chat.window``."""

    data: Annotated[
        str, Meta(min_length=1, description="folder for what must outlive the process")
    ] = "data"
    secret: Annotated[
        str,
        Meta(
            pattern="^(.{32,})?$",
            extra=SECRET,
            description="signs the sessions; made at the first start and kept in data",
        ),
    ] = ""
    admin_token: Annotated[
        str,
        Meta(
            pattern="^([!-~]{16,})?$",
            extra=SECRET,
            description="who sends it is an administrator; without it no program is",
        ),
    ] = ""
    status_from: Annotated[
        str, Meta(description="who may see /metrics and /status: addresses, networks, unix, *")
    ] = ""
    admin_lifetime: Annotated[
        Seconds, Meta(description="after which an administrator is to log in again")
    ] = 43_200.0
    admin_idle: Annotated[
        Seconds, Meta(description="without a request, after which an administrator is to")
    ] = 1800.0
    durability: Annotated[
        Literal["process", "power"],
        Meta(description="what an answered push survives the loss of: process or power"),
    ] = "process"
    keep: Annotated[
        int, Meta(ge=0, description="messages of each room that the store keeps; 0 for all")
    ] = 0
    window: Annotated[Count, Meta(description="messages that the room's log holds")] = 1000
    queue_size: Annotated[Count, Meta(description="messages that a client's queue holds")] = 10
    queue_bytes: Annotated[
        Count, Meta(description="characters of the texts that a client's queue holds")
    ] = 65_536
    linger: Annotated[
        Seconds, Meta(description="without a pull, after which a person has left the room")
    ] = 15.0
    pull_timeout: Annotated[Seconds, Meta(description="the longest wait of a pull")] = 10.0
    heartbeat: Annotated[
        Seconds, Meta(description="of silence, after which a stream says that it is still there")
    ] = 15.0
    idle: Annotated[
        Seconds, Meta(description="without a pull, after which a client is removed")
    ] = 60.0
    max_text: Annotated[Count, Meta(description="bytes of UTF-8 in a message")] = 8192
    max_clients: Annotated[Count, Meta(description="clients at the same time; then 503")] = 100_000
    push_rate: Annotated[
        Rate, Meta(description="messages a second that one may send; 0 for no limit")
    ] = 0.0
    login_rate: Annotated[
        Rate, Meta(description="names a second that one may choose; 0 for no limit")
    ] = 0.0
    room_rate: Annotated[
        Rate, Meta(description="rooms a second that one may make; 0 for no limit")
    ] = 0.0


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``sqlalchemy.…``, as Pylons has always called it."""

    url: Annotated[
        str,
        Meta(description="sqlite:///path or postgresql://user:password@host/database"),
    ] = ""


class TelnetSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``telnet.…``. An environment variable overrides each: ``TELNET_PORT`` for ``telnet.port``."""

    port: Annotated[
        int, Meta(ge=0, le=65_535, description="where terminals connect; 0 for no such door")
    ] = 0
    host: Annotated[str, Meta(description="name or address; empty for the server's")] = ""
    idle: Annotated[
        float,
        Meta(
            ge=0,
            le=31_536_000,
            description="seconds without a typed line, after which it is closed; 0 for never",
        ),
    ] = 3600.0
    per_address: Annotated[
        Count, Meta(description="connections of one address, or network of 64 bits")
    ] = 20


class LiveSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``live.…``. An environment variable overrides each, for all that are mounted: ``LIVE_IDLE``
    for ``live.idle``."""

    idle: Annotated[
        Seconds, Meta(description="in which a page is not heard of, after which it is gone")
    ] = 60.0
    wait: Annotated[Seconds, Meta(description="the longest wait of a page's poll")] = 25.0
    max_message: Annotated[
        int,
        Meta(
            ge=1024,
            le=1024 * 1024,
            description="bytes of JSON that a call's arguments, or a result, may have",
        ),
    ] = 32_768
    max_channels: Annotated[
        Count, Meta(description="pages that are open at the same time; then 503")
    ] = 10_000
    max_pages: Annotated[
        Count, Meta(description="of them one session's; the idlest makes place, or 503")
    ] = 64


class ElementSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``egg:ChatApp#live`` shows: the section's keys without a namespace."""

    element: Annotated[
        str,
        Meta(
            pattern=r"^\s*[\w.]+\.\w+(\s+[\w.]+\.\w+)*\s*$",
            description="dotted names of what makes the page's elements, separated by white space",
        ),
    ] = ""
    path: Annotated[str, Meta(description="folder from which they can be imported")] = ""
    title: Annotated[str, Meta(description="of the page")] = "ChatApp"


class PageSettings(NamedTuple):
    """A whole section of ``egg:ChatApp#live``.

    Attributes:
        shown: what is on the page.
        live: its channels.
    """

    shown: ElementSettings
    live: LiveSettings


class ApplicationSettings(NamedTuple):
    """A whole section.

    Attributes:
        mounts: what is mounted at which path of the chat.
        pyramid: its keys that begin with ``pyramid.``, which are Pyramid's.
    """

    chat: ChatSettings
    database: DatabaseSettings
    telnet: TelnetSettings
    mounts: dict[str, str]
    pyramid: dict[str, str]


def read_live(
    section: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> PageSettings:
    """Read a section of ``egg:ChatApp#live``; the environment (by default the process's) has the
    last word over ``live.…``.

    Raises:
        SettingsError: a setting is unknown, bad or missing; one line says which.
    """
    live = {key: value for key, value in section.items() if key.startswith("live.")}
    shown = {key: value for key, value in section.items() if key not in live}
    table = read(ElementSettings, shown, {})
    if not table.element:
        raise SettingsError("element names nothing: element = package.module.factory")
    return PageSettings(
        table,
        read(LiveSettings, live, environment, prefix="live.", variables="LIVE_"),
    )


def read_application(
    section: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> ApplicationSettings:
    """Read ``[app:main]``; the environment (by default the process's) has the last word.

    ``SQLALCHEMY_URL`` counts more than ``DATABASE_URL``, which hosts of applications set. Other
    variables that begin so are somebody else's.

    Raises:
        SettingsError: a setting is unknown or bad; one line says which.
    """
    environment = os.environ if environment is None else environment
    chat, database, telnet, pyramid = dict(section), {}, {}, {}
    mounts = _mount_points(section)
    for key in section:
        if key.startswith("/"):
            del chat[key]
        elif key.startswith("pyramid."):
            pyramid[key] = chat.pop(key)
        elif key.startswith("sqlalchemy."):
            database[key] = chat.pop(key)
        elif key.startswith("telnet."):
            telnet[key] = chat.pop(key)
    for variables in ("SQLALCHEMY_", "DATABASE_"):
        names = (f"{variables}URL", f"{variables}URL_FILE")
        given = {name: environment[name] for name in names if environment.get(name)}
        if given:
            break
    return ApplicationSettings(
        read(ChatSettings, chat, environment, prefix="chat.", variables="CHAT_"),
        read(DatabaseSettings, database, given, prefix="sqlalchemy.", variables=variables),
        read(TelnetSettings, telnet, environment, prefix="telnet.", variables="TELNET_"),
        mounts,
        pyramid,
    )


def _mount_points(section: Mapping[str, str]) -> dict[str, str]:
    """Its keys that begin with a slash, without one at their end, and the names there.

    Raises:
        SettingsError: a path is none, or is all of the chat, or is not plain ASCII.
    """
    points = {}
    for key, name in section.items():
        if key.startswith("/"):
            path = key.rstrip("/")
            if not path or "//" in path or not path.isascii():
                raise SettingsError(f"{key} = {name}: nothing can be mounted there")
            points[path] = name
    return points
