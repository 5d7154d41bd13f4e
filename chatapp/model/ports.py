"""What the model needs of the outside: who fixes the order, and who keeps what was said.

The model declares both, adapters implement them (`chatapp.broker`, `chatapp.store`), and
`chatapp.config` puts them together. Everything that may wait gives something that can be waited
for: in a coroutine by ``yield``, in an action by the gate, under asyncio by ``await``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from chatapp.model.message import Kind, Message
from chatapp.model.records import Note, Records

__all__ = [
    "Broker",
    "Conflict",
    "Draft",
    "Entry",
    "Keys",
    "Page",
    "RoomRow",
    "Store",
    "Unavailable",
]

Keys = Sequence[tuple[int, str]]  # a room's id, and a draft's key


class Unavailable(Exception):
    """It cannot be done now, and may be later (a full disk, a locked database).

    The argument is a sentence for people, without paths or internals.
    """


class Conflict(Exception):
    """Something of the same name or key is there already; nothing has changed."""


class Draft(NamedTuple):
    """What somebody wants to say, before it has its place.

    Attributes:
        room: the room's id.
        key: the same key again in the same room is the same message, and is not said twice.
    """

    room: int
    sender: str
    text: str
    kind: Kind = "say"
    key: str | None = None


class Entry(NamedTuple):
    """A message at its place in its room, and the key of its draft."""

    message: Message
    key: str | None = None


class Page(NamedTuple):
    """A piece of a room's past.

    Attributes:
        messages: in order.
        base: the number of the oldest message that is kept at all; the room's end + 1 if none is.
    """

    messages: list[Message]
    base: int


class RoomRow(NamedTuple):
    """A room as it is kept.

    Attributes:
        id: 1, 2, 3 …, never given twice.
        name: at most 200 characters; unique.
        epoch: eight hexadecimal digits, made with the room; see `Room`.
        end: the number of its newest message; 0 before the first.
        time: when that was said, in microseconds since the Unix epoch; 0 before the first.
    """

    id: int
    name: str
    epoch: str
    end: int = 0
    time: int = 0


class Store(Protocol):
    """Keeps rooms and messages. Each method gives something that can be waited for.

    Each may fail with `Unavailable`: then nothing has changed, and the next call may succeed. A
    note goes into the audit log together with the change that it tells of.
    """

    @property
    def records(self) -> Records:
        """Of the administrators."""
        ...

    def append(self, entries: Sequence[Entry]) -> Any:
        """Keep these, all or none; gives None when they would survive (see ``chat.durability``).

        Only one call at a time; each room's numbers go on from its end without a hole.
        Raises `Conflict` when one of the keys, or one of the numbers, is there already.
        """
        ...

    def check(self) -> Any:
        """None, when something was written that changes nothing."""
        ...

    def find(self, keys: Keys) -> Any:
        """``dict[tuple[int, str], Message]``: those of these keys that are there."""
        ...

    def after(self, room: int, seq: int, limit: int, size: int) -> Any:
        """`Page`: what comes after message ``seq``: the oldest of it, at most ``limit`` messages
        and about ``size`` characters of text; at least one message if there is one."""
        ...

    def before(self, room: int, seq: int, limit: int) -> Any:
        """`Page`: the newest ``limit`` messages before message ``seq``, oldest first."""
        ...

    def rooms(self) -> Any:
        """``list[RoomRow]``, by id."""
        ...

    def create(self, name: str, note: Note | None = None) -> Any:
        """`RoomRow`: a new room, which the note gets as its target.

        Raises `Conflict`: the name is taken.
        """
        ...

    def rename(self, room: int, name: str, note: Note | None = None) -> Any:
        """None. Raises `Conflict`: the name is taken."""
        ...

    def remove(self, room: int, note: Note | None = None) -> Any:
        """None: the room and all its messages are gone."""
        ...


class Broker(Protocol):
    """Fixes the order of what is said, once, and lets every room hear it."""

    def publish(self, draft: Draft) -> Any:
        """``(Message, new)``: accepted and kept; not ``new`` if its key had been said before.

        Fails with `Unavailable`.
        """
        ...
