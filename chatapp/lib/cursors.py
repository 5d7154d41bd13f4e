"""The cursor of one poll for several rooms, and the list of them.

``1:9f3a01bc.17,2:77aa01bc.3``: each room's id and that room's own cursor, which only the room
understands. ``1,2,5``: ids. No room stands in either twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["format_cursors", "parse_cursors", "parse_rooms"]

MOST: Final = 50  # rooms in one poll

_ID: Final = re.compile("[1-9][0-9]{0,17}", re.ASCII)
_CURSOR: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")


def parse_rooms(text: str) -> list[int]:
    """The ids of a list, in its order.

    Raises:
        ValueError: it is none, with a text that says why.
    """
    return _distinct(
        _id(each, "rooms are ids with commas between, e.g. 1,2,5.") for each in _split(text)
    )


def parse_cursors(text: str) -> dict[int, str]:
    """Each room's own cursor, by its id.

    Raises:
        ValueError: it is none, with a text that says why.
    """
    why = "A cursor for several rooms is what the last poll said, e.g. 1:9f3a01bc.17,2:77aa01bc.3."
    pairs = [each.partition(":") for each in _split(text)]
    if not all(_CURSOR.fullmatch(cursor) for _, _, cursor in pairs):
        raise ValueError(why)
    rooms = _distinct(_id(room, why) for room, _, _ in pairs)
    return dict(zip(rooms, (cursor for _, _, cursor in pairs), strict=True))


def format_cursors(cursors: Mapping[int, str]) -> str:
    """One cursor from those of the rooms, by their ids."""
    return ",".join([f"{room}:{cursor}" for room, cursor in cursors.items()])


def _split(text: str) -> list[str]:
    parts = text.split(",", MOST)
    if len(parts) > MOST:
        raise ValueError(f"One poll is for at most {MOST} rooms.")
    return parts


def _id(text: str, why: str) -> int:
    if not _ID.fullmatch(text):
        raise ValueError(why)
    return int(text)


def _distinct(rooms: Iterable[int]) -> list[int]:
    found = list(rooms)
    for room in found:
        if found.count(room) > 1:
            raise ValueError(f"Room {room} is there twice.")
    return found
