"""The pages, which are plain files: Pyramid serves them, with the headers that keep them safe."""

from __future__ import annotations

from typing import Any

from pyramid.events import NewResponse
from pyramid.path import AssetResolver
from pyramid.response import FileResponse, Response

from chatapp.lib.headers import PAGE
from chatapp.lib.refusal import Refusal, refused_in_json

__all__ = ["includeme"]

PAGES = {
    "/": "index.html",
    "/chat/": "chat.html",
    "/chat": "chat.html",  # a redirect would need to know by which scheme and host we are reached
    **dict.fromkeys(("/admin/", "/admin"), "admin/admin.html"),
    "/favicon.ico": "favicon.svg",
}


def includeme(config: Any) -> None:
    """Routes and views of the pages."""
    for path, page in PAGES.items():
        config.add_route(path, path)
        config.add_view(_Page(f"chatapp:public/{page}"), route_name=path)
    config.add_static_view("public", "chatapp:public", cache_max_age=0)
    config.add_notfound_view(_not_found)
    config.add_subscriber(_protect, NewResponse)


class _Page:
    """A view that sends one file."""

    def __init__(self, asset: str) -> None:
        self._path = AssetResolver().resolve(asset).abspath()

    def __call__(self, request: Any) -> Any:
        if request.method not in ("GET", "HEAD"):
            return _refused(
                request, Refusal(405, "A page can only be read.", ("Allow", "GET, HEAD"))
            )
        return FileResponse(self._path, request=request)


def _not_found(request: Any) -> Any:
    return _refused(request, Refusal(404, "There is nothing at this address."))


def _refused(request: Any, refusal: Refusal) -> Any:
    status, headers, body = refusal.render(refused_in_json(request.environ))
    return Response(body=body, status=status, headerlist=headers)


def _protect(event: Any) -> None:
    headers = event.response.headers
    for name, value in PAGE:
        headers.setdefault(name, value)
