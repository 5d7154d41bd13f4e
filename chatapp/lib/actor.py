"""Who does something as an administrator, for the audit log."""

from __future__ import annotations

from typing import Any, NamedTuple

from chatapp.model.records import Note

__all__ = ["Actor"]


class Actor(NamedTuple):
    """An administrator in one request.

    Attributes:
        name: its own; ``chat.admin_token`` of a program that has it.
        address: from where; "" when that is not known.
        time: when, in microseconds since the Unix epoch.
    """

    name: str
    address: str
    time: int

    def note(self, action: str, target: str = "", **details: Any) -> Note:
        """What it did; see `Note`."""
        return Note(self.time, self.name, self.address, action, target, details)
