"""`Threaded`: any blocking WSGI application, in worker threads, while the loop serves the others.

    [filter:threaded]
    use = egg:ChatApp#threaded
    threads = 10

The application runs in one thread from its call to ``close()``, in the request's context. To the
server the request is parked all the while, and goes on whenever the thread has something for it
(`cogen.web.passage`). The operation that it waits for ends when the server is being stopped; then
it just waits again: what a thread has begun has until ``graceful_timeout`` to end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import Context, copy_context
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cogen.core.threads import Workers, WorkersStatistics
from cogen.errors import ApplicationError, ServerClosing, SettingsError
from cogen.web.body import Unread
from cogen.web.exchange import Application
from cogen.web.gate import Gate, Input
from cogen.web.passage import ClientGone, Passage
from cogen.web.settings import read

__all__ = ["Threaded", "ThreadedSettings"]

log = logging.getLogger(__name__)


class ThreadedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[filter:…]`` of the ini file."""

    threads: Annotated[
        int, Meta(ge=1, le=10_000, description="requests that the application answers at once")
    ] = 10


class Threaded:
    """Runs an application in threads of its own.

    Further requests wait in a line, first come first served. The application sees no
    ``environ['cogen.…']``, which belongs to the loop's thread. On another server than cogen it is
    called as it is.

    Args:
        application: any WSGI application.
        threads: how many requests it answers at once.

    Raises:
        ValueError: ``threads`` is less than 1.
    """

    def __init__(self, application: Application, threads: int = 10) -> None:
        self._application = application
        self._workers = Workers(threads, "threaded")

    @classmethod
    def factory(
        cls, app: Application, global_conf: Mapping[str, str], **local_conf: str
    ) -> Threaded:
        """Paste's ``filter_app_factory``.

        Raises:
            SystemExit: a setting is unknown or bad; one line says which.
        """
        try:
            settings = read(ThreadedSettings, local_conf, {})
        except SettingsError as error:
            raise SystemExit(f"[filter] egg:ChatApp#threaded: {error}") from None
        return cls(app, settings.threads)

    def statistics(self) -> WorkersStatistics:
        """What there is at this moment."""
        return self._workers.statistics()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if "cogen.wsgi" not in environ:
            return self._application(environ, start_response)
        return self._serve(environ, start_response)

    def _serve(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterator[bytes]:
        gate: Gate = environ["cogen.wsgi"]
        body: Input = environ["cogen.input"]
        passage = Passage()
        run = _Run(self._application, _inside(environ, passage), passage)
        self._workers.submit(run)
        try:
            while True:
                waiting = passage.bell.heard()
                yield gate.wait(waiting)
                if gate.operation is waiting:
                    raise ApplicationError("a middleware around Threaded does not pass b'' on")
                if gate.exception is not None:
                    if isinstance(gate.result, ServerClosing):
                        continue
                    gate.take()
                head, data, wanted, ended, error = passage.collect()
                if head is not None:
                    start_response(*head)
                    head = None  # its exc_info holds frames, and they this one
                if data:
                    yield data
                if error is not None:
                    raise error
                if ended:
                    return
                if wanted is not None:
                    yield from _feed(passage, body, wanted, gate)
        finally:
            passage.leave()
            self._workers.withdraw(run)
            error = None  # its traceback holds this frame: no circle


def _inside(environ: dict[str, Any], passage: Passage) -> dict[str, Any]:
    """The environ as the application sees it: its own, and without the loop's handles."""
    inside = {key: value for key, value in environ.items() if not key.startswith("cogen.")}
    inside["wsgi.multithread"] = True
    if isinstance(inside["wsgi.input"], Unread):
        inside["wsgi.input"] = passage.input()
    return inside


def _feed(passage: Passage, body: Input, wanted: int, gate: Gate) -> Iterator[bytes]:
    """Read for the thread."""
    while True:
        yield body.read(wanted)
        if not isinstance(gate.result, ServerClosing):
            passage.give(gate.result)
            return


class _Run:
    """One request in its thread: the job of a worker."""

    __slots__ = ("_application", "_context", "_environ", "_passage")

    def __init__(self, application: Application, environ: dict[str, Any], passage: Passage) -> None:
        self._application = application
        self._environ = environ
        self._passage = passage
        self._context: Context = copy_context()

    def __call__(self) -> None:
        if not self._passage.gone:
            self._context.run(self._answer)

    def _answer(self) -> None:
        passage, result = self._passage, None
        error: BaseException | None = None
        try:
            result = self._application(self._environ, passage.start_response)
            for chunk in result:
                passage.write(chunk)
        except BaseException as raised:  # whatever it is, it is this request's alone
            error = raised
        try:
            self._close(result)
            if not passage.end(error) and not isinstance(error, ClientGone | None):
                log.info("failed after its client had gone: %r", self, exc_info=error)
        finally:
            error = None  # its traceback holds this frame: no circle

    def _close(self, result: Any) -> None:
        close = getattr(result, "close", None)
        if close is not None:
            try:
                close()
            except Exception:
                log.exception("close() of the application's answer failed: %r", self)

    def __repr__(self) -> str:
        return f"<{self._environ['REQUEST_METHOD']} {self._environ['PATH_INFO']} in a thread>"
