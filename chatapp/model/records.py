"""What is kept of administrators: who they are, what they did, and whom they keep quiet or out.

As `chatapp.model.ports.Store`, of which this is the part that is seldom asked. Times are in
microseconds since the Unix epoch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

__all__ = ["AdminSession", "Note", "Records", "Sanction", "Standing"]


class Note(NamedTuple):
    """A line of the audit log.

    Attributes:
        who: the administrator's name; "" of somebody who is none.
        address: of IP, as text; "" when there is none.
        action: what was done, e.g. ``room.remove``.
        target: to what, e.g. ``room 2``.
        details: what else is worth knowing, for JSON. No secrets.
        id: its number, given when it is kept: 1, 2, 3 …
    """

    time: int
    who: str
    address: str
    action: str
    target: str = ""
    details: Mapping[str, Any] = {}
    id: int = 0


class AdminSession(NamedTuple):
    """An administrator who has logged in.

    Attributes:
        digest: of the cookie's token, which itself is kept nowhere.
        name: whose it is.
        created: when it began.
    """

    digest: bytes
    name: str
    created: int


class Sanction(NamedTuple):
    """Somebody may not speak, or not be here, for a time.

    Attributes:
        kind: ``mute``: reads, but may not speak; ``out``: is not let in at all.
        room: the room's id; None for all rooms.
        session: a digest of the session's id.
        network: see `chatapp.model.rates.network`; "" for the session alone.
        name: what they were called.
        created: since when.
        until: it ends by itself.
        who: the administrator's name.
        why: for the others, and for who asks; maybe "".
        id: its number, given when it is kept; never given twice.
    """

    kind: Literal["mute", "out"]
    room: int | None
    session: bytes
    network: str
    name: str
    created: int
    until: int
    who: str
    why: str = ""
    id: int = 0

    def concerns(self, session: bytes, network: str) -> bool:
        """It holds for this session (its digest), or this network ("" for none)."""
        return self.session == session or (network != "" and self.network == network)


class Standing(NamedTuple):
    """What holds from the start on: it was so when the process before ended."""

    sessions: Sequence[AdminSession] = ()
    sanctions: Sequence[Sanction] = ()


class Records(Protocol):
    """Each method gives something that can be waited for; each may fail with `Unavailable`.

    A note is kept together with what it tells of, or neither is.
    """

    def password(self, name: str) -> Any:
        """``str | None``: the hash of this administrator's password, if there is such a one."""
        ...

    def administrators(self) -> Any:
        """``list[str]``: their names, the first one first."""
        ...

    def appoint(self, name: str, password: str, note: Note) -> Any:
        """None: there is an administrator more. Raises `Conflict`: the name is taken.

        Args:
            password: its hash.
        """
        ...

    def change(self, name: str, password: str, note: Note) -> Any:
        """None: this administrator has another password, and its sessions are over.

        Args:
            password: its hash.
        """
        ...

    def begin(self, session: AdminSession, note: Note) -> Any:
        """None: an administrator has logged in."""
        ...

    def end(self, digests: Sequence[bytes], note: Note | None = None) -> Any:
        """None: these sessions are over."""
        ...

    def impose(self, sanction: Sanction, note: Note) -> Any:
        """`Sanction`, with its id; those that have ended are forgotten.

        Raises `Conflict`: its room has gone.
        """
        ...

    def lift(self, sanction: int, note: Note) -> Any:
        """None: it holds no longer."""
        ...

    def erase(self, room: int, seq: int, note: Note) -> Any:
        """None: if the message is there, it keeps its place, its time and its sender; its kind is
        ``removed``, and its text is empty."""
        ...

    def restored(self, rooms: Sequence[int], note: Note) -> Any:
        """None: this is an old state of everything, put back: these rooms have other epochs, and
        nobody is logged in."""
        ...

    def note(self, note: Note) -> Any:
        """None: it stands in the audit log."""
        ...

    def audit(self, before: int | None, limit: int) -> Any:
        """``list[Note]``: the newest, or the newest before note ``before``; newest first."""
        ...
