"""Filters for WSGI applications, usable from an ini: ``[filter:x] use = egg:ChatApp#…``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import SEEK_END
from typing import Any

from cogen.web.exchange import Application

__all__ = ["LazyStartResponse", "SynchronousInput"]


class LazyStartResponse:
    """Holds ``start_response`` back until the first bytes of the body.

    An application can then call it before it waits, as some middleware between wants it, and call
    it again after the wait with another status and other headers. What one request said is kept
    with that request alone. (The original's, which kept it on the middleware itself.)
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    @classmethod
    def factory(cls, app: Application, global_conf: Any, **_: str) -> LazyStartResponse:
        """Paste's ``filter_app_factory``."""
        return cls(app)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        started = _Started(start_response)
        result = self._application(environ, started.hold)
        return _flow(result, started)


class _Started:
    """What one request has said of its response so far."""

    def __init__(self, start_response: Callable[..., Any]) -> None:
        self._start_response = start_response
        self._said: tuple[Any, ...] | None = None
        self._early: list[bytes] = []
        self.passed_on = False

    def hold(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        if self.passed_on:  # too late to change: the server raises what exc_info holds
            write: Callable[[bytes], Any] = self._start_response(status, headers, exc_info)
            return write
        self._said = (status, headers) if exc_info is None else (status, headers, exc_info)
        return self._early.append

    def pass_on(self) -> None:
        if self._said is None or self.passed_on:
            return
        self.passed_on = True
        write = self._start_response(*self._said)
        for data in self._early:
            write(data)
        self.forget()

    def forget(self) -> None:
        """What exc_info holds, holds this in its turn."""
        self._said = None
        self._early.clear()


def _flow(result: Iterable[bytes], started: _Started) -> Iterator[bytes]:
    try:
        for chunk in result:
            if chunk:
                started.pass_on()
            yield chunk
        started.pass_on()
    finally:
        started.forget()
        _close(result)


class SynchronousInput:
    """Waits until the request's body is there before it calls the application.

    Only needed with the server's ``stream_bodies = true``, for applications that read
    ``wsgi.input`` as PEP 3333 says; everywhere else it lets requests through unchanged.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    @classmethod
    def factory(cls, app: Application, global_conf: Any, **_: str) -> SynchronousInput:
        """Paste's ``filter_app_factory``."""
        return cls(app)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        body = environ.get("cogen.input")
        if body is None or body.complete:
            return self._application(environ, start_response)
        return self._after_body(environ, start_response)

    def _after_body(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterator[bytes]:
        yield environ["cogen.input"].whole()
        body = environ["wsgi.input"] = environ["cogen.wsgi"].take()
        environ["CONTENT_LENGTH"] = str(body.seek(0, SEEK_END))
        body.seek(0)
        result = self._application(environ, start_response)
        try:
            yield from result
        finally:
            _close(result)


def _close(result: Any) -> None:
    close = getattr(result, "close", None)
    if close is not None:
        close()
