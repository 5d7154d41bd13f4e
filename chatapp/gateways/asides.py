"""What somebody at a terminal asks the server, and nobody else hears: who is here, and so on."""

from __future__ import annotations

from typing import Final

from chatapp.lib.refusal import Refusal
from chatapp.model.room import Room
from chatapp.model.rooms import NoRoom, Rooms
from chatapp.model.roster import Roster

__all__ = ["Asides"]

USUAL: Final = 20  # messages of the past
MOST: Final = 1000
LISTED: Final = 100  # names, or rooms

HELP: Final = [
    "What you type is said to the room. Or it is a command:",
    "/nick NAME   be called so",
    "/me TEXT     tell that you do it",
    "/who         who is here",
    "/join        which rooms there are",
    "/join ROOM   go there, by number or by name",
    "/history     the newest messages; /history 100 for more",
    "/quit        go",
    "//           one slash, that is said",
]


class Asides:
    """The answers.

    Args:
        rooms: all of them.
        roster: who is there.
    """

    def __init__(self, rooms: Rooms, roster: Roster) -> None:
        self._rooms = rooms
        self._roster = roster

    def answer(self, verb: str, here: Room) -> list[str]:
        """Lines: who is ``here``, which rooms there are, or help."""
        if verb == "who":
            return [f"In {here.name}: {', '.join(_some(self._roster.names(here)))}"]
        if verb == "join":
            listed = [f"{room.id}  {room.name}" for room in self._rooms]
            return [*_some(listed), f"You are in {here.name}."]
        return HELP

    def room(self, wanted: str) -> Room:
        """The room of this number, or else of this name. Raises `NoRoom`."""
        try:
            return self._rooms.find(wanted)
        except NoRoom:
            for room in self._rooms:
                if _order(room.name) == _order(wanted):
                    return room
            raise

    def count(self, wanted: str) -> int:
        """How much of the past. Raises `Refusal`."""
        if not wanted:
            return USUAL
        if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:9]) <= MOST:
            return int(wanted[:9])
        raise Refusal(400, f"/history takes a number from 1 to {MOST}.")


def _some(names: list[str]) -> list[str]:
    more = len(names) - LISTED
    return names if more <= 0 else [*names[:LISTED], f"and {more} more"]


def _order(name: str) -> str:
    return name.casefold()
