"""The chat as those see it who live in it beside HTTP: terminals, live elements."""

from __future__ import annotations

from typing import NamedTuple

from chatapp.lib.speech import Speech
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster

__all__ = ["Chat"]


class Chat(NamedTuple):
    """Its parts.

    Attributes:
        rooms: where it is spoken.
        roster: who is there.
        speech: by which it is spoken.
    """

    rooms: Rooms
    roster: Roster
    speech: Speech
