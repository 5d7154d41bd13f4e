"""``make_app``: ``[app:main] use = egg:ChatApp``.

    SessionMiddleware
      Router ── /chat/push, /chat/pull ── ChatController
        └────── everything else ───────── Mounts ── /chatter ── another application of the file
                                            └────── everything else ── Pyramid: the pages

The design has a Paste composite in the ini mount the controllers beside Pyramid. One section with
all of the chat's settings, and one application that can itself be mounted in a composite, is less
to understand; and Paste's URLMap walks its list and parses the host for every poll.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pyramid.config import Configurator

from chatapp.config.environment import Environment, load_environment, telnet_gateway
from chatapp.config.live import made_channels
from chatapp.config.mounting import Mounts
from chatapp.config.routing import Router, chat_routes
from chatapp.config.secret import session_secret
from chatapp.config.settings import read_application
from chatapp.controllers.pages import Pages
from chatapp.lib.session import SessionMiddleware
from chatapp.model.rooms import Rooms
from chatapp.store.opening import open_store
from cogen.errors import SettingsError
from cogen.web.exchange import Application
from cogen.web.gateways import announce

__all__ = ["assemble", "make_app", "make_composite"]


def make_composite(loader: Any, global_conf: Mapping[str, str], **app_conf: str) -> Application:
    """A Paste composite factory: `make_app`, with what the file mounts in it.

    Args:
        loader: of the file; gives its other applications.
        global_conf: ``[DEFAULT]``.
        app_conf: the section's keys; ``/path = name`` mounts the application ``name``.

    Raises:
        SystemExit: as `make_app`.
    """

    def load(name: str) -> Application:
        try:
            context = loader.app_context(name, global_conf=global_conf)
        except LookupError:
            raise SettingsError(f"{name} cannot be mounted: the file has no such section") from None
        application: Application = context.create()
        return application

    return _make(app_conf, load)


def make_app(global_conf: Mapping[str, str], **app_conf: str) -> Application:
    """A Paste application factory, for who has no file.

    Args:
        global_conf: ``[DEFAULT]``.
        app_conf: the section's keys: ``chat.…`` (see `ChatSettings`) and ``pyramid.…``.

    Raises:
        SystemExit: a setting is unknown or bad; one line says which.
    """
    return _make(app_conf, _nowhere)


def assemble(
    environment: Environment,
    secret: str,
    pages: Application,
    mounts: Mapping[str, Application] | None = None,
) -> Application:
    """The application out of its parts.

    Args:
        secret: signs the sessions.
        pages: gets what no controller of the environment answers.
        mounts: what is below which path.
    """
    fallback = Mounts(mounts, environment.chat, pages) if mounts else pages
    router = Router(environment.controllers, chat_routes(), fallback)
    return SessionMiddleware(router, secret)


def _make(app_conf: Mapping[str, str], load: Callable[[str], Application]) -> Application:
    try:
        settings = read_application(app_conf)
        chat = settings.chat
        with made_channels() as channels:
            mounts = {path: load(name) for path, name in settings.mounts.items()}
        secret = session_secret(chat)
        opened = open_store(settings.database.url, Path(chat.data), chat.durability, chat.keep)
        environment = load_environment(
            chat, opened.store, opened.rooms, pages=channels, standing=opened.standing
        )
    except SettingsError as error:
        raise SystemExit(f"[app:main] {error}") from None
    if settings.telnet.port:
        announce(telnet_gateway(environment, settings.telnet, chat.heartbeat))
    return assemble(environment, secret, _pages(settings.pyramid, environment.rooms), mounts)


def _nowhere(name: str) -> Application:
    raise SettingsError(f"{name} cannot be mounted: there is no file to find it in")


def _pages(settings: dict[str, Any], rooms: Rooms) -> Application:
    with Configurator(settings=settings) as config:
        config.include("cogen.web.pyramid")
        Pages(rooms)(config)
        application: Application = config.make_wsgi_app()
    return application
