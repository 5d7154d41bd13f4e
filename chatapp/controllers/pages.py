"""The pages, which are plain files: Pyramid serves them, with the headers that keep them safe."""

from __future__ import annotations

from typing import Any

from pyramid.events import NewResponse
from pyramid.path import AssetResolver
from pyramid.response import FileResponse, Response

from chatapp.lib.refusal import Refusal, wants_json

__all__ = ["includeme"]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def includeme(config: Any) -> None:
    """Routes and views of the pages."""
    for name, pattern, page in (("home", "/", "index.html"), ("chat", "/chat/", "chat.html")):
        config.add_route(name, pattern)
        config.add_view(_Page(f"chatapp:public/{page}"), route_name=name)
    config.add_route("chat_without_slash", "/chat")
    config.add_view(_to_chat, route_name="chat_without_slash")
    config.add_route("favicon", "/favicon.ico")
    config.add_view(_Page("chatapp:public/favicon.svg"), route_name="favicon")
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


def _to_chat(request: Any) -> Any:
    query = f"?{request.query_string}" if request.query_string else ""
    return Response(
        status=308, headerlist=[("Location", f"/chat/{query}"), ("Content-Length", "0")]
    )


def _not_found(request: Any) -> Any:
    return _refused(request, Refusal(404, "There is nothing at this address."))


def _refused(request: Any, refusal: Refusal) -> Any:
    status, headers, body = refusal.render(wants_json(request.headers.get("Accept")))
    return Response(body=body, status=status, headerlist=headers)


def _protect(event: Any) -> None:
    headers = event.response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
