"""The access log: a line for each request, written by a thread of its own.

``combined`` is Apache's format to the letter, query string included; ``json`` is an object a line,
with a request id and how long it took, without the query string. Neither holds a cookie or an
``Authorization``, and what clients send is escaped, so that nobody can forge a line.

A request that its client left before any answer has the status 499, as nginx has it. What the
server answers itself (400, 408, 414 …) is told by `AccessLog.refused`.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from json import dumps
from typing import Any

from cogen.web.exchange import Application
from cogen.web.forwarded import Forwarded, TrustedPeers
from cogen.web.logfile import LogFile
from cogen.web.request import Request

__all__ = ["AccessLog"]

CLIENT_LEFT = 499

_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_UNSAFE = re.compile(r'[\x00-\x1f"\\\x7f-\U0010ffff]')
# As Apache's ap_escape_logitem writes them.
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


class AccessLog:
    """Writes a line for each request of an application.

    Args:
        file: where to.
        form: ``combined`` or ``json``.
        trusted: the peers whose ``X-Request-ID`` counts.

    Attributes:
        giving_up: the server answers for who is still waiting: those lines are `refused`'s.
    """

    def __init__(self, file: LogFile, form: str, trusted: TrustedPeers) -> None:
        self._file = file
        self._line = _json if form == "json" else _combined
        self._ids = form == "json"
        self._trusted = trusted
        self.giving_up = False

    def around(self, application: Application) -> Application:
        """The application, whose requests are logged."""

        def logged(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            entry = self._entry(environ)
            started = entry.starting(start_response)
            try:
                result = application(environ, started)
            except BaseException:
                entry.failed()
                raise
            if type(result) in (list, tuple) and environ["cogen.wsgi"].operation is None:
                entry.body += sum(map(len, result))
                entry.end()
                return result
            return _Logged(result, entry)

        return logged

    def refused(self, peer: Any, scheme: str, request: Request, status: int, body: int) -> None:
        """The server answered for the application.

        Args:
            peer: as ``socket.getpeername`` gives it.
            body: bytes of the answer's body.
        """
        environ = {
            **request.headers,
            "REQUEST_METHOD": request.method,
            "RAW_URI": request.target.decode("latin-1"),
            "SERVER_PROTOCOL": f"HTTP/{request.version}",
            "REMOTE_ADDR": peer[0] if isinstance(peer, tuple) else "",
            "wsgi.url_scheme": scheme,
        }
        entry = self._entry(environ)
        if self._trusted.peer(environ["REMOTE_ADDR"]):
            Forwarded(_nothing, self._trusted).apply(environ)
        entry.status, entry.body = status, body
        entry.end()

    def _entry(self, environ: dict[str, Any]) -> _Entry:
        identity = ""
        if self._ids:
            said = environ.get("HTTP_X_REQUEST_ID", "")
            heeded = self._trusted.peer(environ["REMOTE_ADDR"]) and _ID.fullmatch(said)
            identity = said if heeded else secrets.token_hex(8)
            environ["cogen.request_id"] = identity
        return _Entry(self, environ, identity)

    def write(self, entry: _Entry) -> None:
        """Hand a request's line over to the thread that writes."""
        self._file.write(self._line(entry))


class _Entry:
    """What is known of one request so far.

    Attributes:
        body: bytes of the answer's body, as far as the application gave them.
    """

    __slots__ = ("_log", "begun", "body", "environ", "identity", "status", "target", "time")

    def __init__(self, log: AccessLog, environ: dict[str, Any], identity: str) -> None:
        self._log = log
        self.environ = environ
        self.identity = identity
        self.target: str = environ["RAW_URI"]  # middleware rewrites the path
        self.time = time.time()
        self.begun = time.monotonic()
        self.status = 0
        self.body = 0

    def starting(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        def started(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
            write = start_response(status, headers, exc_info)
            self.status = int(status[:3])

            def written(data: bytes) -> None:
                write(data)
                self.body += len(data)

            return written

        return started

    def failed(self) -> None:
        """The application raised: the server answers for it, unless something has gone out."""
        if self.body or self._switched:
            self.end()

    def end(self) -> None:
        """Its line can be written; without a status it is the server that will answer."""
        if self._switched:
            self.status = 101
        if not self.status:
            return
        if self.status in (204, 304) or self.environ["REQUEST_METHOD"] == "HEAD":
            self.body = 0
        self._log.write(self)

    @property
    def _switched(self) -> bool:
        """It became a WebSocket, whose end is the line's time."""
        socket = self.environ.get("cogen.websocket")
        return socket is not None and socket.accepted

    def left(self) -> None:
        """It was closed before its end."""
        if self.body or self._switched:
            self.end()
        elif not self._log.giving_up:
            self.status = CLIENT_LEFT
            self.end()


class _Logged:
    """The application's answer; its end is the line's time."""

    __slots__ = ("_entry", "_iterator", "_result")

    def __init__(self, result: Iterable[bytes], entry: _Entry) -> None:
        self._result = result
        self._iterator = iter(result)
        self._entry: _Entry | None = entry

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        entry = self._entry
        try:
            chunk = next(self._iterator)
        except StopIteration:
            if entry is not None:
                self._entry = None
                entry.end()
            raise
        except BaseException:
            if entry is not None:
                self._entry = None
                entry.failed()
            raise
        if entry is not None:
            entry.body += len(chunk)
        return chunk

    def close(self) -> None:
        entry, self._entry = self._entry, None
        if entry is not None:
            entry.left()
        close = getattr(self._result, "close", None)
        if close is not None:
            close()


def _combined(entry: _Entry) -> str:
    """Apache's ``%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"``."""
    environ = entry.environ
    method = environ["REQUEST_METHOD"]
    request = f"{method} {entry.target} {environ['SERVER_PROTOCOL']}" if method else "-"
    return (
        f"{environ.get('REMOTE_ADDR') or '-'} - {_field(environ.get('REMOTE_USER'))}"
        f' [{_stamp(int(entry.time))}] "{_escaped(request)}" {entry.status} {entry.body or "-"}'
        f' "{_header(environ, "HTTP_REFERER")}" "{_header(environ, "HTTP_USER_AGENT")}"'
    )


@lru_cache(maxsize=4)
def _stamp(second: int) -> str:
    local = time.localtime(second)
    return time.strftime("%d/", local) + _MONTHS[local.tm_mon] + time.strftime("/%Y:%T %z", local)


# Not the locale's, as strftime has it.
_MONTHS = ("", *"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())


def _field(value: Any) -> str:
    """A value without quotes around it: no space may split it."""
    return _escaped(str(value)).replace(" ", "\\x20") if value else "-"


def _header(environ: dict[str, Any], name: str) -> str:
    return _escaped(environ.get(name) or "-")


def _escaped(text: str) -> str:
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    short = _SHORT.get(char)
    return short or "".join(f"\\x{byte:02x}" for byte in char.encode("latin-1", "replace"))


def _json(entry: _Entry) -> str:
    environ = entry.environ
    return dumps(
        {
            "time": datetime.fromtimestamp(entry.time, UTC).isoformat(timespec="milliseconds"),
            "id": entry.identity,
            "remote": environ.get("REMOTE_ADDR") or "-",
            "method": environ["REQUEST_METHOD"],
            "path": _text(entry.target.partition("?")[0]),
            "protocol": environ["SERVER_PROTOCOL"],
            "status": entry.status,
            "bytes": entry.body,
            "duration": round(time.monotonic() - entry.begun, 6),
            "referer": _text(environ.get("HTTP_REFERER", "")),
            "agent": _text(environ.get("HTTP_USER_AGENT", "")),
        }
    )


def _text(value: str) -> str:
    """What WSGI's Latin-1 stands for."""
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


def _nothing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    return []
