"""What both databases are asked, and how rows become messages.

Names, keys and texts are bytes there, see `chatapp.store.schema`; ``?`` stands for a value, in
order. Rows of messages are ``seq, time, kind, sender, text``.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from chatapp.model.message import Message
from chatapp.model.ports import Entry, RoomRow
from chatapp.model.records import Note

__all__ = ["Statement", "columns", "message", "new_room", "noted", "room_row", "trims"]

ROOMS: Final = """
    SELECT rooms.id, name, epoch, COALESCE(seq, 0), COALESCE(time, 0)
    FROM rooms LEFT JOIN messages
    ON room_id = rooms.id AND seq = (SELECT MAX(seq) FROM messages WHERE room_id = rooms.id)
    ORDER BY rooms.id
"""
CREATE: Final = "INSERT INTO rooms (name, epoch, created) VALUES (?, ?, ?) RETURNING id"
RENAME: Final = "UPDATE rooms SET name = ? WHERE id = ?"
CHECK: Final = "UPDATE alembic_version SET version_num = version_num"
REMOVE: Final = "DELETE FROM rooms WHERE id = ?"  # its messages go with it

BASE: Final = "SELECT COALESCE(MIN(seq), 1) FROM messages WHERE room_id = ?"
AFTER: Final = """
    SELECT seq, time, kind, sender, text FROM messages
    WHERE room_id = ? AND seq > ? ORDER BY seq LIMIT ?
"""
BEFORE: Final = """
    SELECT seq, time, kind, sender, text FROM messages
    WHERE room_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?
"""
TRIM: Final = "DELETE FROM messages WHERE room_id = ? AND seq <= ?"

NOTE: Final = """
    INSERT INTO audit (time, who, address, action, target, details) VALUES (?, ?, ?, ?, ?, ?)
"""


class Statement(NamedTuple):
    """What is asked, and the values in it."""

    text: str
    values: tuple[Any, ...] = ()


def columns(entry: Entry) -> tuple[Any, ...]:
    """``room_id, seq, time, kind, sender, text, key``."""
    said, key = entry
    sender, text = said.sender.encode(), said.text.encode()
    key_bytes = None if key is None else key.encode()
    return (said.room, said.seq, said.time, said.kind, sender, text, key_bytes)


def message(room: int, row: Sequence[Any]) -> Message:
    seq, said, kind, sender, text = row
    return Message(room, seq, said, sender.decode(), kind, text.decode())


def new_room(name: str) -> tuple[bytes, str, int]:
    """The values of `CREATE`."""
    return name.encode(), secrets.token_hex(4), time.time_ns() // 1000


def noted(note: Note | None, room: int | None = None) -> list[Statement]:
    """What keeps a note; nothing when there is none.

    Args:
        room: its target, when only the database could tell.
    """
    if note is None:
        return []
    target = note.target if room is None else f"room {room}"
    details = msgspec.json.encode(note.details)
    values = (note.time, note.who.encode(), note.address, note.action, target.encode(), details)
    return [Statement(NOTE, values)]


def room_row(row: Sequence[Any]) -> RoomRow:
    """From a row of `ROOMS`."""
    number, name, *rest = row
    return RoomRow(number, name.decode(), *rest)


def trims(entries: Sequence[Entry], keep: int) -> Iterator[tuple[int, int]]:
    """The values of `TRIM` after these were added: a tenth of ``keep`` is removed at a time.

    So a room has at most a tenth more than it keeps; and no count needs to be known.
    """
    if not keep:
        return
    step = max(1, keep // 10)
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for said, _ in entries:
        first.setdefault(said.room, said.seq)
        last[said.room] = said.seq
    for room, seq in last.items():
        if seq // step > (first[room] - 1) // step and seq > keep:
            yield room, seq - keep
