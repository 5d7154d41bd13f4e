"""Who may not speak, or not be here, for a time.

A sanction holds for a session and, as a session is given up by dropping a cookie, for the network
that it came from. Whoever comes from this machine itself has no network of its own: behind a proxy
that is not listed all would seem to.

All are in memory, so that asking costs nothing while there are none; the store has them too.
"""

from __future__ import annotations

import ipaddress
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from chatapp.model.rates import network
from chatapp.model.records import Sanction

__all__ = ["NoSanction", "Sanctioned", "Sanctions", "digest_of", "own_network"]

MICROSECONDS: Final = 1_000_000


class Sanctioned(Exception):
    """Somebody may not do this now.

    Attributes:
        sanction: which forbids it.
        left: seconds until it ends.
    """

    def __init__(self, sanction: Sanction, left: float) -> None:
        super().__init__(sanction, left)
        self.sanction = sanction
        self.left = left


class NoSanction(LookupError):
    """There is no such sanction, or no longer. The argument is a sentence for people."""


def digest_of(session: str) -> bytes:
    """By which a sanction knows a session: who reads the store is not to have its id."""
    return blake2b(session.encode("utf-8", "replace"), digest_size=16).digest()


@lru_cache(maxsize=4096)
def own_network(address: str) -> str:
    """The `network` of an address; "" of what many share: a unix socket, this machine."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return "" if plain.is_loopback else network(address)


class Sanctions:
    """Those that hold; there are none while it is empty.

    Args:
        standing: those of the process before.
        clock: seconds since the Unix epoch.
    """

    def __init__(
        self, standing: Iterable[Sanction] = (), clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._sanctions: dict[int, Sanction] = {}
        self._of: defaultdict[bytes | str, list[Sanction]] = defaultdict(list)
        for sanction in standing:
            self._put(sanction)

    def __len__(self) -> int:
        """How many there are; some may have ended a while ago."""
        return len(self._sanctions)

    def __iter__(self) -> Iterator[Sanction]:
        """Those that hold now, the oldest first."""
        self._forget_ended()
        return iter([*self._sanctions.values()])

    def find(self, id: str) -> Sanction:
        """The one of this id, as people write it.

        Raises:
            NoSanction: there is none.
        """
        number = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
        for sanction in self:
            if sanction.id == number:
                return sanction
        raise NoSanction("There is no such sanction.")

    def add(self, sanction: Sanction) -> None:
        """It holds from now on."""
        self._forget_ended()
        self._put(sanction)

    def discard(self, sanction: Sanction) -> None:
        """It holds no longer; no effect if it did not."""
        if self._sanctions.pop(sanction.id, None) is None:
            return
        for key in _keys(sanction):
            self._of[key].remove(sanction)
            if not self._of[key]:
                del self._of[key]

    def close(self, room: int) -> None:
        """The room is gone, and what held only there; the store has forgotten it too."""
        for sanction in [each for each in self._sanctions.values() if each.room == room]:
            self.discard(sanction)

    def admit(self, room: int, session: str, address: str) -> None:
        """Somebody comes into a room, or reads there.

        Raises:
            Sanctioned: it was sent out.
        """
        for sanction in self._concerning(session, address):
            if sanction.kind == "out" and sanction.room in (None, room):
                self._enforce(sanction)

    def hush(self, room: int | None, session: str, address: str) -> None:
        """Somebody speaks in a room; None: it takes another name, of which every room hears where
        it is.

        Raises:
            Sanctioned: it may not.
        """
        for sanction in self._concerning(session, address):
            everywhere = room is None and sanction.kind == "mute"
            if everywhere or sanction.room in (None, room):
                self._enforce(sanction)

    def _put(self, sanction: Sanction) -> None:
        self._sanctions[sanction.id] = sanction
        for key in _keys(sanction):
            self._of[key].append(sanction)

    def _concerning(self, session: str, address: str) -> list[Sanction]:
        place = own_network(address)
        by_network = self._of.get(place, []) if place else []
        return [*self._of.get(digest_of(session), []), *by_network]

    def _enforce(self, sanction: Sanction) -> None:
        left = sanction.until / MICROSECONDS - self._clock()
        if left > 0:
            raise Sanctioned(sanction, left)

    def _forget_ended(self) -> None:
        now = self._clock() * MICROSECONDS
        for sanction in [each for each in self._sanctions.values() if each.until <= now]:
            self.discard(sanction)


def _keys(sanction: Sanction) -> list[bytes | str]:
    """Under which it is found."""
    return [sanction.session, *([sanction.network] if sanction.network else [])]
