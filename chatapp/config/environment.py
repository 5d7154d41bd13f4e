"""Wires the parts of the chat from its settings."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from chatapp.broker.local import LocalBroker
from chatapp.config.settings import ChatSettings
from chatapp.controllers.account import AccountController
from chatapp.controllers.api import ApiController
from chatapp.controllers.chat import ChatController
from chatapp.controllers.events import EventsController
from chatapp.controllers.messages import MessagesController
from chatapp.controllers.poll import PollController
from chatapp.controllers.rooms import RoomsController
from chatapp.lib.base import BaseController
from chatapp.lib.protection import Administrator, Limit
from chatapp.lib.speech import Speech
from chatapp.model.client import Bounds
from chatapp.model.ports import RoomRow, Store
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.errors import SettingsError

__all__ = ["Environment", "load_environment"]


class Environment(NamedTuple):
    """The parts."""

    rooms: Rooms
    roster: Roster
    broker: LocalBroker
    controllers: dict[str, BaseController]
    secret: str


def load_environment(
    settings: ChatSettings,
    store: Store,
    rows: Sequence[RoomRow],
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> Environment:
    """Make them.

    Args:
        store: where messages are kept.
        rows: the rooms that it has.
        clock: seconds since the Unix epoch.
        monotonic: seconds, never going back.

    Raises:
        SettingsError: the data folder cannot be used.
    """
    rooms = Rooms(rows, store, settings.window)
    broker = LocalBroker(rooms, store, clock)
    bounds = Bounds(settings.queue_size, settings.queue_bytes)
    roster = Roster(broker, bounds, settings.idle, settings.linger, settings.max_clients)
    pushes = Limit(settings.push_rate, monotonic)
    logins = Limit(settings.login_rate, monotonic)
    creations = Limit(settings.room_rate, monotonic)
    administrator = Administrator(settings.admin_token)
    speech = Speech(roster, broker, pushes, logins, settings.max_text)
    controllers: dict[str, BaseController] = {
        "account": AccountController(rooms, roster, broker, speech, administrator, logins),
        "api": ApiController(),
        "chat": ChatController(rooms, roster, speech, logins, settings.pull_timeout),
        "events": EventsController(rooms, roster, settings.heartbeat),
        "messages": MessagesController(rooms, roster, speech),
        "poll": PollController(rooms, roster, speech, settings.pull_timeout),
        "rooms": RoomsController(rooms, roster, administrator, creations),
    }
    secret = settings.secret or _kept_secret(Path(settings.data))
    return Environment(rooms, roster, broker, controllers, secret)


def _kept_secret(folder: Path) -> str:
    """The secret that signs sessions, kept so that they outlive a restart."""
    path = folder / "secret"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _make_secret(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"chat.data = {str(folder)!r}: {error}") from None
    if len(secret) < 32:
        raise SettingsError(f"{str(path)!r} holds no secret; remove it, and a new one is made")
    return secret


def _make_secret(path: Path) -> None:
    """All at once, so that of two that start together neither reads half of it."""
    descriptor, new = tempfile.mkstemp(prefix="secret.", dir=path.parent)  # mode 600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
    finally:
        Path(new).unlink()
