"""A Django project on cogen: behind `Threaded`, or with ``async def`` views that wait on the loop.

    [app:site]
    use = egg:ChatApp#django
    settings = site.settings
    path = %(here)s

gives Django's own WSGI handler, which blocks: a `Threaded` filter belongs before it. With
``waiting = true`` it gives `WaitingHandler`: ``async def`` views park their requests; what is
synchronous, be it views, middleware or signals, is run by Django itself, in a thread of the
request's own, as under ASGI.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Mapping
from contextvars import copy_context
from functools import cached_property, partial
from typing import Annotated, Any

import django
import msgspec
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest, get_script_name
from django.core.signals import request_finished, request_started
from django.urls import set_script_prefix
from msgspec import Meta

from cogen.errors import SettingsError
from cogen.web.actions import complete
from cogen.web.exchange import Application
from cogen.web.gate import Gate
from cogen.web.settings import read

__all__ = ["DjangoSettings", "WaitingHandler", "make_app"]

END = object()


class DjangoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[app:…]`` of the ini file."""

    settings: Annotated[str, Meta(description="the project's settings module")] = ""
    path: Annotated[str, Meta(description="folder from which it can be imported")] = ""
    waiting: Annotated[
        bool, Meta(description="`async def` views park; without it, `Threaded` belongs before")
    ] = False


def make_app(global_conf: Mapping[str, str], **local_conf: str) -> Application:
    """A Paste application factory.

    Raises:
        SystemExit: a setting is unknown or bad, or the module is not there; one line says which.
    """
    try:
        table = read(DjangoSettings, local_conf, {})
        if not table.settings:
            raise SettingsError("settings names no module")
        if table.path and table.path not in sys.path:
            sys.path.insert(0, table.path)
        _import(table.settings)
    except SettingsError as error:
        raise SystemExit(f"[app] egg:ChatApp#django: {error}") from None
    os.environ["DJANGO_SETTINGS_MODULE"] = table.settings
    django.setup(set_prefix=False)
    application: Application = WaitingHandler() if table.waiting else WSGIHandler()
    return application


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not name.startswith(str(error.name)):  # it is there, and lacks another one
            raise
        raise SettingsError(f"settings = {name!r}: there is no such module") from None


class WaitingHandler(BaseHandler):  # type: ignore[misc]  # Django has no types
    """A Django project as a WSGI application whose ``async def`` views park.

    Streamed answers flow as they are made. ``request_finished``, which closes the database
    connections, is sent where they were opened: in the request's thread, if it needed one. On
    another server than cogen it does what Django's own handler does.
    """

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=True)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        gate = environ.get("cogen.wsgi")
        if gate is None:
            answer: Iterable[bytes] = self._blocking(environ, start_response)
            return answer
        return self._serve(environ, start_response, gate)

    @cached_property
    def _blocking(self) -> Any:
        return WSGIHandler()

    def _serve(
        self, environ: dict[str, Any], start_response: Callable[..., Any], gate: Gate
    ) -> Generator[bytes, None, None]:
        threads = ThreadSensitiveContext()
        SyncToAsync.thread_sensitive_context.set(threads)
        set_script_prefix(get_script_name(environ))
        request_started.send(sender=type(self), environ=environ)
        request = WSGIRequest(environ)
        close: Callable[[], None] = _Abandoned(type(self), request)
        closed = False
        try:
            response = yield from complete(self.get_response_async(request), gate)
            response._handler_class = type(self)
            close = response.close
            cookies = [("Set-Cookie", each.OutputString()) for each in response.cookies.values()]
            status = f"{response.status_code} {response.reason_phrase}"
            start_response(status, [*response.items(), *cookies])
            yield from _body(response, environ, gate)
            if _has_thread(threads):
                closed = True
                yield from complete(sync_to_async(close, thread_sensitive=True)(), gate)
        finally:
            if not closed:
                _close(close, threads)


class _Abandoned:
    """What is left to do for a request that gets no answer."""

    def __init__(self, sender: type, request: Any) -> None:
        self._sender = sender
        self._request = request

    def __call__(self) -> None:
        self._request.close()
        request_finished.send(sender=self._sender)


def _has_thread(threads: ThreadSensitiveContext) -> bool:
    return threads in SyncToAsync.context_to_thread_executor


def _close(close: Callable[[], None], threads: ThreadSensitiveContext) -> None:
    """Where the request's connections are, after what may still run there."""
    if _has_thread(threads):
        SyncToAsync.context_to_thread_executor[threads].submit(copy_context().run, close)
    else:
        close()


def _body(response: Any, environ: dict[str, Any], gate: Gate) -> Generator[bytes, None, None]:
    if not response.streaming:
        yield response.content
    elif getattr(response, "file_to_stream", None) is not None:
        yield from environ["wsgi.file_wrapper"](response.file_to_stream)
    elif response.is_async:
        parts = aiter(response)
        while (part := (yield from complete(_next(parts), gate))) is not END:
            yield part
    else:
        following = sync_to_async(partial(next, iter(response), END), thread_sensitive=True)
        while (part := (yield from complete(following(), gate))) is not END:
            yield part


async def _next(parts: AsyncIterator[bytes]) -> Any:
    return await anext(parts, END)
