"""One log, whose order is fixed when a message is accepted."""

from __future__ import annotations

import pytest

from chatapp.model.room import BadCursor, Position, Room


def test_messages_are_numbered_without_holes_and_timed_without_ties():
    seconds = iter([5.0, 5.0, 4.0, 6.0])  # a clock that stands, and one that is set back
    room = Room("main", clock=lambda: next(seconds))
    said = [room.say("bob", str(number)) for number in range(4)]
    assert [each.seq for each in said] == [1, 2, 3, 4]
    assert [each.time for each in said] == [5_000_000, 5_000_001, 5_000_002, 6_000_000]


def test_the_window_bounds_what_is_kept():
    room = Room("main", window=3)
    for number in range(5):
        room.say("bob", str(number))
    batch = room.read(0, 100, 100)
    assert [each.seq for each in batch] == [3, 4, 5]
    assert (batch.missed, batch.first, batch.end) == (2, 3, 5)


def test_reading_stops_at_the_limit_and_at_the_size_but_gives_at_least_one():
    room = Room("main")
    for _ in range(5):
        room.say("bob", "x" * 10)
    assert [each.seq for each in room.read(1, 2, 1000)] == [2, 3]
    assert [each.seq for each in room.read(1, 100, 20)] == [2, 3]
    batch = room.read(1, 100, 1)
    assert ([each.seq for each in batch], batch.end) == ([2], 2)


def test_a_cursor_leads_back_to_its_place():
    room = Room("main")
    for _ in range(5):
        room.say("bob", "x")
    for seq in range(6):
        assert room.position(room.cursor(seq)) == Position(seq)


def test_a_cursor_of_another_log_is_recognised():
    assert Room("main").position(Room("main").cursor(0)) == Position(0, restarted=True)


def test_a_cursor_into_the_future_or_no_cursor_is_refused():
    room = Room("main")
    for cursor in (room.cursor(1), room.epoch, "", f"{room.epoch}.٣", f"{room.epoch}.0\n"):
        with pytest.raises(BadCursor):
            room.position(cursor)
