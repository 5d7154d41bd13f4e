"""Where each address leads: one table for all controllers, everything else to Pyramid.

A template is a path whose segments may be arguments: ``/api/rooms/{room}/messages``. ``{room}`` is
one segment, never empty; ``{nick...}``, only at the end, is all that follows, slashes too, maybe
nothing. Arguments are strings, as the client sent them.

A path without arguments costs one look into a dictionary, others one for each segment. A segment
that stands in a template counts more than an argument in its place, and there is no way back: with
``/a/b`` and ``/a/{x}/c``, ``/a/b/c`` leads nowhere.

A method is answered only if the table has it. HEAD is not added to GET: a pull gives messages away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatapp.lib.base import ACTION
from chatapp.lib.refusal import Refusal, refused_in_json
from cogen.web.exchange import Application

__all__ = ["Route", "Router", "chat_routes"]

Route = dict[str, tuple[str, str]]  # method: the controller's name, and the action's


def chat_routes() -> dict[str, Route]:
    """By template."""
    pull = {"GET": ("chat", "pull")}
    return {
        "/admin/login": {"GET": ("admin", "page"), "POST": ("admin", "login")},
        "/admin/logout": {"POST": ("admin", "logout")},
        "/admin/session": {"GET": ("admin", "session")},
        "/api/asyncapi.json": {"GET": ("api", "asyncapi")},
        "/api/audit": {"GET": ("audit", "index")},
        "/api/events": {"GET": ("events", "poll")},
        "/api/login": {"POST": ("account", "login")},
        "/api/logout": {"POST": ("account", "logout")},
        "/api/openapi.json": {"GET": ("api", "openapi")},
        "/api/people/sanctions": {"GET": ("people", "index"), "POST": ("people", "impose")},
        "/api/people/sanctions/{sanction}": {"DELETE": ("people", "lift")},
        "/api/rooms": {"GET": ("rooms", "index"), "POST": ("rooms", "create")},
        "/api/rooms/{room}": {"PATCH": ("rooms", "rename"), "DELETE": ("rooms", "remove")},
        "/api/rooms/{room}/events": {"GET": ("events", "stream")},
        "/api/rooms/{room}/members": {"GET": ("rooms", "members")},
        "/api/rooms/{room}/messages": {
            "GET": ("messages", "index"),
            "POST": ("messages", "create"),
        },
        "/api/rooms/{room}/messages/{seq}": {"DELETE": ("removal", "remove")},
        "/api/wall": {"POST": ("account", "wall")},
        "/chat/push": {"POST": ("chat", "push")},
        "/chat/pull": pull,
        "/chat/pull/{nick...}": pull,
        "/healthz": dict.fromkeys(("GET", "HEAD"), ("health", "alive")),
        "/metrics": {"GET": ("health", "metrics")},
        "/readyz": dict.fromkeys(("GET", "HEAD"), ("health", "ready")),
        "/status": {"GET": ("status", "index")},
        "/status/{client}/disconnect": {"POST": ("status", "disconnect")},
        "/status/{client}/wake": {"POST": ("status", "wake")},
        "/ws": {"GET": ("socket", "connect")},
        "/chats/{room}/poll": {"GET": ("poll", "read"), "POST": ("poll", "say")},
    }


class Router:
    """Calls a controller's action for the paths in its table, and the fallback for all others.

    Args:
        controllers: each a `BaseController`, by the name that the table has for it.
        routes: the table.
        fallback: the Pyramid application.

    Raises:
        ValueError: two templates are for the same paths.
    """

    def __init__(
        self,
        controllers: Mapping[str, Application],
        routes: dict[str, Route],
        fallback: Application,
    ) -> None:
        self._fallback = fallback
        self._exact: dict[str, _End] = {}
        self._tree = _Node()
        for template, route in routes.items():
            methods = {
                method: (controllers[controller], action)
                for method, (controller, action) in route.items()
            }
            self._add(template, methods)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        end = self._exact.get(path)
        arguments: dict[str, str] = {}
        if end is None:
            if not path.isascii():
                try:
                    path = path.encode("latin-1").decode("utf-8")
                except UnicodeDecodeError:
                    return _refuse(environ, start_response, 400, "The path is not UTF-8.")
            end = self._find(path, arguments)
            if end is None:
                return self._fallback(environ, start_response)
        found = end.methods.get(environ["REQUEST_METHOD"])
        if found is None:
            detail = f"This takes {end.allowed}."
            return _refuse(environ, start_response, 405, detail, ("Allow", end.allowed))
        controller, action = found
        environ[ACTION] = action, arguments
        return controller(environ, start_response)

    def _add(self, template: str, methods: dict[str, tuple[Application, str]]) -> None:
        end = _End(methods, re.findall(r"{(\w+)", template))
        node = self._tree
        taken: _End | None
        for segment in template[1:].split("/"):
            if segment.endswith("...}"):
                taken, node.rest = node.rest, end
                break
            if segment.startswith("{"):
                node.argument = node.argument or _Node()
                node = node.argument
            else:
                node = node.segments.setdefault(segment, _Node())
        else:
            taken, node.end = node.end, end
        if taken is not None:
            raise ValueError(f"The table has the paths of {template} twice.")
        if not end.names:
            self._exact[template] = end

    def _find(self, path: str, arguments: dict[str, str]) -> _End | None:
        """What a path leads to; its arguments are put where they belong."""
        node, left = self._tree, path.removeprefix("/")
        values: list[str] = []
        while True:
            segment, slash, after = left.partition("/")
            child = node.segments.get(segment)
            if child is None and segment and node.argument is not None:
                child = node.argument
                values.append(segment)
            if child is None:
                end = node.rest
                values.append(left)
                break
            if not slash:
                end = child.end
                break
            node, left = child, after
        if end is not None:
            arguments.update(zip(end.names, values, strict=True))
        return end


class _End:
    """Where a path may end.

    Attributes:
        methods: the controller and the action, by method.
        allowed: the methods, for people and for ``Allow``.
        names: of the arguments, in the template's order.
    """

    __slots__ = ("allowed", "methods", "names")

    def __init__(self, methods: dict[str, tuple[Application, str]], names: list[str]) -> None:
        self.methods = methods
        self.allowed = ", ".join(sorted(methods))
        self.names = names


class _Node:
    """What may come next in a path: one of these segments, else any one, else any rest."""

    __slots__ = ("argument", "end", "rest", "segments")

    def __init__(self) -> None:
        self.segments: dict[str, _Node] = {}
        self.argument: _Node | None = None
        self.rest: _End | None = None
        self.end: _End | None = None


def _refuse(
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    status: int,
    detail: str,
    *headers: tuple[str, str],
) -> list[bytes]:
    refusal = Refusal(status, detail, *headers)
    line, head, body = refusal.render(refused_in_json(environ))
    start_response(line, head)
    return [body]
