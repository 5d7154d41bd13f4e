"""Wires the parts of the chat from its settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chatapp.broker.local import LocalBroker
from chatapp.config.settings import ChatSettings
from chatapp.controllers.chat import ChatController
from chatapp.lib.base import BaseController
from chatapp.model.client import Bounds
from chatapp.model.ports import RoomRow, Store
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster

__all__ = ["Environment", "load_environment"]


class Environment(NamedTuple):
    """The parts."""

    rooms: Rooms
    roster: Roster
    broker: LocalBroker
    controllers: dict[str, BaseController]


def load_environment(
    settings: ChatSettings,
    store: Store,
    rows: Sequence[RoomRow],
    clock: Callable[[], float] = time.time,
) -> Environment:
    """Make them.

    Args:
        store: where messages are kept.
        rows: the rooms that it has.
        clock: seconds since the Unix epoch.
    """
    rooms = Rooms(rows, store, settings.window)
    broker = LocalBroker(rooms, store, clock)
    bounds = Bounds(settings.queue_size, settings.queue_bytes)
    roster = Roster(broker, bounds, settings.idle, settings.linger, settings.max_clients)
    chat = ChatController(rooms, roster, broker, settings.pull_timeout, settings.max_text)
    controllers: dict[str, BaseController] = {"chat": chat}
    return Environment(rooms, roster, broker, controllers)
