"""An application's other doors: what listens beside HTTP, in the same server.

The application's factory announces them, and the server that is started next in this process opens
them; so they need no way through the middleware that stands around the application. What connects
there is a connection as any: it counts, its deadlines are kept, and it is ended with the server.
"""

from __future__ import annotations

import socket
from typing import Any, Protocol

from cogen.web.service import Service
from cogen.web.settings import ServerSettings

__all__ = ["Gateway", "announce", "announced"]


class Gateway(Protocol):
    """One of them."""

    def bind(self, settings: ServerSettings) -> socket.socket:
        """The socket to listen on (see `cogen.web.address.listening`), for a server of these.

        Raises:
            OSError: the address cannot be had.
        """
        ...

    def connect(self, service: Service) -> Any:
        """The asyncio protocol of one connection, e.g. a `cogen.web.duplex.Duplex`."""
        ...


_announced: list[Gateway] = []


def announce(gateway: Gateway) -> None:
    """Let the next server open it."""
    _announced.append(gateway)


def announced() -> list[Gateway]:
    """The server's call: those that no server has yet; they are its own now."""
    gateways = _announced[:]
    _announced.clear()
    return gateways
