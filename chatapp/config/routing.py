"""Where each address leads: the hot actions by a dictionary, everything else to Pyramid."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chatapp.lib.base import ACTION
from chatapp.lib.refusal import Refusal, wants_json
from cogen.web.exchange import Application

__all__ = ["Router", "chat_routes"]

Route = tuple[str, str, str | None]  # method, action, name of the argument that the rest is


def chat_routes() -> dict[str, Route]:
    """By path; one that ends in a slash takes what follows as its argument."""
    return {
        "/chat/push": ("POST", "push", None),
        "/chat/pull": ("GET", "pull", None),
        "/chat/pull/": ("GET", "pull", "nick"),
    }


class Router:
    """Calls a controller's action for the paths in its table, and the fallback for all others.

    Args:
        controller: a `BaseController`.
        routes: its table.
        fallback: the Pyramid application.
    """

    def __init__(
        self, controller: Application, routes: dict[str, Route], fallback: Application
    ) -> None:
        self._controller = controller
        self._exact = {path: route for path, route in routes.items() if route[2] is None}
        self._prefixes = [(path, route) for path, route in routes.items() if route[2] is not None]
        self._fallback = fallback

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        route = self._exact.get(path)
        arguments: dict[str, str] = {}
        if route is None:
            try:
                path = path.encode("latin-1").decode("utf-8")
            except UnicodeDecodeError:
                return _refuse(environ, start_response, 400, "The path is not UTF-8.")
            for prefix, candidate in self._prefixes:
                if path.startswith(prefix):
                    route = candidate
                    arguments[candidate[2] or ""] = path[len(prefix) :]
                    break
            else:
                return self._fallback(environ, start_response)
        method, action, _ = route
        if environ["REQUEST_METHOD"] != method:
            detail = f"This takes {method}."
            return _refuse(environ, start_response, 405, detail, ("Allow", method))
        environ[ACTION] = action, arguments
        return self._controller(environ, start_response)


def _refuse(
    environ: dict[str, Any],
    start_response: Callable[..., Any],
    status: int,
    detail: str,
    *headers: tuple[str, str],
) -> list[bytes]:
    refusal = Refusal(status, detail, *headers)
    line, head, body = refusal.render(wants_json(environ.get("HTTP_ACCEPT")))
    start_response(line, head)
    return [body]
