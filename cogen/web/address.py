"""Where a server listens: host and port, or a unix socket."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Any

from cogen.web.settings import ServerSettings

__all__ = ["bind", "listening", "unlink", "where"]

UNSENT = 128 * 1024  # bytes that the kernel takes for a client before it has sent them


def bind(settings: ServerSettings) -> socket.socket:
    """The socket to listen on.

    Raises:
        OSError: the address cannot be had.
    """
    if settings.unix_socket:
        _unlink_stale(settings.unix_socket)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        return _bound(sock, settings.unix_socket)
    return listening(settings.host, settings.port)


def listening(host: str, port: int) -> socket.socket:
    """The socket for a host ("" for every address) and a port.

    Raises:
        OSError: the address cannot be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _bound_unsent(sock)
    return _bound(sock, address)


def _bound(sock: socket.socket, address: Any) -> socket.socket:
    try:
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _bound_unsent(sock: socket.socket) -> None:
    """Else the kernel takes up to 4 MB for each client that does not read (tcp(7), tcp_wmem).

    Connections have it from the socket that they were accepted on.
    """
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)


def _unlink_stale(unix_socket: str) -> None:
    """Clear away what a server left that was killed; one that lives keeps its own."""
    if not Path(unix_socket).is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        if sock.connect_ex(unix_socket) == 0:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    unlink(unix_socket)


def unlink(unix_socket: str) -> None:
    """Clear the path away; nothing for ""."""
    if unix_socket:
        Path(unix_socket).unlink(missing_ok=True)


def where(settings: ServerSettings, sock: socket.socket) -> str:
    """The address, as a person would write it."""
    if settings.unix_socket:
        return f"unix:{settings.unix_socket}"
    host, port = sock.getsockname()[:2]
    scheme = "https" if settings.certfile else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
