"""Somebody at a terminal, behind the telnet gateway, without sockets."""

from __future__ import annotations

from typing import Any

from chatapp.gateways.telnet import TelnetGateway
from tests.chatapp.harness import Site
from tests.web.harness import FakeTransport, Served


def door(site: Site, **settings: Any) -> TelnetGateway:
    given = {"port": 4242, "host": "", "idle": 3600.0, "per_address": 20, "heartbeat": 15.0}
    return TelnetGateway(site.rooms, site.roster, site.speech, **{**given, **settings})


def later(site: Site, seconds: float) -> None:
    """Let time pass, with the server's looks at its deadlines."""
    Served.advance(site, seconds)


class Person:
    """One connection.

    Args:
        address: where it comes from.
    """

    def __init__(self, site: Site, gateway: TelnetGateway, address: str = "192.0.2.1") -> None:
        self._site = site
        self.connection = gateway.connect(site.service)
        self.transport = FakeTransport(self.connection, (address, 50000))
        self.connection.connection_made(self.transport)
        site.clients.append(self)  # type: ignore[arg-type]
        site.settle()

    def send(self, data: bytes) -> None:
        self.connection.data_received(data)
        self._site.settle()

    def type(self, *lines: str) -> list[str]:
        """Type lines; gives what is shown then."""
        for line in lines:
            self.send(line.encode() + b"\r\n")
        return self.sees()

    def sees(self) -> list[str]:
        """What has been shown since the last look, line by line."""
        data = bytes(self.transport.arrived)
        self.transport.arrived.clear()
        assert not data or data.endswith(b"\r\n")
        return data.decode().split("\r\n")[:-1]

    @property
    def over(self) -> bool:
        """The server has said that nothing more comes."""
        return self.transport.closing or self.transport.ended

    def end(self) -> None:
        """It sends no more (FIN)."""
        if not self.connection.eof_received():
            self.transport.close()
        self._site.settle()

    def lost(self, error: Exception | None = None) -> None:
        """The connection is no more."""
        self._site.clients.remove(self)  # type: ignore[arg-type]
        self.transport.closing = self.transport.lost = True
        self.connection.connection_lost(error)
        self.transport.protocol = None  # as asyncio does it
        self._site.loop.run_until_idle()
