"""Who reads and is nobody: of a script for another site's page, only the network is known.

So there is no client for it, and no session by which to find it; but who is sent out shall not hear
the next message, also when it waits already.
"""

from __future__ import annotations

from typing import Any

from chatapp.model.client import Interrupted
from cogen.core.operations import Operation

__all__ = ["Guest", "Guests"]


class Guest:
    """One reader, while its request goes on; waits as a `Client` whose polls have their own cursor.

    Attributes:
        room: the id of the room that it reads.
        network: see `chatapp.model.sanctions.own_network`; "" of who is never meant.
        ended: it was sent out.
    """

    __slots__ = ("_operation", "ended", "network", "room")

    def __init__(self, room: int, network: str) -> None:
        self.room = room
        self.network = network
        self.ended = False
        self._operation: Operation[Any] | None = None

    def poll(self, operation: Operation[Any], seq: int) -> None:
        """It begins to wait."""
        self._operation = operation

    def polled(self, operation: Operation[Any]) -> None:
        """It waits no more."""
        self._operation = None

    def end(self) -> None:
        """It was sent out, and goes on at once if it waits."""
        self.ended = True
        if self._operation is not None:
            self._operation.fail(Interrupted(0.0))


class Guests:
    """All of them."""

    def __init__(self) -> None:
        self._guests: dict[Guest, None] = {}

    def enter(self, room: int, network: str) -> Guest:
        """One more; until it leaves."""
        guest = Guest(room, network)
        self._guests[guest] = None
        return guest

    def leave(self, guest: Guest) -> None:
        """Its request is over."""
        del self._guests[guest]

    def send_out(self, network: str, room: int | None) -> None:
        """Those of this network who read this room; or any, if None is named."""
        for guest in self._guests:
            if network and guest.network == network and room in (None, guest.room):
                guest.end()
