"""A message is taken back by an administrator: its text goes, its place stays."""

from __future__ import annotations

import pytest

from chatapp.model.ports import Unavailable
from tests.chatapp.controllers.refusals import is_problem, refuses_other_sites, takes_only
from tests.chatapp.harness import ADMIN, Site

GONE = ["ann", "removed", ""]
BAD = "something that nobody should read"


@pytest.fixture
def said(site):
    """Three messages; the second is to go."""
    for text in ("one", BAD, "three"):
        site.say("ann", text)


def remove(curl, seq=2, room=1, **headers):
    return curl.send("DELETE", f"/api/rooms/{room}/messages/{seq}", **(headers or ADMIN))


def shown(message):
    return [message[key] for key in ("sender", "kind", "text")]


def test_its_text_goes_and_its_place_stays(site, curl, said):
    before = curl.get("/api/rooms/1/messages").json["messages"]
    answer = remove(curl)
    assert (answer.status, answer.body) == (204, b"")
    messages = curl.get("/api/rooms/1/messages").json["messages"]
    assert [message["seq"] for message in messages] == [1, 2, 3, 4]
    assert shown(messages[1]) == GONE
    assert messages[1]["time"] == before[1]["time"]
    assert shown(messages[3]) == ["administrator", "removal", "message 2 was removed"]
    assert messages[3]["removes"] == 2
    assert all("removes" not in message for message in messages[:3])
    assert BAD not in repr([[each.text, each.forms] for each in site.store.log[1]])


def test_whoever_waits_is_told_in_words(site, curl, said):
    bob = site.curl()
    bob.pull()
    waiting = bob.waits()
    remove(curl)
    assert bob.take(waiting).text == " * message 2 was removed\r\n"


def test_who_has_not_read_it_yet_never_does(site, curl):
    bob = site.curl()
    bob.pull()
    waiting = bob.waits()
    site.say("ann", "one")
    bob.take(waiting)
    site.say("ann", BAD)  # in the queue of its client by now
    remove(curl)
    assert bob.pull().text == " * message 2 was removed\r\n" * 2


def test_what_was_made_of_it_for_others_is_not_given_again(site, curl, said):
    ann = site.curl()
    path = f"/chat/pull?since={site.room.cursor(1)}"
    assert BAD in ann.pull(path).text
    assert BAD in ann.read(path).text
    assert BAD in ann.get("/chats/1/poll?lastupdate=0&limit=5").text
    remove(curl)
    for answer in (
        ann.pull(path),
        ann.read(path),
        ann.get("/chats/1/poll?lastupdate=0&limit=5"),
        ann.get("/api/rooms/1/messages"),
        ann.get("/api/events?rooms=1&cursor=1:" + site.room.cursor(0)),
    ):
        assert answer.status == 200
        assert BAD not in answer.text
        assert "message 2 was removed" in answer.text


def test_also_what_only_the_store_has(curl):
    site = Site(window=2)
    curl = site.curl()
    for number in range(1, 6):
        site.say("ann", f"{BAD} {number}")
    assert remove(curl).status == 204
    messages = curl.get("/api/rooms/1/messages").json["messages"]
    assert [shown(each) == GONE for each in messages[:5]] == [False, True, False, False, False]


def test_also_what_only_the_log_has():
    site = Site(keep=1)
    curl = site.curl()
    for number in range(1, 4):
        site.say("ann", f"{BAD} {number}")
    assert remove(curl).status == 204
    assert shown(curl.get("/api/rooms/1/messages").json["messages"][1]) == GONE


@pytest.mark.parametrize("path", ["/api/rooms/1/messages?before=4", "/chat/pull?since={}"])
def test_also_what_was_read_before_and_arrives_after_it(path):
    site = Site(window=1)
    curl, bob = site.curl(), site.curl()
    for text in ("one", BAD, "three"):
        site.say("ann", text)
    bob.pull()
    site.store.hold()
    reading = bob.waits(path.format(site.room.cursor(0)))
    (read,) = site.store.holding
    read.do()
    site.store.holding = None
    assert remove(curl).status == 204
    read.wake()
    site.settle()
    answer = bob.take(reading)
    assert "three" in answer.text
    assert BAD not in answer.text


def test_also_what_is_held_while_something_else_is_read():
    site = Site(window=1)
    curl, bob = site.curl(), site.curl()
    curl.post("/api/rooms", {"name": "two"}, **ADMIN)
    for text in (BAD, "two"):
        for room in (1, 2):
            site.say("ann", text, room=room)
    site.store.hold()
    cursor = f"1:{site.room.cursor(0)},2:{site.rooms.find('2').cursor(0)}"
    reading = bob.waits(f"/api/events?rooms=1,2&cursor={cursor}")
    first, site.store.holding = site.store.holding[0], []
    first.do()
    first.wake()
    site.settle()
    (second,) = site.store.holding
    second.do()
    site.store.holding = None
    for room in (1, 2):
        assert remove(curl, 1, room).status == 204
    second.wake()
    site.settle()
    answer = bob.take(reading)
    assert [message["text"] for message in answer.json["messages"]] == ["", "", "two", "two"]


def test_also_what_a_queue_has_and_the_log_has_no_longer():
    site = Site(window=2)
    curl, bob = site.curl(), site.curl()
    bob.pull()
    for text in ("one", BAD, "three", "four"):
        site.say("ann", text)
    assert remove(curl).status == 204
    answer = bob.pull().text
    assert "four" in answer
    assert BAD not in answer


def test_a_second_time_nothing_happens(site, curl, said):
    assert remove(curl).status == remove(curl).status == 204
    assert site.room.log.end == 4
    assert [note.action for note in site.store.records.notes] == ["message.remove"]


def test_it_is_noted_without_its_text(site, curl, said):
    remove(curl)
    (note,) = site.store.records.notes
    assert note[1:5] == ("chat.admin_token", "192.0.2.1", "message.remove", "room 1")
    assert note.details == {"seq": 2, "sender": "ann", "kind": "say"}


def test_who_said_it_with_a_nonce_does_not_say_it_again(site, curl):
    ann = site.curl()
    text = {"text": BAD, "nonce": "n"}
    seq = ann.post("/api/rooms/1/messages", text).json["seq"]
    remove(curl, seq)
    again = ann.post("/api/rooms/1/messages", text)
    assert again.status == 200
    assert again.json["seq"] == seq
    assert BAD not in curl.get("/api/rooms/1/messages").text


def test_while_the_store_is_broken_it_stays_and_can_be_tried_again(site, curl, said):
    site.store.broken = "The disk is full."
    assert is_problem(remove(curl), 503)
    assert BAD in curl.get("/api/rooms/1/messages").text
    site.store.broken = ""
    assert remove(curl).status == 204
    assert BAD not in curl.get("/api/rooms/1/messages").text


def test_news_that_could_not_be_kept_are_told_when_it_is_tried_again(site, curl, said):
    def full():
        raise Unavailable("The disk is full.")

    append, site.store.append = site.store.append, lambda entries: site.store.done(full)
    assert remove(curl).status == 503
    site.store.append = append
    assert site.room.log.end == 3
    assert remove(curl).status == 204
    assert site.room.log.end == 4


@pytest.mark.parametrize("seq", ["0", "4", "-1", "x", "1.0", "9" * 30, "%D9%A1"])
def test_a_message_that_is_not_there(site, curl, said, seq):
    assert is_problem(remove(curl, seq), 404)
    assert is_problem(remove(curl, 1, room=7), 404)
    assert site.store.records.notes == []


def test_only_an_administrator_can(site, curl, said):
    assert is_problem(remove(curl, Authorization="Bearer wrong"), 401)
    refuses_other_sites(curl, "DELETE", "/api/rooms/1/messages/2", None, **ADMIN)
    takes_only(curl, "/api/rooms/1/messages/2", "DELETE")
    assert BAD in curl.get("/api/rooms/1/messages").text
