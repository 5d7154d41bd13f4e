"""What every store keeps of administrators; the tests of both databases, as `StoreContract`."""

from __future__ import annotations

import pytest

from chatapp.model.ports import Conflict, Entry
from chatapp.model.records import AdminSession, Note, Sanction, Standing
from tests.chatapp.store.contract import HOSTILE, entries, said, values

__all__ = ["RecordsContract"]

NOW = 1_700_000_000_000_000
NOTE = Note(NOW, "ann", "192.0.2.1", "test", "room 1", {"why": "to see"})
MUTED = Sanction("mute", 1, b"\0\xff", "192.0.2.7", "bob", NOW, NOW + 60, "ann", "noise")
OUT = Sanction("out", None, b"s", "", "eve", NOW, NOW + 90, "ann")


def noted(kept, before=None, limit=100):
    return kept.wait(kept.store.records.audit(before, limit))


def actions(kept):
    return [note.action for note in noted(kept)]


class RecordsContract:
    def test_a_new_one_has_nobody_and_nothing(self, kept):
        records = kept.store.records
        assert kept.wait(records.administrators()) == []
        assert kept.wait(records.password("ann")) is None
        assert noted(kept) == []
        assert kept.opened.standing == Standing([], [])

    def test_administrators_are_there_with_their_password_the_first_one_first(self, kept):
        records = kept.store.records
        kept.wait(records.appoint("zoë \0", "$argon2id$x", NOTE))
        kept.wait(records.appoint("ann", "other", NOTE._replace(time=NOW + 1)))
        assert kept.wait(records.administrators()) == ["zoë \0", "ann"]
        assert kept.wait(records.password("zoë \0")) == "$argon2id$x"
        assert kept.wait(records.password("Ann")) is None

    def test_a_name_is_taken_once_and_then_nothing_is_noted(self, kept):
        kept.wait(kept.store.records.appoint("ann", "x", NOTE))
        with pytest.raises(Conflict):
            kept.wait(kept.store.records.appoint("ann", "y", NOTE))
        assert kept.wait(kept.store.records.password("ann")) == "x"
        assert len(noted(kept)) == 1

    def test_another_password_ends_the_sessions_of_its_administrator_alone(self, kept):
        records = kept.store.records
        for name in ("ann", "zoë"):
            kept.wait(records.appoint(name, "x", NOTE))
            kept.wait(records.begin(AdminSession(name.encode(), name, NOW), NOTE))
        kept.wait(records.change("zoë", "y", NOTE))
        assert kept.wait(records.password("zoë")) == "y"
        assert kept.wait(records.password("ann")) == "x"
        assert len(noted(kept)) == 5
        kept.reopen()
        assert [each.name for each in kept.opened.standing.sessions] == ["ann"]

    def test_a_session_stands_at_the_next_start_until_it_is_ended(self, kept):
        records = kept.store.records
        kept.wait(records.appoint("ann", "x", NOTE))
        first, second = AdminSession(b"\0\1", "ann", NOW), AdminSession(b"two", "ann", NOW + 1)
        kept.wait(records.begin(first, NOTE))
        kept.wait(records.begin(second, NOTE))
        kept.reopen()
        assert sorted(kept.opened.standing.sessions) == [first, second]
        kept.wait(kept.store.records.end([first.digest, b"none"], NOTE))
        kept.reopen()
        assert kept.opened.standing.sessions == [second]

    def test_nobody_has_a_session_who_is_no_administrator(self, kept):
        with pytest.raises(Conflict):
            kept.wait(kept.store.records.begin(AdminSession(b"x", "eve", NOW), NOTE))
        assert noted(kept) == []

    def test_a_sanction_stands_at_the_next_start_until_it_is_lifted(self, kept):
        muted, out = (kept.wait(kept.store.records.impose(each, NOTE)) for each in (MUTED, OUT))
        assert muted == MUTED._replace(id=muted.id)
        assert out.id > muted.id
        kept.reopen()
        assert kept.opened.standing.sanctions == [muted, out]
        kept.wait(kept.store.records.lift(muted.id, NOTE))
        kept.reopen()
        assert kept.opened.standing.sanctions == [out]

    def test_what_is_over_is_forgotten_and_a_number_not_given_again(self, kept):
        first = kept.wait(kept.store.records.impose(MUTED, NOTE))
        kept.wait(kept.store.records.lift(first.id, NOTE))
        second = kept.wait(kept.store.records.impose(MUTED, NOTE))
        late = MUTED._replace(created=MUTED.until, until=MUTED.until + 60)
        third = kept.wait(kept.store.records.impose(late, NOTE))
        assert first.id < second.id < third.id
        kept.reopen()
        assert kept.opened.standing.sanctions == [third]

    def test_a_sanction_goes_with_its_room(self, kept):
        room = kept.wait(kept.store.create("two")).id
        kept.wait(kept.store.records.impose(MUTED._replace(room=room), NOTE))
        kept.wait(kept.store.remove(room))
        kept.reopen()
        assert kept.opened.standing.sanctions == []
        with pytest.raises(Conflict):
            kept.wait(kept.store.records.impose(MUTED._replace(room=room), NOTE))

    def test_a_message_that_is_removed_keeps_its_place(self, kept):
        kept.append(*entries(1, 2), Entry(said(3, sender="eve"), "key"))
        kept.wait(kept.store.records.erase(1, 3, NOTE))
        kept.reopen()
        third = kept.all()[2]
        assert values(third) == (1, 3, said(3).time, "eve", "removed", "")
        found = kept.wait(kept.store.find([(1, "key")]))
        assert found[1, "key"].kind == "removed"  # who sends it again does not say it again
        kept.wait(kept.store.records.erase(1, 4, NOTE))  # which is not there
        kept.append(Entry(said(4)))

    def test_what_was_restored_has_other_epochs_and_nobody_is_logged_in(self, kept):
        records = kept.store.records
        kept.wait(kept.store.create("two"))
        kept.append(*entries(1, 3))
        kept.wait(records.appoint("ann", "x", NOTE))
        kept.wait(records.begin(AdminSession(b"x", "ann", NOW), NOTE))
        muted = kept.wait(records.impose(MUTED, NOTE))
        kept.reopen()
        before = kept.opened.rooms
        kept.wait(kept.store.records.restored([row.id for row in before], NOTE))
        kept.reopen()
        after = kept.opened.rooms
        assert [row._replace(epoch="") for row in after] == [
            row._replace(epoch="") for row in before
        ]
        assert len({row.epoch for row in [*before, *after]}) == 4
        assert kept.opened.standing == Standing([], [muted])
        assert kept.wait(kept.store.records.password("ann")) == "x"

    def test_notes_are_read_from_the_newest_on(self, kept):
        for number in range(5):
            kept.wait(kept.store.records.note(NOTE._replace(time=NOW + number)))
        last, *_ = newest = noted(kept, limit=3)
        assert [note.time - NOW for note in newest] == [4, 3, 2]
        assert last == NOTE._replace(time=NOW + 4, id=last.id)
        assert [note.time - NOW for note in noted(kept, newest[-1].id, 10)] == [1, 0]
        assert noted(kept, 10**18 - 1, 3) == newest  # as a query may have it

    @pytest.mark.parametrize("text", HOSTILE)
    def test_whatever_people_write_is_noted_as_it_is(self, kept, text):
        note = Note(NOW, text, "", "test", text, {"text": text, "count": 1})
        kept.wait(kept.store.records.note(note))
        assert noted(kept) == [note._replace(id=1)]

    def test_rooms_are_changed_together_with_their_notes(self, kept):
        room = kept.wait(kept.store.create("two", NOTE._replace(action="made"))).id
        with pytest.raises(Conflict):
            kept.wait(kept.store.rename(room, "main", NOTE))
        with pytest.raises(Conflict):
            kept.wait(kept.store.create("main", NOTE))
        kept.wait(kept.store.rename(room, "three", NOTE._replace(action="renamed")))
        kept.wait(kept.store.remove(room, NOTE._replace(action="removed")))
        assert actions(kept) == ["removed", "renamed", "made"]
        assert noted(kept)[2].target == f"room {room}"
