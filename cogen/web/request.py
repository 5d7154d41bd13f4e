"""A request, as it was read, and the names that PEP 3333 gives to its headers."""

from __future__ import annotations

from typing import Any, Final

from cogen.web.body import EMPTY, Body

__all__ = ["Request", "cgi_name"]


class Request:
    """One request.

    Attributes:
        method: as sent, e.g. ``GET``.
        target: origin form (``/path?query``) or ``*``; an absolute form is reduced to it.
        version: ``1.0`` or ``1.1``.
        headers: by CGI name (``HTTP_HOST``, ``CONTENT_TYPE``); repeated ones joined by a comma
            (cookies by a semicolon, RFC 6265 4.2.1), values decoded as Latin-1 (PEP 3333).
        body: what follows the head.
        prototype: what the environ of each run of the application begins as; see
            `cogen.web.environ`.
        keep_alive: the client will send another request on the connection.
        expects_continue: it waits for ``100 Continue`` before it sends the body.
        websocket: it asks for the connection to become a WebSocket.
    """

    __slots__ = (
        "body",
        "expects_continue",
        "headers",
        "keep_alive",
        "method",
        "prototype",
        "target",
        "version",
        "websocket",
    )

    def __init__(self) -> None:
        self.method = ""
        self.target = b""
        self.version = ""
        self.headers: dict[str, str] = {}
        self.prototype: dict[str, Any] | None = None
        self.body: Body = EMPTY
        self.keep_alive = True
        self.expects_continue = False
        self.websocket = False

    def forget(self) -> None:
        """It has its answer, and will not be repeated: what an environ begins as is not needed."""
        self.headers, self.prototype = {}, None


_names: Final[dict[bytes, str]] = {}  # as sent -> CGI name; interned, and bounded below


def cgi_name(name: bytes) -> str:
    """The environ key of a header, or "" for one with an underscore, which could pass for another
    (``X_Forwarded_For`` for ``X-Forwarded-For``) and is dropped as nginx does."""
    known = _names.get(name)
    if known is not None:
        return known
    text = name.decode("latin-1").upper()
    if "_" in text:
        key = ""
    else:
        key = text.replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
    if len(_names) < 1024:
        _names[bytes(name)] = key
    return key
