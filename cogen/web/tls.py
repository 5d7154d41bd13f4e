"""TLS between a connection's transport and its protocol: `ssl` does it, on memory, not on sockets.

Event loops bring a TLS transport of their own. It cannot say how much of an answer is still
unwritten, lets go of the socket before the protocol hears of the end, and cannot end one
direction only; on these three rest the receipts, the deadlines for clients that do not read, and
answers that are not destroyed by a reset. Here every byte is encrypted at once and handed to the
transport underneath, whose word on all three then stands.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cogen.errors import SettingsError
from cogen.web.receipt import undelivered
from cogen.web.service import MOMENT, Service
from cogen.web.settings import ServerSettings

__all__ = ["Secured", "server_context"]

log = logging.getLogger(__name__)

PIECE = 64 * 1024  # bytes decrypted at once
GOODBYE = 0.25  # seconds for a client that has said goodbye to go
WAITING = 16  # handshakes over the limit of connections


def server_context(settings: ServerSettings) -> ssl.SSLContext | None:
    """What ``certfile`` and ``keyfile`` say: TLS 1.2 or newer, HTTP/1.1. None without a certfile.

    Raises:
        SettingsError: a file cannot be read, is not what it should be, or they do not fit.
    """
    certfile, keyfile = settings.certfile, settings.keyfile or settings.certfile
    if not certfile:
        if settings.keyfile:
            raise SettingsError("keyfile is nothing without a certfile")
        return None
    _read("certfile", certfile)
    locked = b"ENCRYPTED" in _read("keyfile", keyfile)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # A function, for else OpenSSL would ask at the terminal.
        context.load_cert_chain(certfile, keyfile, password=lambda: settings.keyfile_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            says = f"keyfile {keyfile!r} does not belong to certfile {certfile!r}"
        elif locked:
            says = f"keyfile {keyfile!r} cannot be opened with this keyfile_password"
        else:
            says = f"certfile {certfile!r}, keyfile {keyfile!r}: not a certificate and its key, PEM"
        raise SettingsError(says) from None
    return context


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"{name}: cannot read {path!r}: {error.strerror}") from None


class Secured(asyncio.Protocol):
    """A protocol for the transport below, and a transport for the connection above.

    Args:
        context: of `server_context`.
        connection: makes the connection, once the handshake is done.
        service: the server's; the handshake has to be done within its ``head_timeout``.
    """

    __slots__ = (
        "_close_notified",
        "_connection",
        "_deadline",
        "_delivered",
        "_ended",
        "_error",
        "_goodbye",
        "_incoming",
        "_make",
        "_outgoing",
        "_service",
        "_tls",
        "_transport",
    )

    def __init__(
        self,
        context: ssl.SSLContext,
        connection: Callable[[], Any],
        service: Service,
    ) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._make = connection
        self._service = service
        self._deadline = service.scheduler.time() + service.settings.head_timeout
        self._connection: Any = None
        self._transport: Any = None
        self._close_notified = False  # we have said that no more comes from us
        self._ended = False  # the client has said so
        self._delivered = False  # at its end it had everything
        self._error: Exception | None = None
        self._goodbye: asyncio.TimerHandle | None = None

    # The transport's events

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        service = self._service
        # Those over the limit are told so, but that too needs a handshake first.
        if len(service.connections) + len(service.handshakes) >= service.most + WAITING:
            service.turned_away += 1
            transport.abort()
            return
        service.handshakes.add(self)

    def data_received(self, data: bytes) -> None:
        if self._close_notified or self._ended:
            return  # nobody reads it any more
        self._incoming.write(data)
        try:
            if self._connection is None and not self._shake_hands():
                return
            clear = self._decrypt()
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._flush()
        if clear:
            self._connection.data_received(clear)
        if self._incoming.eof and not self._ended:
            self._ended = True
            if not self._connection.eof_received() and not self._transport.is_closing():
                # Its FIN or its reset is to follow, and tells what it had read; our goodbye would
                # only be answered by a reset.
                self._goodbye = asyncio.get_running_loop().call_later(GOODBYE, self.close)

    def eof_received(self) -> bool:
        if self._connection is None:
            return False
        if self._goodbye is not None or (not self._ended and not self._connection.eof_received()):
            self._ended = True
            self.close()
        self._ended = True
        return not self._transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._service.handshakes.discard(self)
        if self._goodbye is not None:
            self._goodbye.cancel()
            self._goodbye = None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.connection_lost(None if self._delivered else exc or self._error)

    def pause_writing(self) -> None:
        if self._connection is not None:
            self._connection.pause_writing()

    def resume_writing(self) -> None:
        if self._connection is not None:
            self._connection.resume_writing()

    # Before there is a connection: the server's calls

    def check(self, now: float) -> None:
        """Is the time for the handshake over?"""
        if now >= self._deadline:
            self.abort()

    def shut(self) -> None:
        """The server is being stopped: who has only just come may say what is wanted."""
        begun = self._deadline - self._service.settings.head_timeout
        if self._service.scheduler.time() >= begun + MOMENT:
            self.abort()

    # The connection's calls

    def write(self, data: bytes) -> None:
        if self._close_notified or self._transport.is_closing():
            return
        view = memoryview(data)
        try:
            while view:
                view = view[self._tls.write(view) :]
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._flush()

    def set_protocol(self, protocol: Any) -> None:
        self._connection = protocol

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        """End our direction, as TLS says it and as TCP does."""
        self._notify()
        self._transport.write_eof()

    def close(self) -> None:
        """Write what there is, say that no more comes, and close."""
        if self._transport.is_closing():
            return
        if self._ended and not self._unwritten() and not undelivered(self._transport):
            self._delivered = True  # whatever becomes of the goodbye that follows
        self._notify()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        closing: bool = self._transport.is_closing()
        return closing

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_write_buffer_size(self) -> int:
        if self._delivered:
            return 0
        reset = self._goodbye is not None and self._transport.is_closing()
        return self._unwritten() or int(reset)  # what was lost to a reset stays unwritten

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As asyncio has it."""
        if name == "sslcontext":
            return self._tls.context
        if name == "ssl_object":
            return self._tls
        if name == "socket" and self._delivered:  # what the kernel knows now is of the goodbye
            return default
        return self._transport.get_extra_info(name, default)

    # Inside

    def _shake_hands(self) -> bool:
        """Go on with it; True when it is done."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        self._service.handshakes.discard(self)
        self._connection = self._make()
        self._connection.connection_made(self)
        return not (self._transport.is_closing() or self._close_notified)

    def _decrypt(self) -> bytes:
        pieces = []
        try:
            while piece := self._tls.read(PIECE):
                pieces.append(piece)
            self._incoming.write_eof()  # close_notify
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._incoming.write_eof()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _notify(self) -> None:
        if self._close_notified:
            return
        self._close_notified = True
        try:
            self._tls.unwrap()
        except (ssl.SSLError, ValueError) as error:  # it waits for the client's, we do not
            log.debug("close_notify: %s", error)
        self._flush()

    def _fail(self, error: ssl.SSLError) -> None:
        """What came is not TLS, or not the client's: tell it why, and end."""
        log.debug("TLS: %s", error)
        self._error = error
        self._close_notified = True
        self._flush()
        if self._connection is None:
            self._transport.close()
        else:
            self._transport.abort()

    def _unwritten(self) -> int:
        size: int = self._transport.get_write_buffer_size()
        return size

    def _flush(self) -> None:
        if self._outgoing.pending and not self._transport.is_closing():
            self._transport.write(self._outgoing.read())
