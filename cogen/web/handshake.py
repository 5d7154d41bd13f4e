"""The opening handshake of a WebSocket, as `websockets` checks and answers it: RFC 6455 4.2."""

from __future__ import annotations

from typing import Any, Final

from websockets.datastructures import Headers
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from cogen.errors import RequestError

__all__ = ["UPGRADE", "VERSION", "handshake", "wish"]

UPGRADE: Final = ("Upgrade", "websocket")
VERSION: Final = ("Sec-WebSocket-Version", "13")

# Of the environ, what the handshake asks (RFC 6455 4.2.1).
_ASKED: Final = {
    "HTTP_CONNECTION": "Connection",
    "HTTP_UPGRADE": "Upgrade",
    "HTTP_SEC_WEBSOCKET_KEY": "Sec-WebSocket-Key",
    "HTTP_SEC_WEBSOCKET_VERSION": "Sec-WebSocket-Version",
    "HTTP_SEC_WEBSOCKET_EXTENSIONS": "Sec-WebSocket-Extensions",
    "HTTP_SEC_WEBSOCKET_PROTOCOL": "Sec-WebSocket-Protocol",
}

# Nothing is kept from one message to the next: 10,000 windows would be 3 GB, and so a message for
# many is compressed once.
_DEFLATE: Final = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    compress_settings={"memLevel": 5},
)


def wish(environ: dict[str, Any]) -> dict[str, str]:
    """What a request says of it, by the headers' names."""
    return {name: environ[key] for key, name in _ASKED.items() if key in environ}


def handshake(
    wish: dict[str, str], subprotocol: str | None, compression: bool
) -> tuple[list[tuple[str, str]], list[Extension]]:
    """What is answered, and what was negotiated.

    Args:
        wish: see `wish`.
        subprotocol: one of those that it offers, or None.
        compression: permessage-deflate may be spoken (RFC 7692).

    Raises:
        RequestError: it is none (400), or one of another version (426).
    """
    if wish.get("Sec-WebSocket-Version", "13") != "13":
        raise RequestError(426, "The version of WebSocket spoken here is 13.", UPGRADE, VERSION)
    chosen = Subprotocol(subprotocol) if subprotocol is not None else None
    protocol = ServerProtocol(
        extensions=[_DEFLATE] if compression else None, select_subprotocol=lambda *_: chosen
    )
    response = protocol.accept(Request("/", Headers(wish)))
    if response.status_code != 101:
        raise RequestError(400, f"This is no WebSocket handshake: {protocol.handshake_exc}.")
    answer = [(name, value) for name, value in response.headers.raw_items() if name != "Date"]
    return answer, protocol.extensions
