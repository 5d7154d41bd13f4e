"""What every store does: the tests that SQLite and PostgreSQL both pass.

A test class inherits `StoreContract` and gives a fixture ``kept``, which is a `Kept`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.model.message import Message
from chatapp.model.ports import Conflict, Entry, RoomRow
from chatapp.store.opening import Opened
from cogen.errors import SettingsError

__all__ = ["Kept", "StoreContract", "entries", "numbers", "said"]


class Kept:
    """An open store and the loop that it is used on.

    Args:
        opening: opens it; takes the keywords of `open_store`.
    """

    def __init__(self, runner: asyncio.Runner, opening: Callable[..., Opened]) -> None:
        self._runner = runner
        self.opening = opening
        self.open()

    def open(self, **options: Any) -> None:
        self.opened = self.opening(**options)
        self.store = self.opened.store

    def close(self) -> None:
        async def close() -> None:
            self.store.close()
            await asyncio.sleep(0)

        self._runner.run(close())

    def reopen(self, **options: Any) -> None:
        self.close()
        self.open(**options)

    def wait(self, *operations: Any) -> Any:
        """Wait for the result; a list of them for several that are under way together."""

        async def take(operation: Any) -> Any:
            async with asyncio.timeout(10):
                return await operation

        async def take_all() -> Any:
            return await asyncio.gather(*map(take, operations))

        results = self._runner.run(take_all())
        return results[0] if len(operations) == 1 else results

    def append(self, *entries: Entry) -> None:
        assert self.wait(self.store.append(entries)) is None

    def all(self, room: int = 1) -> list[Message]:
        return self.wait(self.store.after(room, 0, 100_000, 10**9)).messages


def said(seq: int, text: str = "hello", room: int = 1, sender: str = "bob") -> Message:
    return Message(room, seq, 1_700_000_000_000_000 + seq, sender, "say", text)


def entries(first: int, last: int, room: int = 1, text: str = "hello") -> list[Entry]:
    return [Entry(said(seq, f"{text} {seq}", room)) for seq in range(first, last + 1)]


def numbers(messages: list[Message]) -> list[int]:
    return [message.seq for message in messages]


def values(message: Message) -> tuple[Any, ...]:
    it = message
    return (it.room, it.seq, it.time, it.sender, it.kind, it.text)


HOSTILE = [
    "",
    "\0",
    "before\0after",
    "'; DROP TABLE messages; --",
    "%s ? $1 :x \\x00 \\",
    "\N{PILE OF POO}\N{ZERO WIDTH JOINER}\N{FLAG IN HOLE}",
    "e\u0301 and \u00e9 are two",
    "\u202eback\u2028line\r\n\t\x1b[31m",
    "\uffff\U0010ffff\ufeff",
    "ü" * 4096,
    "8" * 8192,
]


class StoreContract:
    def test_a_new_one_has_the_main_room(self, kept):
        (room,) = kept.opened.rooms
        assert room == (1, "main", room.epoch, 0, 0)
        assert re.fullmatch("[0-9a-f]{8}", room.epoch)
        assert kept.wait(kept.store.rooms()) == [room]
        assert kept.wait(kept.store.after(1, 0, 10, 1000)) == ([], 1)
        assert kept.wait(kept.store.before(1, 10, 10)) == ([], 1)
        assert kept.wait(kept.store.find([(1, "k")])) == {}
        assert kept.wait(kept.store.find([])) == {}

    def test_what_was_appended_is_there_with_all_that_it_has(self, kept):
        wall = Message(1, 2, 1_700_000_000_000_009, "alice", "wall", "all hear this")
        kept.append(Entry(said(1)), Entry(wall, "key"))
        assert [values(each) for each in kept.all()] == [values(said(1)), values(wall)]
        assert all(type(each) is Message for each in kept.all())

    @pytest.mark.parametrize("text", HOSTILE)
    def test_whatever_people_write_is_kept_as_it_is(self, kept, text):
        kept.append(Entry(said(1, text, sender=text), text))
        (message,) = kept.all()
        assert (message.text, message.sender) == (text, text)
        found = kept.wait(kept.store.find([(1, text)]))
        assert [(key, values(each)) for key, each in found.items()] == [
            ((1, text), values(message))
        ]
        room = kept.wait(kept.store.create(text))
        assert kept.wait(kept.store.rooms())[-1] == room
        assert room.name == text

    @pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 1000])
    def test_batches_of_all_sizes_come_back_in_order(self, kept, count):
        kept.append(*entries(1, count))
        kept.append(*entries(count + 1, 2 * count))
        assert [each.text for each in kept.all()] == [f"hello {n}" for n in range(1, 2 * count + 1)]

    def test_it_is_all_there_after_it_was_opened_again(self, kept):
        room = kept.wait(kept.store.create("other"))
        kept.append(*entries(1, 3), Entry(said(1, "here", room.id), "key"))
        before = kept.wait(kept.store.rooms())
        kept.reopen(durability="power")
        assert kept.opened.rooms == before == kept.wait(kept.store.rooms())
        assert before == [
            (1, "main", before[0].epoch, 3, said(3).time),
            (room.id, "other", room.epoch, 1, said(1).time),
        ]
        assert numbers(kept.all()) == [1, 2, 3]
        kept.append(Entry(said(4)))
        assert numbers(kept.all()) == [1, 2, 3, 4]

    # What is there already

    def test_a_number_that_is_there_is_refused_with_all_that_came_with_it(self, kept):
        kept.append(*entries(1, 100))
        with pytest.raises(Conflict):
            kept.append(*entries(101, 300), Entry(said(50, "again")))
        assert [each.text for each in kept.all()] == [f"hello {n}" for n in range(1, 101)]
        kept.append(*entries(101, 102))
        assert numbers(kept.all()) == list(range(1, 103))

    def test_a_key_that_is_there_is_refused_too(self, kept):
        kept.append(Entry(said(1), "key"))
        with pytest.raises(Conflict):
            kept.append(*entries(2, 100), Entry(said(101), "key"))
        with pytest.raises(Conflict):
            kept.append(Entry(said(2), "twice"), Entry(said(3), "twice"))
        assert numbers(kept.all()) == [1]

    def test_a_key_is_its_rooms_own_and_most_have_none(self, kept):
        room = kept.wait(kept.store.create("other")).id
        kept.append(Entry(said(1), "key"), Entry(said(1, room=room), "key"), *entries(2, 9))
        found = kept.wait(kept.store.find([(1, "key"), (room, "key"), (7, "key"), (1, "KEY")]))
        assert {key: values(each) for key, each in found.items()} == {
            (1, "key"): values(said(1)),
            (room, "key"): values(said(1, room=room)),
        }

    def test_many_keys_are_found_at_once(self, kept):
        kept.append(*(Entry(said(n), f"key {n}") for n in range(1, 201)))
        found = kept.wait(kept.store.find([(1, f"key {n}") for n in range(100, 400)]))
        assert {key: each.seq for key, each in found.items()} == {
            (1, f"key {n}"): n for n in range(100, 201)
        }

    def test_a_message_for_a_room_that_is_not_there_is_refused(self, kept):
        with pytest.raises(Conflict):
            kept.append(*entries(1, 3), Entry(said(1, room=77)))
        assert kept.all() == []

    # The past

    def test_pages_forward(self, kept):
        kept.append(*entries(1, 20))
        page = kept.wait(kept.store.after(1, 5, 3, 10**6))
        assert (numbers(page.messages), page.base) == ([6, 7, 8], 1)
        assert numbers(kept.wait(kept.store.after(1, 18, 100, 10**6)).messages) == [19, 20]
        assert kept.wait(kept.store.after(1, 20, 100, 10**6)) == ([], 1)
        assert kept.wait(kept.store.after(1, 999, 100, 10**6)) == ([], 1)
        assert kept.wait(kept.store.after(77, 0, 100, 10**6)) == ([], 1)

    @pytest.mark.parametrize(
        ("size", "count"), [(0, 1), (99, 1), (100, 1), (199, 1), (200, 2), (950, 9), (10**6, 10)]
    )
    def test_a_page_forward_has_about_so_many_characters_and_one_message_at_least(
        self, kept, size, count
    ):
        kept.append(*(Entry(said(n, "x" * 100)) for n in range(1, 11)))
        assert len(kept.wait(kept.store.after(1, 0, 100, size)).messages) == count

    def test_pages_back(self, kept):
        kept.append(*entries(1, 20))
        page = kept.wait(kept.store.before(1, 11, 3))
        assert (numbers(page.messages), page.base) == ([8, 9, 10], 1)
        assert numbers(kept.wait(kept.store.before(1, 4, 100)).messages) == [1, 2, 3]
        assert numbers(kept.wait(kept.store.before(1, 999, 2)).messages) == [19, 20]
        assert kept.wait(kept.store.before(1, 1, 10)) == ([], 1)

    def test_rooms_do_not_mix(self, kept):
        room = kept.wait(kept.store.create("other")).id
        both = zip(entries(1, 50), entries(1, 50, room, "bye"), strict=True)
        kept.append(*(each for pair in both for each in pair))
        assert {each.text.split()[0] for each in kept.all()} == {"hello"}
        assert {each.text.split()[0] for each in kept.all(room)} == {"bye"}
        assert numbers(kept.all(room)) == list(range(1, 51))

    # What is kept

    def test_of_old_messages_so_many_are_kept(self, kept):
        room = kept.wait(kept.store.create("other")).id
        kept.reopen(keep=100)
        for first in range(1, 1000, 7):
            kept.append(*entries(first, first + 6), *entries(first, first, room) * (first == 1))
            page = kept.wait(kept.store.after(1, 0, 1000, 10**6))
            end = first + 6
            assert numbers(page.messages) == list(range(page.base, end + 1))
            assert min(end, 100) <= len(page.messages) <= 117  # a tenth more, and the last batch
        assert page.base > 880
        assert kept.wait(kept.store.before(1, page.base, 10)) == ([], page.base)
        assert numbers(kept.all(room)) == [1]

    def test_the_newest_is_always_kept(self, kept):
        kept.reopen(keep=1)
        kept.append(*entries(1, 5))
        kept.append(*entries(6, 6))
        assert kept.wait(kept.store.after(1, 0, 10, 1000))[1] == 6
        assert kept.wait(kept.store.rooms())[0].end == 6

    def test_a_limit_that_is_set_later_holds_for_what_is_there(self, kept):
        kept.append(*entries(1, 500))
        kept.reopen(keep=50)
        kept.append(*entries(501, 510))
        assert numbers(kept.all()) == list(range(461, 511))

    # Rooms

    def test_rooms_are_made_renamed_and_removed(self, kept):
        first, second = kept.wait(kept.store.create("a"), kept.store.create("b"))
        assert (first.end, first.time) == (0, 0)
        assert kept.wait(kept.store.rename(first.id, "c")) is None
        assert kept.wait(kept.store.remove(second.id)) is None
        rooms = kept.wait(kept.store.rooms())
        assert [(each.id, each.name) for each in rooms] == [(1, "main"), (first.id, "c")]
        assert rooms[1].epoch == first.epoch != rooms[0].epoch

    def test_two_rooms_do_not_have_one_name(self, kept):
        room = kept.wait(kept.store.create("a"))
        with pytest.raises(Conflict):
            kept.wait(kept.store.create("a"))
        with pytest.raises(Conflict):
            kept.wait(kept.store.rename(room.id, "main"))
        kept.wait(kept.store.rename(room.id, "a"))  # which it is already
        assert [each.name for each in kept.wait(kept.store.rooms())] == ["main", "a"]

    def test_a_room_goes_with_all_its_messages_and_its_number_does_not_come_again(self, kept):
        gone = kept.wait(kept.store.create("a"))
        kept.append(Entry(said(1, room=gone.id), "key"), Entry(said(1), "key"))
        kept.wait(kept.store.remove(gone.id))
        assert kept.all(gone.id) == []
        kept.reopen()
        again = kept.wait(kept.store.create("a"))
        assert again.id > gone.id
        assert again.epoch != gone.epoch
        assert kept.all(again.id) == []
        assert numbers(kept.all()) == [1]
        kept.wait(kept.store.remove(77), kept.store.rename(77, "nothing"))  # no such room

    def test_reads_and_writes_under_way_together(self, kept):
        kept.append(*entries(1, 200))
        reads = [kept.store.after(1, 0, 50, 10**6) for _ in range(20)]
        results = kept.wait(*reads, kept.store.append(entries(201, 400)), kept.store.rooms())
        assert all(numbers(page.messages) == list(range(1, 51)) for page in results[:20])
        assert results[-1][0].end in (200, 400)

    def test_a_check_changes_nothing(self, kept):
        kept.append(*entries(1, 3))
        for _ in range(3):
            assert kept.wait(kept.store.check()) is None
        kept.reopen()
        assert numbers(kept.all()) == [1, 2, 3]
        assert kept.wait(kept.store.check()) is None

    # One at a time

    def test_another_process_cannot_open_it_meanwhile(self, kept):
        kept.append(*entries(1, 1))
        with pytest.raises(SettingsError, match="another process uses the database"):
            kept.opening()
        with pytest.raises(SettingsError, match="another process uses the database"):
            kept.opening(set_up=True)
        kept.append(*entries(2, 2))
        kept.reopen()
        assert numbers(kept.all()) == [1, 2]

    def test_setting_up_twice_changes_nothing(self, kept):
        rooms: list[RoomRow] = kept.opened.rooms
        kept.append(*entries(1, 1))
        kept.reopen(set_up=True)
        kept.reopen(set_up=True)
        assert kept.opened.rooms == [rooms[0]._replace(end=1, time=said(1).time)]
