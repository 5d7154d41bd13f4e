"""Who has spoken lately: who only pushes is in no room, and can be found nowhere else."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

from chatapp.model.names import same_name

__all__ = ["Speaker", "Speakers"]

REMEMBERED: Final = 1000


class Speaker(NamedTuple):
    """Somebody, where it spoke last.

    Attributes:
        session: its id.
        address: of IP, as text; "" when there is none.
    """

    name: str
    session: str
    address: str


class Speakers:
    """The last thousand names under which somebody spoke."""

    def __init__(self) -> None:
        self._speakers: OrderedDict[str, Speaker] = OrderedDict()

    def spoke(self, name: str, session: str, address: str) -> None:
        """Somebody has spoken just now."""
        key = same_name(name)
        self._speakers[key] = Speaker(name, session, address)
        self._speakers.move_to_end(key)
        if len(self._speakers) > REMEMBERED:
            self._speakers.popitem(last=False)

    def called(self, name: str) -> Speaker | None:
        """Who spoke last under this name."""
        return self._speakers.get(same_name(name))
