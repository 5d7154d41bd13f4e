"""HTTP/1.0 and 1.1 requests: bytes in, requests out. No sockets, no asyncio.

httptools (llhttp) reads the grammar; this module adds what it leaves to the server: the limits, all
about ``Host``, the form of the target, versions and protocols, Transfer-Encoding on 1.0, what may
stand in trailers, and the expectation. RFC 9112, RFC 9110.

A request is in `RequestParser.received` as soon as its head is read; its body follows. After a
violation `RequestParser.failure` says what to answer, and nothing more is read: a smuggled second
request never exists.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any, Final

import httptools

from cogen.errors import RequestError
from cogen.web.body import Body
from cogen.web.request import Request, cgi_name

__all__ = ["Limits", "RequestParser"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a request is accepted, in bytes but for the count of headers.

    The headers together may be as large as eight of full length.
    """

    request_line: int = 8192
    header: int = 8192
    header_count: int = 100
    body: int = 1024 * 1024


REPEATED: Final = 2048  # bytes of a request that are kept, to know it again

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~%!$&'()*+;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_ABSOLUTE: Final = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE)
_PATH_REFUSED: Final = re.compile(rb"[\x00-\x20\x7f-\xff\[\]\\<>\"]")

# llhttp also knows the methods of RTSP and ICE, which are none of HTTP's.
_NOT_HTTP: Final = frozenset(
    "SOURCE DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT"
    " RECORD FLUSH PRI".split()
)
_SINGLE: Final = frozenset(("HTTP_HOST", "CONTENT_TYPE", "CONTENT_LENGTH"))
_NOT_IN_TRAILERS: Final = frozenset(("HTTP_HOST", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"))


class RequestParser:
    """The receiving side of one connection.

    Attributes:
        received: requests whose head is read, oldest first; the caller takes them out.
        request: the one that is being read, or was last.
        in_head: a request has begun and its head is not complete.
        last: the bytes of the last request, when they came alone and it has no body; or None.
        failure: set once, at the first violation.
    """

    __slots__ = (
        "_count",
        "_data",
        "_framing",
        "_limits",
        "_line",
        "_parser",
        "_silent",
        "_size",
        "_trailers",
        "failure",
        "in_head",
        "last",
        "received",
        "request",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser: Any = httptools.HttpRequestParser(self)
        self.request = Request()
        self._count = 0
        self._size = 0
        self._data = b""
        self._line = b""
        self._framing = b""
        self._silent = 0
        self.in_head = False
        self.last: bytes | None = None
        self._trailers = False
        self.received: list[Request] = []  # short, and a tenth of a deque's size
        self.failure: RequestError | None = None

    @property
    def untouched(self) -> bool:
        """Nothing of a request has come, ever."""
        return not (self.in_head or self.request.target)

    def feed(self, data: bytes) -> bytes:
        """Read what came. Never raises: see `failure`.

        Returns:
            What follows a request that asks for a WebSocket, unread: as long as it has no answer,
            nobody knows whether that is HTTP.
        """
        if self._failed():
            return b""
        between = not self.in_head and self.request.body.complete
        if between and data == self.last:
            self.again()
            return b""
        left = b""
        parser, received = self._parser, len(self.received)
        self._data = self._line + data if self._line else data
        request, progress = self.request, self._count + self.request.body.size
        rest: bytes | memoryview = data
        try:
            while rest:
                try:
                    self._parser.feed_data(rest)
                    break
                except httptools.HttpParserUpgrade as upgrade:
                    # Others are not taken (RFC 9110 7.8 leaves that to us): what follows is HTTP.
                    self._parser = self._next_parser()
                    rest = memoryview(rest)[upgrade.args[0] :]
                    if self.request.websocket:
                        left = bytes(rest)
                        break
        except httptools.HttpParserCallbackError as error:
            self._fail(error.__context__)
        except httptools.HttpParserInvalidMethodError:
            self._fail(self._no_method(received))
        except httptools.HttpParserError as error:
            self._fail(RequestError(400, f"Bad request: {error}."))
        finally:
            # The request line, as long as no more is known of it: see `_check_line`.
            self._line = self._data if self.in_head and not self._count else b""
            self._data = b""
        one = len(self.received) == received + 1 and self._parser is parser
        whole = between and one and not self.in_head and self.request.body.complete
        repeatable = whole and not self.request.body.size and len(data) <= REPEATED
        self.last = data if repeatable and not self._failed() else None
        limits = self._limits
        if self.in_head:  # after all of `data`, so it comes in pieces
            self._size += len(data)
            if self._size > limits.request_line + 8 * limits.header:
                self._fail(RequestError(431, "The headers are too large."))
        if self.request is not request or self._count + request.body.size != progress:
            self._silent = 0
            return left
        # An unfinished line, in head or trailer, is kept by httptools without end; a chunk's
        # extension, or empty lines before a request, would be read without end.
        self._silent += len(data)
        if self._silent > limits.request_line + limits.header and not self._failed():
            status = 431 if self.in_head else 400
            self._fail(RequestError(status, "A line is too long."))
        return left

    def again(self) -> None:
        """`last` has come again.

        A client that polls says the same again and again: what the same bytes mean is known (a
        quarter of what a poll costs the server). It is the same request, for nothing of one without
        a body ever changes.
        """
        self.received.append(self.request)

    def _no_method(self, received: int) -> RequestError:
        """What cannot even begin a method is no request at all: TLS, for instance.

        Where a request ended in the same piece, nobody says where this one begins.
        """
        if len(self.received) == received and not self._data.lstrip(b"\r\n")[:1].isalpha():
            return RequestError(400, "This is not HTTP.")
        return RequestError(501, "This method is not known.")

    def _next_parser(self) -> Any:
        """One that goes on behind a head that asked for an upgrade.

        llhttp takes such a request for complete there. Its body, read as the next request, would be
        a smuggled one; so the new parser is told what to expect.
        """
        framing, self._framing = self._framing, b""
        if not framing:
            return httptools.HttpRequestParser(self)
        goes_on = _GoesOn(self)
        parser = httptools.HttpRequestParser(goes_on)
        parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n\r\n" % framing)
        goes_on.in_first_head = False
        return parser

    def end(self) -> None:
        """The client sends no more: what has begun will never be complete."""
        unfinished = self.in_head or (self._trailers and not self.request.body.complete)
        if unfinished and self.failure is None:
            self._fail(RequestError(400, "The request broke off."))

    def close(self) -> None:
        """Nothing more is read. (llhttp's wrapper refers to us, as we to it.)"""
        self._parser = None
        self.request.body.close()
        while self.received:
            self.received.pop(0).body.close()

    def _failed(self) -> bool:
        return self.failure is not None

    def _fail(self, error: BaseException | None) -> None:
        if not isinstance(error, RequestError):
            assert error is not None
            raise error
        # Without its traceback, whose frames refer to us: memory comes back by reference counts.
        self.failure = error.with_traceback(None)
        self.in_head = False
        self._line = b""
        self.request.body.fail(error)

    # httptools' calls

    def on_message_begin(self) -> None:
        self.request = Request()
        self._count = self._size = 0
        self.in_head = True
        self._trailers = False

    def on_url(self, url: bytes) -> None:
        request = self.request
        request.target = request.target + url if request.target else url
        if len(request.target) > self._limits.request_line - len("GET  HTTP/1.1"):  # at the least
            raise RequestError(414, "The request line is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        count = self._count = self._count + 1
        limits = self._limits
        if count == 1:
            self._check_line()
        if count > limits.header_count:
            raise RequestError(431, f"More than {limits.header_count} headers.")
        if len(name) + len(value) + len(": ") > limits.header:
            raise RequestError(431, "A header is too large.")
        key = cgi_name(name)
        if self._trailers:
            if key in _NOT_IN_TRAILERS:
                raise RequestError(400, "This header cannot stand in a trailer.")
            return  # PEP 3333 has no place for trailers
        if not key:
            return
        headers = self.request.headers
        text = value.rstrip().decode("latin-1")
        if key in headers:
            if key in _SINGLE:
                raise RequestError(400, "A header that can stand only once is there twice.")
            joint = "; " if key == "HTTP_COOKIE" else ","
            text = headers[key] + joint + text
        headers[key] = text

    def on_headers_complete(self) -> None:
        request = self.request
        if not self._count:
            self._check_line()
        request.keep_alive = self._parser.should_keep_alive()
        self._check_host(request)
        self._check_target(request)
        self._check_body(request)
        self.in_head = False
        self._trailers = True
        self.received.append(request)

    def on_body(self, data: bytes) -> None:
        body = self.request.body
        if body.size + len(data) > self._limits.body:
            raise RequestError(413, f"The body is larger than {self._limits.body} bytes.")
        try:
            body.feed(data)
        except OSError as error:  # no room on the disk, no file descriptor
            log.error("a request's body cannot be kept: %s", error)
            raise RequestError(503, "The body cannot be kept now; try again later.") from None

    def on_message_complete(self) -> None:
        if not self._framing:
            self.request.body.finish()

    # What httptools leaves to us

    def _check_line(self) -> None:
        request = self.request
        method = self._parser.get_method()
        request.method = method.decode("ascii")
        request.version = self._parser.get_http_version()
        if request.version not in ("1.1", "1.0"):
            if request.version == "0.9":
                raise RequestError(400, "The request line names no version.")
            raise RequestError(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
        if len(method) + len(request.target) > self._limits.request_line - len("  HTTP/1.1"):
            raise RequestError(414, "The request line is too long.")
        if request.method in _NOT_HTTP:
            raise RequestError(501, "This method is not known.")
        # llhttp takes these two for one; the line itself has to be looked at.
        if b" RTSP/" in self._data:
            line = re.escape(method) + b" +" + re.escape(request.target) + b" +(HTTP|RTSP)/"
            found = re.search(line, self._data)
            if found is not None:
                if found[1] == b"RTSP":
                    raise RequestError(505, "Only HTTP is spoken here.")
                self._data = self._data[found.end() :]  # the next request has a line of its own

    def _check_target(self, request: Request) -> None:
        if request.method == "CONNECT":
            raise RequestError(501, "This server is no proxy.")
        target = request.target
        if not target.startswith(b"/"):
            absolute = _ABSOLUTE.fullmatch(target)
            if absolute:  # RFC 9112 3.2.2: its authority replaces Host
                authority, rest = absolute.groups()
                request.headers["HTTP_HOST"] = authority.decode("latin-1")
                self._check_host(request)
                target = rest if rest.startswith(b"/") else b"/" + rest
                request.target = target
            elif not (target == b"*" and request.method == "OPTIONS"):
                raise RequestError(400, "The target is not a path.")
        path = target.partition(b"?")[0]
        if _PATH_REFUSED.search(path):
            raise RequestError(400, "The path has a character that must be percent-encoded.")
        if b"#" in target:  # RFC 9112 3.2.1; a proxy may take another part of it for the path
            raise RequestError(400, "The target has a fragment, which is the client's own.")

    def _check_host(self, request: Request) -> None:
        host = request.headers.get("HTTP_HOST")
        if host is None:
            if request.version == "1.1":
                raise RequestError(400, "There is no Host header.")
        elif not _HOST.fullmatch(host):
            raise RequestError(400, "The Host header names no host.")

    def _check_body(self, request: Request) -> None:
        headers = request.headers
        coding = headers.pop("HTTP_TRANSFER_ENCODING", None)
        if coding is not None:
            if request.version == "1.0":
                raise RequestError(400, "HTTP/1.0 has no Transfer-Encoding.")
            if coding.strip().lower() != "chunked":
                raise RequestError(501, "The only Transfer-Encoding known is chunked.")
        length = headers.get("CONTENT_LENGTH")
        if length is not None and int(length) > self._limits.body:
            raise RequestError(413, f"The body is larger than {self._limits.body} bytes.")
        if self._parser.should_upgrade():
            if coding or length:
                known = "Transfer-Encoding: chunked" if coding else f"Content-Length: {length}"
                self._framing = known.encode("ascii")
            else:
                asked = headers.get("HTTP_UPGRADE", "").lower() == "websocket"
                request.websocket = asked and request.method == "GET" and request.version == "1.1"
        if coding or length not in (None, "0"):
            request.body = Body()
        expectation = headers.get("HTTP_EXPECT")
        if expectation is not None and request.version == "1.1":
            if expectation.lower() != "100-continue":
                raise RequestError(417, "The only expectation known is 100-continue.")
            request.expects_continue = not request.body.complete


class _GoesOn:
    """httptools' calls to a `RequestParser`, less those for the first head, which it knows."""

    def __init__(self, parser: RequestParser) -> None:
        self.in_first_head = True
        self._parser = parser
        self.on_body = parser.on_body
        self.on_message_complete = parser.on_message_complete

    def on_message_begin(self) -> None:
        if not self.in_first_head:
            self._parser.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self.in_first_head:
            self._parser.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_first_head:
            self._parser.on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self.in_first_head:
            self._parser.on_headers_complete()
