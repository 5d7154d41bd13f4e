"""What the model refuses, as a response: one table."""

from __future__ import annotations

import math
from typing import Final

from chatapp.lib.refusal import Refusal
from chatapp.model.names import BadName
from chatapp.model.people import NameTaken
from chatapp.model.ports import Conflict, Unavailable
from chatapp.model.room import BadCursor, NoMessage
from chatapp.model.rooms import BadRoomName, NoRoom
from chatapp.model.roster import Crowded
from chatapp.model.sanctions import NoSanction, Sanctioned

__all__ = ["FAULTS", "refused"]

_AGAIN: Final = "Retry-After"

FAULTS: Final = (
    Refusal,
    BadCursor,
    BadName,
    BadRoomName,
    Conflict,
    Crowded,
    NameTaken,
    NoMessage,
    NoRoom,
    NoSanction,
    Sanctioned,
    Unavailable,
)


def refused(fault: Exception) -> Refusal:
    """One of `FAULTS`, as the refusal it is for who asked."""
    if isinstance(fault, Refusal):
        return fault
    if isinstance(fault, NameTaken):
        return Refusal(409, f"The name {fault} is in use; choose another one.")
    if isinstance(fault, Conflict):
        return Refusal(409, "Another room has this name.")
    if isinstance(fault, Crowded):
        return Refusal(503, "Too many are here; try again later.", (_AGAIN, "10"))
    if isinstance(fault, Unavailable):
        return Refusal(503, str(fault), (_AGAIN, "2"))
    if isinstance(fault, Sanctioned):
        return _sanctioned(fault)
    there = not isinstance(fault, NoRoom | NoMessage | NoSanction)
    return Refusal(400 if there else 404, str(fault))


def _sanctioned(fault: Sanctioned) -> Refusal:
    kind, room, why = fault.sanction.kind, fault.sanction.room, fault.sanction.why
    where = "here" if room is None else "in this room"
    what = f"You may not speak {where}" if kind == "mute" else f"You may not be {where}"
    reason = f": {why.rstrip('.')}" if why else ""
    left = math.ceil(fault.left)
    return Refusal(403, f"{what} for {_duration(left)}{reason}.", (_AGAIN, str(left)))


def _duration(seconds: int) -> str:
    """For people: rounded up, in the largest unit of which it is two or more."""
    for unit, size in ("day", 86_400), ("hour", 3600), ("minute", 60):
        if seconds >= 2 * size:
            return f"{-(-seconds // size)} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
