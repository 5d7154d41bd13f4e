"""The telnet gateway: ``telnet host 4242``, or ``nc``; in the server's own loop, beside HTTP.

Who has gone without a word is found by TCP, and clients see nothing of it: in silence it asks for a
sign of life (RFC 9293, 3.8.4), and it knows what was sent and not acknowledged
(`cogen.web.liveness`). A terminal that is only paused acknowledges both, and stays.
"""

from __future__ import annotations

import ipaddress
import logging
import secrets
import socket
from collections import Counter
from collections.abc import Generator
from typing import Any, ClassVar, Final

from chatapp.gateways.codec import LAST, TelnetCodec, outgoing
from chatapp.gateways.terminal import Terminal
from chatapp.lib.session import Session
from chatapp.lib.speech import Speech
from chatapp.lib.visitor import Caller
from chatapp.model.rates import network
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.core.coroutines import coro
from cogen.web.address import listening
from cogen.web.codec import Ending
from cogen.web.duplex import Duplex
from cogen.web.service import Service
from cogen.web.settings import ServerSettings

__all__ = ["TelnetGateway"]

log = logging.getLogger(__name__)

LATER: Final = 1013  # RFC 6455 7.4.1
PROBES: Final = 3  # that are not answered, in three quarters of the time after which they begin


class TelnetGateway:
    """A `cogen.web.gateways.Gateway`.

    Args:
        rooms: where it is spoken.
        roster: who is there.
        speech: by which it is spoken.
        port: see `chatapp.config.settings.TelnetSettings`, also for the following.
        host: "" for the server's.
        idle: 0 for never.
        per_address: connections of one address, or of one network of 64 bits.
        heartbeat: seconds of silence, after which a sign of life is asked for.
    """

    def __init__(
        self,
        rooms: Rooms,
        roster: Roster,
        speech: Speech,
        *,
        port: int,
        host: str,
        idle: float,
        per_address: int,
        heartbeat: float,
    ) -> None:
        self.idle = idle or None
        self._parts = rooms, roster, speech
        self._port = port
        self._host = host
        self._per_address = per_address
        self._heartbeat = heartbeat
        self._open: Counter[str] = Counter()  # connections, by network

    def bind(self, settings: ServerSettings) -> socket.socket:
        """The socket to listen on.

        Raises:
            OSError: the address cannot be had.
        """
        host = self._host or settings.host
        try:
            sock = listening(host, self._port)
        except OSError as error:
            why = f"telnet at {host}:{self._port}: {error.strerror or error}"
            raise OSError(error.errno, why) from None
        log.info("Chat server running! telnet %s %d", *sock.getsockname()[:2])
        return sock

    def connect(self, service: Service) -> Duplex:
        """One connection."""
        return _Connection(service, self)

    def admit(self, address: str) -> bool:
        """Count one in; False: there are as many of its address as may be."""
        key = network(address)
        if self._open[key] >= self._per_address:
            return False
        self._open[key] += 1
        return True

    def forget(self, address: str) -> None:
        """One that was admitted has ended."""
        key = network(address)
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]

    def terminal(self, connection: Duplex, address: str) -> Terminal:
        """The conversation of one connection."""

        def send(text: bytes) -> Any:
            return connection.transmit(outgoing(text))

        session = Session(secrets.token_hex(16), given=address)
        return Terminal(Caller(session, address), *self._parts, send)

    def watch(self, sock: socket.socket | None) -> None:
        """Let TCP ask in silence; it gives up within two heartbeats."""
        if sock is None:
            return
        seconds = max(1, round(self._heartbeat))
        options = {
            "TCP_KEEPIDLE": seconds,
            "TCP_KEEPINTVL": max(1, seconds // (PROBES + 1)),
            "TCP_KEEPCNT": PROBES,
        }
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in options.items():
            if hasattr(socket, name):  # not every system has each
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class _Connection(Duplex):
    """One terminal."""

    exchange: ClassVar[None] = None  # what the server's statistics look for: no request

    __slots__ = ("_address", "_gateway", "_silent")

    def __init__(self, service: Service, gateway: TelnetGateway) -> None:
        super().__init__(service, TelnetCodec())
        self._gateway = gateway
        self._address: str | None = None  # while it is admitted
        self._silent = False  # it types no more, but may read

    def connection_made(self, transport: Any) -> None:
        service, gateway = self._service, self._gateway
        room = service.admit(self)
        super().connection_made(transport)
        gateway.watch(transport.get_extra_info("socket"))
        address = _address(transport.get_extra_info("peername"))
        if not room:
            self.leave(LATER, "Too many are here; try again later.")
        elif not gateway.admit(address):
            self.leave(LATER, "Too many have come from your address.")
        else:
            self._address = address
            self.scheduler.add(self._serve(address))

    @coro
    def _serve(self, address: str) -> Generator[Any, Any, None]:
        idle = self._gateway.idle
        ending = Ending(1011)
        try:
            terminal = self._gateway.terminal(self, address)
            ending = yield terminal.stay(lambda: self.receive(idle))
        finally:
            self.leave(*ending)

    def eof_received(self) -> bool:
        """It types no more (``nc -N``): it has what it typed done and shown, and then goes."""
        if self.leaving:
            return super().eof_received()
        if not self._silent:
            self._silent = True
            self.data_received(LAST)
        return True

    def _hang_up(self) -> None:
        if self._silent:
            self._transport.close()  # nothing is unread, and nobody would close it for us
        else:
            super()._hang_up()

    def _gone(self) -> None:
        super()._gone()
        if self._address is not None:
            self._gateway.forget(self._address)


def _address(peer: Any) -> str:
    """Of IP, as people write it; "" if it has none."""
    if not isinstance(peer, tuple):
        return ""
    address = ipaddress.ip_address(peer[0].partition("%")[0])
    return str(getattr(address, "ipv4_mapped", None) or address)
