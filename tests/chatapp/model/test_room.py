"""One log, whose order is fixed when a message is accepted."""

from __future__ import annotations

import pytest

from chatapp.model.message import Message
from chatapp.model.ports import RoomRow
from chatapp.model.room import BadCursor, Position, Room
from tests.chatapp.memory import MemoryStore


def room(said: int = 0, window: int = 1000, size: int = 1, **row: object) -> Room:
    made = Room(RoomRow(1, "main", **{"epoch": "9f3a01bc", **row}), MemoryStore(), window)
    for seq in range(made.log.end + 1, made.log.end + 1 + said):
        made.hear(Message(1, seq, seq, "bob", "say", "x" * size))
    return made


def test_it_goes_on_where_it_was_kept():
    kept = room(said=2, end=17, time=100)
    assert (kept.log.end, kept.time) == (19, 19)
    assert kept.read(16, 100, 100) is None
    assert [each.seq for each in kept.read(17, 100, 100)] == [18, 19]


def test_what_the_window_no_longer_has_only_the_store_has():
    batch = room(said=5, window=3).read(2, 100, 100)
    assert [each.seq for each in batch] == [3, 4, 5]
    assert room(said=5, window=3).read(1, 100, 100) is None


def test_reading_stops_at_the_limit_and_at_the_size_but_gives_at_least_one():
    said = room(said=5, size=10)
    assert [each.seq for each in said.read(1, 2, 1000)] == [2, 3]
    assert [each.seq for each in said.read(1, 100, 20)] == [2, 3]
    batch = said.read(1, 100, 1)
    assert ([each.seq for each in batch], batch.end) == ([2], 2)


def test_a_cursor_leads_back_to_its_place():
    said = room(said=5)
    for seq in range(6):
        assert said.position(said.cursor(seq)) == Position(seq)


def test_a_cursor_of_another_log_is_recognised():
    other = room(epoch="00000000").cursor(0)
    assert room().position(other) == Position(0, restarted=True)


def test_a_cursor_into_the_future_or_no_cursor_is_refused():
    empty = room()
    for cursor in (empty.cursor(1), empty.epoch, "", f"{empty.epoch}.٣", f"{empty.epoch}.0\n"):
        with pytest.raises(BadCursor):
            empty.position(cursor)
