"""People who may not speak, or not be here, for a time."""

from __future__ import annotations

import pytest

from tests.chatapp.controllers.refusals import (
    is_problem,
    refuses_bad_bodies,
    refuses_other_sites,
    takes_only,
)
from tests.chatapp.harness import ADMIN, Site

PATH = "/api/people/sanctions"
ELSEWHERE = ("198.51.100.7", 1)  # bob's network
JSON = {"Accept": "application/json"}


@pytest.fixture
def bob(site):
    """He is in the main room, from a network of his own."""
    bob = site.curl(ELSEWHERE)
    bob.pull("/chat/pull/bob")
    return bob


def impose(curl, kind, name="bob", **more):
    wish = {"kind": kind, "name": name, "seconds": 600, **more}
    return curl.post(PATH, wish, **ADMIN)


def speak(curl, text="hello", room=1):
    return curl.post(f"/api/rooms/{room}/messages", {"text": text})


def test_who_is_muted_reads_and_does_not_speak_until_it_is_over(site, curl, bob):
    made = impose(curl, "mute", why="Noise.")
    assert made.status == 201
    answer = speak(bob)
    assert is_problem(answer, 403)
    assert answer.json["detail"] == "You may not speak here for 10 minutes: Noise."
    assert answer.header("retry-after") == "600"
    site.advance(500)
    late = bob.push("hello")
    assert late.text == "403 Forbidden: You may not speak here for 100 seconds: Noise.\r\n"
    site.say("ann", "are you there?")
    assert "are you there?" in bob.pull().text
    site.advance(100)
    assert speak(bob).status == 201
    assert site.said() == ["are you there?", "hello"]


@pytest.mark.parametrize(
    "ways",
    [
        lambda bob: bob.push("x"),
        lambda bob: bob.push("/me x"),
        lambda bob: bob.push("/nick x"),
        lambda bob: bob.pull("/chat/pull/x"),
        lambda bob: bob.post("/api/login", {"name": "x"}),
        lambda bob: bob.post(
            "/chats/1/poll", b"new_message=x", Content_Type="application/x-www-form-urlencoded"
        ),
    ],
)
def test_there_is_no_other_way_to_be_heard(site, curl, bob, ways):
    impose(curl, "mute")
    end = site.room.log.end
    assert ways(bob).status == 403
    assert site.room.log.end == end
    assert site.roster.names(site.room) == ["bob"]


@pytest.mark.parametrize("way", ["pull", "push"])
def test_nor_is_an_old_cookie_with_the_name_of_that_time(site, curl, bob, way):
    old = bob.cookie
    bob.pull("/chat/pull/rob")
    impose(curl, "mute", "rob")
    bob.cookie, end = old, site.room.log.end
    again = bob.pull("/chat/pull/bob") if way == "pull" else bob.push("/nick bob")
    assert again.status == 403
    assert site.room.log.end == end
    assert site.roster.names(site.room) == ["rob"]
    bob.waits("/chat/pull/rob")  # who is called so already


def test_with_a_room_goes_what_held_there(rooms, curl, bob):
    impose(curl, "mute", room=2)
    impose(curl, "mute", room=3)
    assert curl.send("DELETE", "/api/rooms/2", **ADMIN).status == 204
    assert [each["room"] for each in curl.get(PATH, **ADMIN).json["sanctions"]] == [3]
    assert speak(bob, room=3).status == 403


def test_a_room_can_be_named_and_then_it_holds_there_alone(rooms, site, curl, bob):
    impose(curl, "mute", room=2)
    assert speak(bob, room=2).json["detail"] == "You may not speak in this room for 10 minutes."
    assert speak(bob, room=1).status == speak(bob, room=3).status == 201


def test_who_is_sent_out_is_so_at_once_and_does_not_come_back(site, curl, bob):
    waiting = bob.waits()
    assert impose(curl, "out").status == 201
    assert bob.take(waiting).status == 200
    assert site.roster.names(site.room) == []
    assert site.store.log[1][-1].kind == "leave"
    again = bob.pull()
    assert again.text == "403 Forbidden: You may not be here for 10 minutes.\r\n"
    site.advance(600)
    assert bob.pull().status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/chat/pull",
        "/chat/pull/other",
        "/api/rooms/1/messages",
        "/api/rooms/1/messages?wait=5",
        "/api/rooms/1/messages?before=5",
        "/api/rooms/1/events",
        "/api/events?rooms=1",
        "/chats/1/poll?lastupdate=0",
        "/chats/1/poll?lastupdate=0&callback=f",
    ],
)
def test_who_is_sent_out_does_not_read(site, curl, bob, path):
    site.say("ann", "a secret")
    impose(curl, "out", room=1)
    answer = bob.get(path)
    assert answer.status == 403
    assert "a secret" not in answer.text
    assert site.roster.names(site.room) == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/rooms/1/messages?wait=50&since={}",
        "/api/events?rooms=1&wait=50&cursor=1:{}",
        "/chats/1/poll?lastupdate={time}",
    ],
)
def test_a_poll_that_waits_ends_at_once_and_gives_nothing_more(site, curl, bob, path):
    site.say("ann", "hello")
    time = f"{site.room.time / 1e6:.6f}"
    target = path.format(site.room.cursor(site.room.log.end), time=time)
    waiting = bob.waits(target)
    impose(curl, "out")
    assert is_problem(bob.take(waiting), 403)


def test_a_script_that_waits_ends_at_once_though_no_leaving_is_announced(site, curl):
    eve = site.curl(ELSEWHERE)
    eve.pull()
    (name,) = site.roster.names(site.room)
    waiting = eve.waits("/chats/1/poll?lastupdate=9999999999&callback=f")
    impose(curl, "out", name)
    assert is_problem(eve.take(waiting), 403)


def test_a_script_for_another_network_or_room_waits_on(rooms, site, curl, bob):
    path = "/chats/{}/poll?lastupdate=9999999999&callback=f"
    there, here = bob.waits(path.format(2)), site.curl(("203.0.113.9", 1)).waits(path.format(1))
    impose(curl, "out", room=1)
    assert not there.answered
    assert b"user bob has left the room" in here.take()


def test_a_pull_whose_place_a_newer_one_has_taken_ends_at_once_too(site, curl, bob):
    older, newer = bob.waits(), bob.waits()
    impose(curl, "out")
    assert older.answered
    assert newer.answered


def test_a_stream_ends(site, curl, bob):
    stream = bob.ask("GET", "/api/rooms/1/events")
    assert b" 200 " in stream.take()
    impose(curl, "out")
    site.say("ann", "a secret")
    rest = stream.take()
    assert rest.endswith(b"0\r\n\r\n")
    assert b"a secret" not in rest


def test_a_new_session_does_not_help_nor_another_network(site, curl, bob):
    impose(curl, "mute")
    assert speak(site.curl(ELSEWHERE)).status == 403
    bob.peer = ("203.0.113.1", 1)
    assert speak(bob).status == 403
    assert speak(site.curl(("203.0.113.1", 1))).status == 201


def test_others_of_the_network_go_too_unless_the_session_alone_is_meant(site, curl, bob):
    eve = site.curl(ELSEWHERE)
    eve.pull("/chat/pull/eve")
    made = impose(curl, "out", network=False)
    assert made.json["network"] == ""
    assert site.roster.names(site.room) == ["eve"]
    impose(curl, "out", "eve")
    assert site.roster.names(site.room) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_no_network(address):
    site = Site()
    bob = site.curl((address, 1))
    bob.pull("/chat/pull/bob")
    assert impose(site.curl(), "mute").json["network"] == ""
    assert speak(site.curl((address, 1))).status == 201
    assert speak(bob).status == 403


def test_who_only_pushes_is_found_by_what_it_said(site, curl):
    pusher = site.curl(ELSEWHERE)
    pusher.push("spam")
    name = site.store.log[1][-1].sender
    assert impose(curl, "mute", name.lower()).json["name"] == name
    assert pusher.push("spam").status == 403
    assert is_problem(impose(curl, "mute", "nobody"), 404)


def test_it_holds_after_a_restart(site, curl, bob):
    impose(curl, "mute")
    again = Site(store=site.store)
    again.loop.advance(site.loop.time() - again.loop.time())
    later = again.curl(ELSEWHERE)
    later.cookie = bob.cookie
    assert speak(later).status == 403
    again.advance(600)
    assert speak(later).status == 201


def test_they_are_listed_lifted_and_noted(site, curl, bob):
    muted = impose(curl, "mute", room=1, why="Noise").json
    site.advance(1)
    assert muted == {
        "id": 1,
        "kind": "mute",
        "room": 1,
        "network": "198.51.100.7",
        "name": "bob",
        "created": muted["created"],
        "until": muted["created"] + 600_000_000,
        "who": "chat.admin_token",
        "why": "Noise",
    }
    impose(curl, "mute", seconds=60)
    listed = curl.get(PATH, **ADMIN).json["sanctions"]
    assert [each["id"] for each in listed] == [1, 2]
    assert curl.send("DELETE", f"{PATH}/1", **ADMIN).status == 204
    assert is_problem(curl.send("DELETE", f"{PATH}/1", **ADMIN), 404)
    assert speak(bob).status == 403
    site.advance(60)
    assert curl.get(PATH, **ADMIN).json == {"sanctions": []}
    assert speak(bob).status == 201
    notes = site.store.records.notes
    assert [(note.action, note.target) for note in notes] == [
        ("person.mute", "bob"),
        ("person.mute", "bob"),
        ("person.lift", "bob"),
    ]
    assert notes[0].details == {
        "room": 1,
        "seconds": 600,
        "why": "Noise",
        "network": "198.51.100.7",
    }


def test_what_cannot_be_kept_is_not_so(site, curl, bob):
    site.store.broken = "The disk is full."
    assert is_problem(impose(curl, "out"), 503)
    site.store.broken = ""
    assert speak(bob).status == 201
    assert site.roster.names(site.room) == ["bob"]


@pytest.mark.parametrize(
    "more",
    [{"kind": "x"}, {"seconds": 0}, {"seconds": 10**9}, {"why": "x" * 201}, {"name": ""}],
)
def test_what_is_no_sanction(curl, bob, more):
    assert is_problem(impose(curl, **{"kind": "mute", **more}), 400)


def test_only_administrators(site, curl, bob):
    wish = {"kind": "mute", "name": "bob", "seconds": 60}
    assert is_problem(curl.post(PATH, wish), 401)
    assert is_problem(curl.get(PATH), 401)
    assert is_problem(curl.send("DELETE", f"{PATH}/1"), 401)
    refuses_other_sites(curl, "POST", PATH, wish, **ADMIN)
    refuses_bad_bodies(curl, "POST", PATH, **ADMIN)
    takes_only(curl, PATH, "GET, POST")
    takes_only(curl, f"{PATH}/1", "DELETE")
    assert is_problem(impose(curl, "mute", room=9), 404)
    assert speak(bob).status == 201


def test_nobody_pays_for_it_while_there_are_none(site, bob, monkeypatch):
    def asked(*args):
        raise AssertionError("nothing is to be looked at")

    monkeypatch.setattr(type(site.roster.sanctions), "admit", asked)
    monkeypatch.setattr(type(site.roster.sanctions), "hush", asked)
    assert speak(bob).status == 201
