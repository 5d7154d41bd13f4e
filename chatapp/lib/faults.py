"""What the model refuses, as a response: one table."""

from __future__ import annotations

from typing import Final

from chatapp.lib.refusal import Refusal
from chatapp.model.names import BadName
from chatapp.model.people import NameTaken
from chatapp.model.ports import Conflict, Unavailable
from chatapp.model.room import BadCursor, NoMessage
from chatapp.model.rooms import BadRoomName, NoRoom
from chatapp.model.roster import Crowded

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
    return Refusal(404 if isinstance(fault, NoRoom | NoMessage) else 400, str(fault))
