"""Wires the parts of the chat from its settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from chatapp.broker.local import LocalBroker
from chatapp.config.settings import ChatSettings, TelnetSettings
from chatapp.controllers.account import AccountController
from chatapp.controllers.admin import AdminController
from chatapp.controllers.api import ApiController
from chatapp.controllers.audit import AuditController
from chatapp.controllers.chat import ChatController
from chatapp.controllers.events import EventsController
from chatapp.controllers.health import HealthController
from chatapp.controllers.messages import MessagesController
from chatapp.controllers.people import PeopleController
from chatapp.controllers.poll import PollController
from chatapp.controllers.removal import RemovalController
from chatapp.controllers.rooms import RoomsController
from chatapp.controllers.socket import SocketController
from chatapp.controllers.status import StatusController
from chatapp.gateways.telnet import TelnetGateway
from chatapp.lib.admin_sessions import AdminSessions
from chatapp.lib.base import BaseController
from chatapp.lib.chat import Chat
from chatapp.lib.chat_v1 import ChatV1
from chatapp.lib.health import Health
from chatapp.lib.metrics import Metrics, Pages, Parts
from chatapp.lib.passwords import Passwords, Verifier
from chatapp.lib.plain import Plain
from chatapp.lib.protection import Administrator, Inspector, Limit
from chatapp.lib.speech import Speech
from chatapp.model.client import Bounds
from chatapp.model.guests import Guests
from chatapp.model.ports import RoomRow, Store
from chatapp.model.records import Standing
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from chatapp.model.sanctions import Sanctions
from cogen.web.forwarded import TrustedPeers

__all__ = ["Environment", "load_environment", "telnet_gateway"]

NOTHING: Final = Standing()


class Environment(NamedTuple):
    """The parts."""

    rooms: Rooms
    roster: Roster
    broker: LocalBroker
    controllers: dict[str, BaseController]
    chat: Chat
    administrator: Administrator


def load_environment(
    settings: ChatSettings,
    store: Store,
    rows: Sequence[RoomRow],
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    pages: Sequence[Pages] = (),
    standing: Standing = NOTHING,
    passwords: Verifier | None = None,
) -> Environment:
    """Make them.

    Args:
        settings: of the chat.
        store: where messages are kept.
        rows: the rooms that it has.
        clock: seconds since the Unix epoch.
        monotonic: seconds, never going back.
        pages: live ones that are mounted in it.
        standing: what it has of administrators.
        passwords: by which they are known; None for `Passwords`.

    Raises:
        SettingsError: ``chat.status_from`` is no list of addresses.
    """
    listed = TrustedPeers(settings.status_from, "chat.status_from")
    rooms = Rooms(rows, store, settings.window)
    broker = LocalBroker(rooms, store, clock, monotonic)
    bounds = Bounds(settings.queue_size, settings.queue_bytes)
    roster = Roster(
        broker,
        bounds,
        settings.idle,
        settings.linger,
        settings.max_clients,
        sanctions=Sanctions(standing.sanctions, clock),
    )
    pushes = Limit(settings.push_rate, monotonic)
    logins = Limit(settings.login_rate, monotonic)
    creations = Limit(settings.room_rate, monotonic)
    sessions = AdminSessions(
        store.records, standing.sessions, settings.admin_lifetime, settings.admin_idle, clock
    )
    administrator = Administrator(settings.admin_token, sessions, clock)
    inspector = Inspector(administrator, listed)
    parts = Parts(rooms, roster, broker, pages)
    speech = Speech(roster, broker, pushes, logins, settings.max_text)
    guests = Guests()
    controllers: dict[str, BaseController] = {
        "account": AccountController(rooms, roster, broker, speech, administrator, store.records),
        "admin": AdminController(
            store.records, passwords or Passwords(), sessions, administrator, monotonic
        ),
        "api": ApiController(),
        "audit": AuditController(store.records, administrator),
        "chat": ChatController(rooms, roster, speech, settings.pull_timeout),
        "events": EventsController(rooms, roster, settings.heartbeat),
        "health": HealthController(Health(store, monotonic), Metrics(parts), inspector),
        "messages": MessagesController(rooms, roster, speech),
        "people": PeopleController(
            rooms, roster, speech.speakers, store.records, administrator, guests
        ),
        "poll": PollController(rooms, roster, speech, settings.pull_timeout, guests),
        "removal": RemovalController(rooms, broker, administrator),
        "rooms": RoomsController(rooms, roster, administrator, creations),
        "socket": SocketController(rooms, roster, [ChatV1(roster, speech), Plain(speech)]),
        "status": StatusController(parts, administrator, inspector, store.records),
    }
    chat = Chat(rooms, roster, speech)
    return Environment(rooms, roster, broker, controllers, chat, administrator)


def telnet_gateway(
    environment: Environment, settings: TelnetSettings, heartbeat: float
) -> TelnetGateway:
    """The door for terminals.

    Args:
        heartbeat: seconds of silence, after which a sign of life is asked for.
    """
    return TelnetGateway(
        environment.rooms,
        environment.roster,
        environment.chat.speech,
        port=settings.port,
        host=settings.host,
        idle=settings.idle,
        per_address=settings.per_address,
        heartbeat=heartbeat,
    )
