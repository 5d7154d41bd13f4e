"""What is said is kept in groups, in order, and heard by nobody before it is kept."""

from __future__ import annotations

import pytest

from chatapp.broker import local
from chatapp.model.ports import Draft, Unavailable
from chatapp.model.rooms import NoRoom
from tests.chatapp.harness import Curl, Line, Site


def pushes(site: Site, *texts: str) -> list[Line]:
    """One after the other, from so many clients; none waits for the one before."""
    return [site.curl().ask("POST", "/chat/push", text.encode()) for text in texts]


def statuses(lines: list[Line]) -> list[int]:
    return [response.status for line in lines for response in line.answers()]


def reader(site: Site) -> Curl:
    curl = site.curl()
    curl.pull()
    return curl


def test_nobody_hears_a_message_nor_is_told_that_it_is_said_before_it_is_kept(site):
    line = reader(site).waits()
    site.store.hold()
    (push,) = pushes(site, "hello")
    assert not push.answered
    assert not line.answered
    site.store.let_go()
    site.settle()
    assert push.take().endswith(b"ok 1\r\n")
    assert line.take().endswith(b": hello\r\n")


def test_what_comes_while_one_group_is_kept_is_the_next_group(site):
    site.store.hold()
    lines = pushes(site, *"abcd")
    site.store.let_go()
    site.settle()
    assert site.store.calls == [["a"], ["b", "c", "d"]]
    bodies = [response.body for line in lines for response in line.answers()]
    assert bodies == [b"ok %d\r\n" % number for number in range(1, 5)]


def test_a_group_is_bounded(site, monkeypatch):
    monkeypatch.setattr(local, "GROUP", 2)
    site.store.hold()
    pushes(site, *"abcd")
    site.store.let_go()
    site.settle()
    assert site.store.calls == [["a"], ["b", "c"], ["d"]]


def test_what_cannot_be_kept_is_said_by_nobody_and_leaves_no_hole(site, caplog):
    curl = reader(site)
    pushes(site, "one")
    site.store.broken = "The disk is full."
    lines = pushes(site, "two", "three")
    (two,) = lines[0].answers()
    assert (two.status, two.header("retry-after")) == (503, "2")
    assert two.text == "503 Service Unavailable: The disk is full.\r\n"
    assert statuses(lines[1:]) == [503]
    site.store.broken = ""
    (four,) = pushes(site, "four")
    assert four.take().endswith(b"ok 2\r\n")
    assert [message["text"] for message in curl.read().json["messages"]] == ["one", "four"]
    assert "Traceback" not in caplog.text


def test_a_fault_of_the_store_that_nobody_thought_of_is_logged_and_the_line_moves_on(site, caplog):
    site.store.append = lambda entries: 1 / 0
    (line,) = pushes(site, "one")
    assert statuses([line]) == [503]
    assert "ZeroDivisionError" in caplog.text
    del site.store.append
    assert statuses(pushes(site, "two")) == [200]


def test_what_stands_in_the_line_is_said_though_its_connection_drops(site):
    site.store.hold()
    first, second = pushes(site, "one", "two")
    first.reset()
    second.end()
    site.store.let_go()
    site.settle()
    assert site.said() == ["one", "two"]


def test_the_line_has_an_end(site, monkeypatch):
    monkeypatch.setattr(local, "MOST", 2)
    site.store.hold()
    lines = pushes(site, *"abcd")  # one is with the store, two stand in the line
    assert statuses(lines[3:]) == [503]
    site.store.let_go()
    site.settle()
    assert statuses(lines[:3]) == [200] * 3


def test_a_stop_of_the_server_waits_for_what_is_being_kept(site):
    site.store.hold()
    (line,) = pushes(site, "hello")
    site.shut()
    assert not line.answered
    site.store.let_go()
    site.settle()
    assert line.take().endswith(b"ok 1\r\n")


def test_times_grow_though_the_clock_stands_or_is_set_back(site):
    clock = iter([5.0, 5.0, 4.0, 6.0])
    site.broker._clock = lambda: next(clock)
    for text in "abcd":
        site.say("bob", text)
    assert [message.time for message in site.store.log[1]] == [
        5_000_000,
        5_000_001,
        5_000_002,
        6_000_000,
    ]


# Keys


def keyed(site: Site, text: str, key: str, room: int = 1):
    return site.wait(site.broker.publish(Draft(room, "bob", text, key=key)))


def test_the_same_key_is_the_same_message_and_is_said_once(site):
    message, new = keyed(site, "hello", "k")
    assert new
    again, new = keyed(site, "hello", "k")
    assert (again.seq, new) == (message.seq, False)
    other, new = keyed(site, "hello", "l")
    assert (other.seq, new) == (2, True)
    assert site.said() == ["hello", "hello"]


def test_also_within_one_group_and_while_the_first_is_being_kept(site):
    site.store.hold()
    drafts = [Draft(1, "bob", str(number), key="k") for number in range(3)]
    waiting = [site.begin(site.broker.publish(draft)) for draft in drafts]
    other = site.begin(site.broker.publish(Draft(1, "bob", "other")))
    site.store.let_go()
    site.settle()
    outcomes = [each.outcome() for each in waiting]
    assert [(message.seq, message.text) for message, _ in outcomes] == [(1, "0")] * 3
    assert [new for _, new in outcomes] == [True, False, False]
    assert other.outcome()[0].seq == 2
    assert site.said() == ["0", "other"]


def test_a_key_is_its_rooms_own(site):
    room = site.wait(site.rooms.create("other"))
    assert keyed(site, "here", "k")[1]
    assert keyed(site, "there", "k", room.id)[1]


# Rooms


def test_each_room_has_numbers_of_its_own(site):
    room = site.wait(site.rooms.create("other"))
    site.store.hold()
    waiting = [
        site.begin(site.broker.publish(Draft(number, "bob", "x"))) for number in (1, room.id, 1)
    ]
    site.store.let_go()
    site.settle()
    assert [each.outcome()[0].seq for each in waiting] == [1, 1, 2]


def test_a_room_that_has_gone_takes_nothing_and_holds_up_nobody(site):
    room = site.wait(site.rooms.create("other"))
    site.store.hold()
    first = site.begin(site.broker.publish(Draft(1, "bob", "first")))
    gone = site.begin(site.broker.publish(Draft(room.id, "bob", "gone")))
    last = site.begin(site.broker.publish(Draft(1, "bob", "last")))
    del site.rooms._rooms[room.id]
    site.store.let_go()
    site.settle()
    with pytest.raises(NoRoom):
        gone.outcome()
    assert [each.outcome()[0].seq for each in (first, last)] == [1, 2]


def test_who_does_not_wait_is_served_as_well(site):
    for text in "ab":
        site.broker.publish(Draft(1, "bob", text))
    site.say("bob", "c")
    assert site.said() == ["a", "b", "c"]


def test_an_outcome_that_came_before_the_wait_is_there(site):
    early = site.broker.publish(Draft(1, "bob", "early"))
    site.say("bob", "late")
    assert site.wait(early).message.seq == 1
    site.store.broken = "It is broken."
    early = site.broker.publish(Draft(1, "bob", "lost"))
    with pytest.raises(Unavailable):
        site.say("bob", "late")
    with pytest.raises(Unavailable):
        site.wait(early)


def test_what_is_kept_but_not_accepted_yet_cannot_be_read_either():
    site = Site(window=1, keep=2)
    for text in "abc":
        site.say("bob", text)
    site.store.hold()
    (push,) = pushes(site, "d")
    (append,), site.store.holding = site.store.holding, None
    append.do()  # and the broker does not know it yet; b is trimmed
    begin, json = site.room.cursor(0), {"Accept": "application/json"}
    curl = site.curl()
    for target in (f"/chat/pull?since={begin}", f"/api/rooms/1/messages?since={begin}"):
        read = curl.get(target, **json)
        assert (read.seqs, read.json["gap"]["missed"]) == ([3], 2)
        assert read.json["cursor"] == site.room.cursor(3)
    read = curl.get("/api/rooms/1/messages?before=9")
    assert (read.seqs, read.json["cursor"]) == ([3], site.room.cursor(3))
    waiting = curl.waits(f"/chat/pull?since={site.room.cursor(3)}")
    append.wake()
    site.settle()
    assert push.take().endswith(b"ok 4\r\n")
    assert waiting.take().endswith(b": d\r\n")


def test_of_what_was_trimmed_only_what_had_been_said_is_missed():
    site = Site(window=1, keep=1)
    for text in "abc":
        site.say("bob", text)
    site.store.hold()
    pushes(site, "d")
    (append,), site.store.holding = site.store.holding, None
    append.do()
    read = site.curl().get(f"/api/rooms/1/messages?since={site.room.cursor(0)}")
    assert (read.seqs, read.json["gap"]["missed"]) == ([], 3)
    assert read.json["cursor"] == site.room.cursor(3)
