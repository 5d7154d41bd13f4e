"""The rooms there are. They are kept in the store, and all of them are known here."""

from __future__ import annotations

import unicodedata
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Final

from chatapp.model.names import hidden
from chatapp.model.ports import RoomRow, Store
from chatapp.model.records import Note
from chatapp.model.room import Gaps, Room
from cogen.core.coroutines import coro

__all__ = ["BadRoomName", "NoRoom", "Rooms", "checked_room_name"]

LONGEST: Final = 200  # characters of a name


class NoRoom(LookupError):
    """There is no such room. The argument is a sentence for people."""


class BadRoomName(ValueError):
    """The message says what is wrong with the name."""


def checked_room_name(name: str) -> str:
    """The name in its normal form (NFC), without white space around it.

    Raises:
        BadRoomName: empty, too long, or with a control character.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if hidden(name):
        raise BadRoomName("A room's name has at least one character that can be seen.")
    if len(name) > LONGEST:
        raise BadRoomName(f"A room's name has at most {LONGEST} characters.")
    if any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in name):
        raise BadRoomName("A room's name has no control characters.")
    return name


class Rooms:
    """All of them, by id.

    Args:
        rows: as the store has them; at least one. The first is where people speak who name none.
        store: keeps them.
        window: how many messages the log of each holds.

    Attributes:
        gaps: that readers were told of.
    """

    def __init__(self, rows: Iterable[RoomRow], store: Store, window: int) -> None:
        self._store = store
        self._window = window
        self.gaps = Gaps()
        self._rooms = {row.id: Room(row, store, window, self.gaps) for row in rows}
        self.main = next(iter(self._rooms.values()))

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[Room]:
        """By name."""
        return iter(sorted(self._rooms.values(), key=lambda room: (room.name.casefold(), room.id)))

    def get(self, id: int) -> Room | None:
        """The room, or None."""
        return self._rooms.get(id)

    def find(self, id: str) -> Room:
        """The room of this id, as people write it.

        Raises:
            NoRoom: there is none.
        """
        room = self._rooms.get(int(id)) if id.isascii() and id.isdigit() and len(id) < 10 else None
        if room is None:
            raise NoRoom("There is no such room.")
        return room

    @coro
    def create(self, name: str, note: Note | None = None) -> Generator[Any, Any, Room]:
        """A new room, with this name.

        Args:
            note: who does it; see `chatapp.model.ports.Store`.

        Raises:
            BadRoomName: see `checked_room_name`.
            Conflict: another room has the name.
            Unavailable: it cannot be kept.
        """
        row = yield self._store.create(checked_room_name(name), note)
        room = self._rooms[row.id] = Room(row, self._store, self._window, self.gaps)
        return room

    @coro
    def rename(self, room: Room, name: str, note: Note | None = None) -> Generator[Any, Any, Room]:
        """Give it another name. Takes a note, and raises, as `create`."""
        name = checked_room_name(name)
        yield self._store.rename(room.id, name, note)
        room.name = name
        return room

    @coro
    def remove(self, room: Room, note: Note | None = None) -> Generator[Any, Any, None]:
        """It is no longer there, nor what was said in it.

        Raises:
            NoRoom: it has gone already.
            ValueError: it is the one where people speak who name none.
            Unavailable: the store cannot do it now.
        """
        if room is self.main:
            raise ValueError("This room cannot be removed: it is where people speak who name none.")
        if self._rooms.pop(room.id, None) is None:
            raise NoRoom("There is no such room.")
        try:
            yield self._store.remove(room.id, note)
        except BaseException:
            self._rooms[room.id] = room
            raise
