"""``make_live``: ``use = egg:ChatApp#live``, a page of live elements.

    [app:chatter]
    use = egg:ChatApp#live
    element = chatapp.live.chatter.Chatter

Below a path of the chat (see `chatapp.config.mounting`), or served alone.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from webob.static import FileApp

from chatapp.config.routing import Route, Router
from chatapp.config.settings import LiveSettings, read_live
from chatapp.controllers.live import LiveController
from chatapp.lib.headers import PAGE
from chatapp.lib.refusal import Refusal, refused_in_json
from chatapp.lib.session import KEY, SessionMiddleware
from chatapp.live.channels import ChannelBounds, Channels
from chatapp.live.element import LiveElement
from chatapp.live.page import BadElement, Page
from cogen.errors import SettingsError
from cogen.web.application import NotFound, find
from cogen.web.exchange import Application

__all__ = ["live_application", "live_routes", "made_channels", "make_live"]

_made: ContextVar[list[Channels] | None] = ContextVar("_made", default=None)


@contextlib.contextmanager
def made_channels() -> Iterator[list[Channels]]:
    """The channels of all pages that are made meanwhile: whoever mounts them wants to count them,
    through whatever filters are around them."""
    channels: list[Channels] = []
    token = _made.set(channels)
    try:
        yield channels
    finally:
        _made.reset(token)


def make_live(global_conf: Mapping[str, str], **conf: str) -> Application:
    """A Paste application factory.

    Args:
        global_conf: ``[DEFAULT]``.
        conf: the section's keys: see `ElementSettings`, and `LiveSettings` for ``live.…``.

    Raises:
        SystemExit: a setting is bad, or an element cannot be shown; one line says why.
    """
    try:
        shown, live = read_live(conf)
        if shown.path and shown.path not in sys.path:
            sys.path.insert(0, shown.path)
        factories = [_factory(name) for name in shown.element.split()]
        return live_application(factories, shown.title, live)
    except (SettingsError, BadElement) as error:
        raise SystemExit(f"egg:ChatApp#live {error}") from None


def live_application(
    factories: Sequence[Callable[[], LiveElement]], title: str, live: LiveSettings
) -> Application:
    """A page and its channels.

    Args:
        factories: of its elements, in their order.

    Raises:
        BadElement: an element cannot be shown.
    """
    page = Page(factories, title)
    bounds = ChannelBounds(live.idle, live.max_message, live.max_channels, live.max_pages)
    channels = Channels(factories, bounds)
    made = _made.get()
    if made is not None:
        made.append(channels)
    controllers: dict[str, Application] = {"live": LiveController(page, channels, live.wait)}
    routes = live_routes()
    for name, path in page.files.items():
        controllers[name] = _File(path)
        routes[f"/{name}"] = dict.fromkeys(("GET", "HEAD"), (name, ""))
    return _Sessions(Router(controllers, routes, _nothing_here))


def live_routes() -> dict[str, Route]:
    """The page and its channel, by their addresses below the mount; its files come on top."""
    routes: dict[str, Route] = {
        "/": dict.fromkeys(("GET", "HEAD"), ("live", "page")),
        "/socket": {"GET": ("live", "socket")},
    }
    for action in ("open", "send", "poll", "close"):
        routes[f"/{action}"] = {"POST": ("live", action)}
    return routes


class _File:
    """A file that the page needs; browsers ask each time whether it has changed."""

    def __init__(self, path: Path) -> None:
        self._application = FileApp(str(path))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            safe = *PAGE, ("Cache-Control", "no-cache")
            return start_response(status, [*headers, *safe], *exc_info)

        body: Iterable[bytes] = self._application(environ, start)
        return body


class _Sessions:
    """Gives an application sessions of its own if nobody around it has; they end with the process,
    as the channels do."""

    def __init__(self, application: Application) -> None:
        self._inside = application
        self._alone = SessionMiddleware(application, secrets.token_hex(32))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        application = self._inside if KEY in environ else self._alone
        return application(environ, start_response)


def _factory(name: str) -> Callable[[], LiveElement]:
    module, _, attribute = name.rpartition(".")
    try:
        factory: Any = find(f"{module}:{attribute}")
        return factory
    except NotFound as error:
        raise SettingsError(f"element = {name}: {error}") from None


def _nothing_here(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    refusal = Refusal(404, "There is nothing at this address.")
    status, headers, body = refusal.render(refused_in_json(environ))
    start_response(status, headers)
    return [body]
