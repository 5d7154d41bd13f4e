"""The pages, which are plain files: Pyramid serves them, with the headers that keep them safe."""

from __future__ import annotations

from typing import Any

from pyramid.events import NewResponse
from pyramid.path import AssetResolver
from pyramid.response import FileResponse, Response

from chatapp.lib.headers import PAGE
from chatapp.lib.refusal import Refusal, refused_in_json
from chatapp.model.rooms import NoRoom, Rooms

__all__ = ["Pages"]

PAGES = {
    "/": "index.html",
    "/chat/": "chat.html",
    "/chat": "chat.html",  # a redirect would need to know by which scheme and host we are reached
    **dict.fromkeys(("/admin/", "/admin"), "admin/admin.html"),
    "/chats/": "rooms.html",
    "/chats": "rooms.html",
    "/favicon.ico": "favicon.svg",
}
# Asked for each time, and sent only if it is another one: no page meets another version's modules.
FRESH = "Cache-Control", "no-cache"
ROOMS = ("/chats/{room}/", "/chats/{room}", "/chats/long_poll/{room}/", "/chats/long_poll/{room}")


class Pages:
    """Routes and views of the pages: called with a Configurator.

    Args:
        rooms: those that have a page.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._missing = _path("missing.html")

    def __call__(self, config: Any) -> None:
        for path, page in PAGES.items():
            config.add_route(path, path)
            config.add_view(_Page(page), route_name=path)
        chat = _Page("chat.html")
        for path in ROOMS:
            config.add_route(path, path)
            config.add_view(self._in_room(chat), route_name=path)
        config.add_static_view("public", "chatapp:public", cache_max_age=None)
        config.add_notfound_view(self._not_found)
        config.add_subscriber(_protect, NewResponse)

    def _in_room(self, page: _Page) -> Any:
        def view(request: Any) -> Any:
            try:
                self._rooms.find(request.matchdict["room"])
            except NoRoom as error:
                return self._nothing(request, str(error))
            return page(request)

        return view

    def _not_found(self, request: Any) -> Any:
        return self._nothing(request, "There is nothing at this address.")

    def _nothing(self, request: Any, why: str) -> Any:
        if "text/html" not in request.headers.get("Accept", ""):
            return _refused(request, Refusal(404, why))
        response = FileResponse(self._missing, request=request)
        response.status = 404
        return response


class _Page:
    """A view that sends one file."""

    def __init__(self, name: str) -> None:
        self._path = _path(name)

    def __call__(self, request: Any) -> Any:
        if request.method not in ("GET", "HEAD"):
            return _refused(
                request, Refusal(405, "A page can only be read.", ("Allow", "GET, HEAD"))
            )
        return FileResponse(self._path, request=request)


def _path(name: str) -> str:
    path: str = AssetResolver().resolve(f"chatapp:public/{name}").abspath()
    return path


def _refused(request: Any, refusal: Refusal) -> Any:
    status, headers, body = refusal.render(refused_in_json(request.environ))
    return Response(body=body, status=status, headerlist=headers)


def _protect(event: Any) -> None:
    response = event.response
    for name, value in (*PAGE, FRESH):
        response.headers.setdefault(name, value)
    if response.last_modified is not None:
        changed = int(response.last_modified.timestamp())
        response.etag = f"{changed:x}-{response.content_length:x}"
