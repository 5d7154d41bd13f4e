"""The response to one request: from ``start_response`` and chunks to bytes. No sockets.

Everything of an application that could break the framing or inject a header is refused here
(PEP 3333, RFC 9110 5.5, RFC 9112 6).
"""

from __future__ import annotations

import re
import traceback
from functools import lru_cache
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, NamedTuple

from cogen.errors import ApplicationError, HTTPError, RequestError, ServerClosing
from cogen.web.request import Request

__all__ = ["FULL", "GOING", "Response", "error_response", "shown"]

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
CLOSE: Final = b"Connection: close\r\n\r\n"
KEEP: Final = b"Connection: keep-alive\r\n\r\n"
GOING: Final = HTTPError(503, "The server is being stopped; try again later.")
FULL: Final = HTTPError(503, "Too many connections are open; try again later.")
CHUNKED: Final = b"Transfer-Encoding: chunked\r\n"

_STATUS: Final = re.compile(r"(?:101|[2-5][0-9]{2}) [^\x00-\x1f\x7f]*")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
# PEP 3333 keeps these for the server; ``Connection: close`` is heeded, not forwarded.
_HOP_BY_HOP: Final = frozenset(
    (
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    )
)


class _Head(NamedTuple):
    """What ``start_response`` said, checked and encoded.

    Attributes:
        lines: the status line and the headers that go out as they are.
        length: of ``Content-Length``, or None.
        close: the application wants the connection to end.
        own: how the lines begin that the application sets in the place of ours.
        body: a body can follow.
        switching: 101, which only `Response.switch` may send.
        kind: the first digit of the status.
    """

    lines: bytes
    length: int | None
    close: bool
    own: tuple[bytes, ...]
    body: bool
    switching: bool = False
    kind: int = 0


NO_HEAD: Final = _Head(b"", None, False, (), True)
SWITCHING: Final = b"HTTP/1.1 101 Switching Protocols\r\n"


@lru_cache(maxsize=512)
def _head(status: str, headers: tuple[tuple[str, str], ...]) -> _Head:
    """Check and encode. Most answers of an application begin like one that it has just given: all
    who wait for a message get the same head."""
    if not _STATUS.fullmatch(status):
        raise ApplicationError(f"a status is three digits, a space and a reason: {status!r}")
    lines = [f"HTTP/1.1 {status}\r\n"]
    length: int | None = None
    close = False
    own: tuple[bytes, ...] = ()
    switching = status.startswith("101")
    for name, value in headers:
        lower, line = name.lower(), _line(name, value)
        if lower in _HOP_BY_HOP:
            raise ApplicationError(f"{name} is the server's to set (PEP 3333)")
        if lower == "connection":
            close = close or "close" in value.lower()
            continue
        if lower == "content-length":
            length = _content_length(value, length)
            if switching or status.startswith("204"):
                continue  # RFC 9110 8.6: these have none
        elif switching and lower == "content-type":
            continue
        elif lower in ("date", "server"):
            own = (*own, f"{name.title()}:".encode("ascii")[:5])
        lines.append(line)
    try:
        encoded = "".join(lines).encode("latin-1")
    except UnicodeEncodeError as error:
        raise ApplicationError(f"a header is not Latin-1: {error}") from None
    body = status[:3] not in ("101", "204", "304")
    return _Head(encoded, length, close, own, body, switching, int(status[0]))


def _line(name: str, value: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ApplicationError(f"{name!r} cannot be a header's name")
    if not _VALUE.fullmatch(value):
        raise ApplicationError(f"the value of {name} has a control character: {value!r}")
    return f"{name}: {value}\r\n"


def _content_length(value: str, before: int | None) -> int:
    if not (value.isascii() and value.isdigit()) or before is not None:
        raise ApplicationError(f"Content-Length is one number: {value!r}")
    return int(value)


class Response:
    """What goes back for one request.

    Args:
        request: what it answers.
        standard: the lines every response has (``Date``, ``Server``), encoded.
        keep_alive: the connection may go on after it.
        answers: how many have begun, by the first digit of their status; counts this one.

    Attributes:
        started: the application has called ``start_response``.
        sent: the head has gone out; nothing in it can change any more.
        switched: it was 101, and what comes after it is no answer any more: whatever the
            application says of one is dropped.
        keep_alive: the connection can go on after it, as far as is known.
        overrun: the application sent more than its ``Content-Length``; the rest was cut off.
    """

    __slots__ = (
        "_answers",
        "_body_allowed",
        "_chunked",
        "_head",
        "_left",
        "_request",
        "_standard",
        "keep_alive",
        "overrun",
        "sent",
        "started",
        "switched",
    )

    def __init__(
        self, request: Request, standard: bytes, keep_alive: bool, answers: list[int]
    ) -> None:
        self._request = request
        self._answers = answers
        self._standard = standard
        self._head = NO_HEAD
        self._left: int | None = None
        self._chunked = False
        self._body_allowed = request.method != "HEAD"
        self.keep_alive = keep_alive and request.keep_alive
        self.overrun = False
        self.started = False
        self.sent = False
        self.switched = False

    def start(self, status: Any, headers: Any, exc_info: ExcInfo | None = None) -> None:
        """What ``start_response`` says; nothing goes out before the first bytes of the body.

        Args:
            status: a str; as the others not taken for granted, for it comes from the application.
            headers: a list of name and value.
            exc_info: as `sys.exc_info` gives it, to answer for an error instead.

        Raises:
            ApplicationError: called twice without ``exc_info``, or with something that is no
                status or no header.
            BaseException: ``exc_info``'s, when the head has gone out already.
        """
        if self.switched:
            return
        if exc_info is not None:
            try:
                if self.sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.started:
            raise ApplicationError("start_response was called twice without exc_info")
        if type(headers) is not list:
            raise ApplicationError(f"the headers are a list: {headers!r}")
        try:
            head = _head(status, tuple(headers))
        except (TypeError, ValueError, AttributeError):
            _check_types(status, headers)
            raise
        if head.switching and not self._request.websocket:
            raise ApplicationError("101 is for a request that asks for a WebSocket")
        self._head, self._left = head, head.length
        self.keep_alive = self.keep_alive and not head.close
        self._body_allowed = head.body and self._request.method != "HEAD"
        self.started = True

    def send(self, chunk: Any, whole: bool = False) -> bytes:
        """The next bytes of the body, framed; with the head before the first.

        Args:
            chunk: bytes; not empty, unless ``whole``.
            whole: this is all of the body, so that its length is known.

        Raises:
            ApplicationError: before ``start_response``, or not bytes.
        """
        if not isinstance(chunk, bytes):
            raise ApplicationError(f"the body is bytes, not {type(chunk).__name__} (PEP 3333)")
        data: bytes = chunk
        head = b""
        if not self.sent:
            if not self.started:
                raise ApplicationError("a body came before start_response was called")
            head = self._frame(len(data) if whole else None)
        if not self._body_allowed or not data:
            return head
        left = self._left
        if left is not None:
            self._left = left = left - len(data)
            if left < 0:
                data = data[:left]
                self._left = 0
                self.overrun = True
                self.keep_alive = False
        elif self._chunked:
            return b"%b%x\r\n%b\r\n" % (head, len(data), data)
        return head + data

    def finish(self) -> bytes:
        """The end of the body, framed; the head too if there was no body."""
        data = self.send(b"", whole=True) if not self.sent else b""
        if self._body_allowed:
            if self._chunked:
                return data + b"0\r\n\r\n"
            if self._left:  # less than it promised: only the connection's end can say so
                self.keep_alive = False
        return data

    def switch(self, headers: list[tuple[str, str]]) -> bytes:
        """The whole answer of 101, with the headers that ``start_response`` was given, if it was.

        Args:
            headers: those of the protocol that follows.

        Raises:
            ApplicationError: the answer has begun, or has another status.
        """
        if self.sent or (self.started and not self._head.switching):
            raise ApplicationError("start_response has another status than 101")
        own = self._head.lines or SWITCHING
        lines = "".join([_line(name, value) for name, value in headers]).encode("latin-1")
        self.started = self.sent = self.switched = True
        self._answers[1] += 1
        self._head, self._body_allowed, self.keep_alive = NO_HEAD, False, False
        return b"%b%b%b\r\n" % (own, lines, self._standard)

    @property
    def delimited(self) -> bool:
        """The head has gone out, and says where the body ends."""
        return self.sent and (self._chunked or self._left is not None)

    def _frame(self, length: int | None) -> bytes:
        said, standard = self._head, self._standard
        if said.switching:
            raise ApplicationError("101 is sent by environ['cogen.websocket'].accept()")
        if said.own:  # the application's Date or Server stands, instead of ours
            lines = standard.splitlines(keepends=True)
            standard = b"".join(line for line in lines if line[:5] not in said.own)
        version = self._request.version
        end = CLOSE if not self.keep_alive else KEEP if version == "1.0" else b"\r\n"
        self.sent = True
        self._answers[said.kind] += 1
        if self._left is not None or not self._body_allowed:
            return said.lines + standard + end
        if length is not None:
            self._left = length
            return b"%b%bContent-Length: %d\r\n%b" % (said.lines, standard, length, end)
        if version == "1.1":
            self._chunked = True
            return b"%b%b%b%b" % (said.lines, standard, CHUNKED, end)
        self.keep_alive = False
        return said.lines + standard + CLOSE


def _check_types(status: Any, headers: list[Any]) -> None:
    """Say what of it is not as PEP 3333 has it."""
    if type(status) is not str:
        raise ApplicationError(f"the status is a str: {status!r}")
    for pair in headers:
        if type(pair) is not tuple or len(pair) != 2:
            raise ApplicationError(f"a header is a tuple of two: {pair!r}")
        if type(pair[0]) is not str or type(pair[1]) is not str:
            raise ApplicationError(f"a header's name and value are str: {pair!r}")


def error_response(error: HTTPError, standard: bytes, *, head: bool = False) -> bytes:
    """A whole response of the server's own, after which the connection closes.

    Args:
        head: it answers HEAD: no body follows.
    """
    status = f"{error.status} {HTTPStatus(error.status).phrase}"
    body = f"{status}\r\n{error.detail}\r\n".encode()
    lines = (
        f"HTTP/1.1 {status}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n"
    ) + "".join([_line(name, value) for name, value in error.headers])
    return lines.encode("ascii") + standard + b"\r\n" + (b"" if head else body)


def shown(error: BaseException, debug: bool) -> HTTPError:
    """What a client is told of an error that ended its request.

    Args:
        debug: it may see the traceback.
    """
    if isinstance(error, RequestError):
        return error
    if isinstance(error, ServerClosing):
        return GOING
    text = "The server failed on this request."
    return HTTPError(500, "".join(traceback.format_exception(error)) if debug else text)
