"""What a proxy in front says of the client: ``X-Forwarded-For``, ``-Proto`` and ``-Host``.

Anybody can send these headers; they count only from the peers that the setting
``forwarded_allow_ips`` lists. A proxy appends to ``X-Forwarded-For`` the address that it sees, so
the list is read from its end: the first address that is not one of the listed proxies is the
client, and what stands before it is what the client made up. RFC 7239's ``Forwarded`` is not
heeded: proxies that write the older headers pass it through as the client sent it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from cogen.errors import SettingsError
from cogen.web.exchange import Application

__all__ = ["Forwarded", "TrustedPeers"]

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PORT = re.compile(r":[0-9]{1,5}")


class TrustedPeers:
    """The peers that a setting lists, by default ``forwarded_allow_ips``.

    Args:
        text: addresses and networks (``10.0.0.0/8``) with commas between; ``unix`` for peers on a
            unix socket, ``*`` for every peer.
        setting: whose value it is.

    Raises:
        SettingsError: something in it is none of these.
    """

    def __init__(self, text: str, setting: str = "forwarded_allow_ips") -> None:
        self._every = False
        self._unix = False
        self._networks: list[IPv4Network | IPv6Network] = []
        for word in (part.strip() for part in text.split(",")):
            if word == "*":
                self._every = True
            elif word == "unix":
                self._unix = True
            elif word:
                try:
                    self._networks.append(ip_network(word))
                except ValueError as error:
                    raise SettingsError(
                        f"{setting}: {word!r} is no address, network, unix or *: {error}"
                    ) from None

    def __bool__(self) -> bool:
        return self._every or self._unix or bool(self._networks)

    def peer(self, address: str) -> bool:
        """Whether who is connected may say where it has a request from ("": a unix socket)."""
        if self._every or not address:
            return self._every or self._unix
        known = _address(address)
        return known is not None and self.listed(known)

    def listed(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether it is itself a proxy. With ``*`` no address is: the last one is the client's."""
        return any(address in network for network in self._networks)


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, with or without port and brackets; None for what is none."""
    text = text.strip(" \t")
    if text.startswith("["):
        text, bracket, port = text[1:].partition("]")
        if not bracket or (port and not _PORT.fullmatch(port)):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _PORT.fullmatch(f":{port}"):
            return None
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class Forwarded:
    """Puts the client's address, scheme and host in the place of the proxy's.

    ``REMOTE_ADDR``, ``wsgi.url_scheme`` and ``HTTP_HOST`` change; ``REMOTE_PORT`` goes, for it was
    the proxy's. What is malformed changes nothing.
    """

    def __init__(self, application: Application, trusted: TrustedPeers) -> None:
        self._application = application
        self._trusted = trusted

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if self._trusted.peer(environ["REMOTE_ADDR"]):
            self.apply(environ)
        return self._application(environ, start_response)

    def apply(self, environ: dict[str, Any]) -> None:
        """Change the environ of a request that a listed peer sent."""
        client = self._client(environ.get("HTTP_X_FORWARDED_FOR", ""))
        if client:
            environ["REMOTE_ADDR"] = client
            environ.pop("REMOTE_PORT", None)
        scheme = _last(environ.get("HTTP_X_FORWARDED_PROTO", "")).lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        host = _last(environ.get("HTTP_X_FORWARDED_HOST", ""))
        if _HOST.fullmatch(host):
            environ["HTTP_HOST"] = host

    def _client(self, forwarded_for: str) -> str:
        client = ""
        for word in reversed(forwarded_for.split(",")):
            address = _address(word)
            if address is None:
                break
            client = str(address)
            if not self._trusted.listed(address):
                break
        return client


def _last(values: str) -> str:
    """What the nearest proxy said."""
    return values.rpartition(",")[2].strip(" \t")
