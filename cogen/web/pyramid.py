"""Views of Pyramid that wait: ``config.include("cogen.web.pyramid")``.

A view, or a method of a view class, may then be ``async def``, or a generator that yields what it
waits for and returns its response (or what its renderer renders).

Pyramid finishes a request when the view returns, before anything has been waited for. So the view
gives Pyramid a stand-in, whose body is the waiting, and which keeps back what belongs to the end:
the response callbacks (a session saves itself in one) and the finished callbacks. When the wait is
over they run on the real response; an exception goes to the exception views. Headers that tweens
and view options put on the stand-in are carried over.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any

from pyramid.interfaces import IResponse
from pyramid.response import Response
from pyramid.threadlocal import RequestContext
from pyramid.viewderivers import VIEW

from cogen.web.actions import complete, waits

__all__ = ["includeme"]


def includeme(config: Any) -> None:
    """Let the views of this configuration wait."""
    config.add_view_deriver(_waiting_view, "waiting_view", under="rendered_view", over=VIEW)


def _waiting_view(view: Callable[..., Any], info: Any) -> Callable[..., Any]:
    def waiting_view(context: Any, request: Any) -> Any:
        result = view(context, request)
        if waits(result):
            return _StandIn(result, context, request, info)
        return result

    return waiting_view


class _StandIn(Response):  # type: ignore[misc]  # Pyramid has no types
    """The response that Pyramid sees while the view waits."""

    def __init__(self, waiting: Any, context: Any, request: Any, info: Any) -> None:
        super().__init__()
        self._own_headers = dict(self.headerlist)
        self._waiting = waiting
        self._context = context
        self._request = request
        self._info = info
        self._response_callbacks, request.response_callbacks = request.response_callbacks, deque()
        self._finished_callbacks, request.finished_callbacks = request.finished_callbacks, deque()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        return self._wait(environ, start_response)

    def _wait(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Generator[bytes, None, None]:
        request = self._request
        request.response_callbacks.extendleft(reversed(self._response_callbacks))
        request.finished_callbacks.extendleft(reversed(self._finished_callbacks))
        body: Any = ()
        try:
            try:
                result = yield from complete(self._waiting, environ["cogen.wsgi"])
                with RequestContext(request):
                    response = self._respond(result)
            except Exception:
                response = request.invoke_exception_view(sys.exc_info(), reraise=True)
            with RequestContext(request):
                request._process_response_callbacks(response)
            self._carry_over(response)
            body = response(environ, start_response)
            yield from body
        finally:
            if hasattr(body, "close"):
                body.close()
            request._process_finished_callbacks()

    def _respond(self, result: Any) -> Any:
        response = self._info.registry.queryAdapterOrSelf(result, IResponse)
        if response is not None:
            return response
        renderer = self._info.options.get("renderer")
        if renderer is None:
            raise ValueError(f"a view gave no response, and has no renderer: {result!r}")
        view = getattr(self._request, "__view__", None)
        return renderer.render_view(self._request, result, view, self._context)

    def _carry_over(self, response: Any) -> None:
        for name, value in self.headerlist:
            if self._own_headers.get(name) != value and name != "Content-Length":
                response.headers.add(name, value)
