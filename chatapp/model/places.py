"""Where readers were that have left: who comes back goes on from there."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from chatapp.model.client import Client
from chatapp.model.room import Position

__all__ = ["Places"]

REMEMBERED: Final = 10_000  # readers


class Places:
    """Of the last so many.

    Args:
        most: readers; then the oldest is forgotten.
    """

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._places: OrderedDict[tuple[int, str, str], Position] = OrderedDict()

    def __len__(self) -> int:
        return len(self._places)

    def remember(self, client: Client) -> None:
        """It has left; unless another one has since then, in its place."""
        self._places.setdefault(_key(client), client.position)
        if len(self._places) > self._most:
            self._places.popitem(last=False)

    def forget(self, client: Client) -> None:
        """It, or one in its place, has left for ever, or leaves anew."""
        self._places.pop(_key(client), None)

    def take(self, room: int, session: str, tab: str) -> Position | None:
        """Where the one was that comes back; None if that is not known."""
        return self._places.pop((room, session, tab), None)


def _key(client: Client) -> tuple[int, str, str]:
    """By which it is known again."""
    return client.room.id, client.member.person.session, client.tab
