"""Rooms by the JSON interface: listed by all, changed by the administrator."""

from __future__ import annotations

import pytest

from tests.chatapp.controllers.refusals import (
    is_problem,
    refuses_bad_bodies,
    refuses_other_sites,
    takes_only,
)
from tests.chatapp.harness import ADMIN, TOKEN, Curl, Site


def names(curl: Curl) -> list[str]:
    """Of the rooms, in their order."""
    return [room["name"] for room in curl.get("/api/rooms").json["rooms"]]


def test_there_is_a_room_at_the_start(curl):
    answer = curl.get("/api/rooms")
    (room,) = answer.json["rooms"]
    assert (room["id"], room["name"], room["people"], room["members"]) == (1, "main", 0, [])
    assert room["cursor"] == curl.get("/api/events?rooms=1").json["cursor"].removeprefix("1:")
    assert answer.header("content-type") == "application/json"
    assert answer.header("set-cookie") is None


def test_the_administrator_makes_a_room_that_all_can_speak_in(site, curl):
    made = curl.post("/api/rooms", {"name": "  Café "}, **ADMIN)
    assert (made.status, made.json) == (201, {"id": 2, "name": "Café"})
    assert made.header("location") == "/api/rooms/2"
    assert site.curl().post("/api/rooms/2/messages", {"text": "hello"}).status == 201


def test_rooms_are_listed_by_name(curl):
    for name in ("zebra", "Apple"):
        curl.post("/api/rooms", {"name": name}, **ADMIN)
    assert names(curl) == ["Apple", "main", "zebra"]


def test_the_list_says_who_is_there(site):
    for n in range(12):
        site.curl().pull(f"/chat/pull/ann{n:02}")
    (room,) = site.curl().get("/api/rooms").json["rooms"]
    assert (room["people"], room["members"]) == (12, [f"ann{n:02}" for n in range(10)])


def test_a_room_gets_another_name(curl):
    assert curl.send("PATCH", "/api/rooms/1", {"name": "lobby"}, **ADMIN).json == {
        "id": 1,
        "name": "lobby",
    }
    assert names(curl) == ["lobby"]


def test_a_name_belongs_to_one_room(curl):
    assert is_problem(curl.post("/api/rooms", {"name": "main"}, **ADMIN), 409)
    curl.post("/api/rooms", {"name": "other"}, **ADMIN)
    assert is_problem(curl.send("PATCH", "/api/rooms/2", {"name": "main"}, **ADMIN), 409)


@pytest.mark.case(55)
@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"onerror="', "\u202ex", "\U0001f41d"]
)
def test_a_hostile_name_is_text(curl, name):
    assert curl.post("/api/rooms", {"name": name}, **ADMIN).json["name"] == name


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\0b", "a\nb", "\u200b"])
def test_a_bad_name_is_refused(curl, name):
    assert is_problem(curl.post("/api/rooms", {"name": name}, **ADMIN), 400)
    assert is_problem(curl.send("PATCH", "/api/rooms/1", {"name": name}, **ADMIN), 400)


def test_a_room_is_removed_and_who_waits_in_it_goes_on(site, curl):
    curl.post("/api/rooms", {"name": "other"}, **ADMIN)
    bob = site.curl()
    bob.pull("/chat/pull/bob?room=2")
    waiting = bob.waits("/chat/pull?room=2")
    answer = curl.send("DELETE", "/api/rooms/2", **ADMIN)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("content-length") is answer.header("content-type") is None
    assert bob.take(waiting).status == 200
    assert bob.pull("/chat/pull?room=2").status == 404
    assert is_problem(curl.get("/api/rooms/2/members"), 404)
    assert site.roster.people.holder("bob") is None


def test_the_main_room_stays(curl):
    assert is_problem(curl.send("DELETE", "/api/rooms/1", **ADMIN), 409)


@pytest.mark.parametrize("room", ["2", "0", "-1", "x", "1.0", "9" * 30, "%D9%A1"])
def test_a_room_that_is_not_there(curl, room):
    assert is_problem(curl.get(f"/api/rooms/{room}/members"), 404)
    assert is_problem(curl.send("PATCH", f"/api/rooms/{room}", {"name": "x"}, **ADMIN), 404)
    assert is_problem(curl.send("DELETE", f"/api/rooms/{room}", **ADMIN), 404)


CHANGES = [
    ("POST", "/api/rooms", {"name": "x"}),
    ("PATCH", "/api/rooms/1", {"name": "x"}),
    ("DELETE", "/api/rooms/1", None),
]


@pytest.mark.parametrize(("method", "path", "content"), CHANGES)
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        "Bearer wrong",
        f"Bearer {TOKEN}x",
        "Bearer \xff",
    ],
)
def test_only_the_administrator_changes_rooms(curl, method, path, content, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = curl.send(method, path, content, **headers)
    assert is_problem(answer, 401)
    assert answer.header("www-authenticate").startswith("Bearer")
    assert names(curl) == ["main"]


@pytest.mark.parametrize("token", ["", "x" * 16])
def test_without_a_token_set_nobody_is_the_administrator(token):
    answer = Site().curl().post("/api/rooms", {"name": "x"}, Authorization=f"Bearer {token}")
    assert is_problem(answer, 401)


@pytest.mark.case(43)
@pytest.mark.parametrize(("method", "path", "content"), CHANGES)
def test_a_page_of_another_site_changes_no_room(curl, method, path, content):
    refuses_other_sites(curl, method, path, content, **ADMIN)


@pytest.mark.case(40, 41, 42)
def test_bad_bodies_are_refused(curl):
    refuses_bad_bodies(curl, "POST", "/api/rooms", **ADMIN)
    refuses_bad_bodies(curl, "PATCH", "/api/rooms/1", **ADMIN)


def test_rooms_are_made_only_so_often():
    site = Site(admin_token=TOKEN, room_rate=0.5)
    curl = site.curl()
    curl.push("for a cookie")
    statuses = [curl.post("/api/rooms", {"name": f"room {i}"}, **ADMIN).status for i in range(6)]
    assert statuses == [201] * 5 + [429]
    answer = curl.post("/api/rooms", {"name": "more"}, **ADMIN)
    assert is_problem(answer, 429)
    assert answer.header("retry-after") == "2"
    site.advance(2)
    assert curl.post("/api/rooms", {"name": "more"}, **ADMIN).status == 201


def test_when_the_store_is_down_nothing_changes(site, curl):
    site.store.broken = "The disk is full."
    answer = curl.post("/api/rooms", {"name": "x"}, **ADMIN)
    assert is_problem(answer, 503)
    assert answer.header("retry-after") == "2"
    assert len(site.rooms) == 1


def test_a_room_that_could_not_be_removed_has_heard_what_was_said_meanwhile(site, curl):
    curl.post("/api/rooms", {"name": "other"}, **ADMIN)
    ann = site.curl()
    ann.pull("/chat/pull?room=2")
    site.store.hold()
    said = curl.begin("POST", "/api/rooms/2/messages", {"text": "one"})
    removing = curl.begin("DELETE", "/api/rooms/2", **ADMIN)
    (append, remove), site.store.holding = site.store.holding, None
    append.do()
    append.wake()
    remove.broken = "The disk is full."
    remove.do()
    remove.wake()
    site.settle()
    assert (curl.take(said).status, curl.take(removing).status) == (201, 503)
    assert curl.post("/api/rooms/2/messages", {"text": "two"}).status == 201
    assert [each["text"] for each in ann.read("/chat/pull?room=2").json["messages"]] == [
        "one",
        "two",
    ]


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/api/rooms", {"name": "x"}),
        ("PATCH", "/api/rooms/2", {"name": "x"}),
        ("DELETE", "/api/rooms/2", None),
    ],
)
def test_what_the_store_has_begun_is_known_here_though_the_connection_drops(
    site, curl, method, path, content
):
    curl.post("/api/rooms", {"name": "other"}, **ADMIN)
    reader = site.curl()
    reader.pull("/chat/pull?room=2")
    waits = reader.waits("/chat/pull?room=2")
    site.store.hold()
    body = b"" if content is None else b'{"name": "x"}'
    headers = {"Content_Type": "application/json", **ADMIN}
    line = curl.ask(method, path, body, **headers)
    line.reset()
    site.store.let_go()
    site.settle()
    assert {room.id: room.name for room in site.rooms} == site.store.names
    assert waits.answered is (method == "DELETE")


def test_members_are_listed_by_name(site, curl):
    for name in ("zoe", "Ann", "bob"):
        site.curl().pull(f"/chat/pull/{name}")
    assert curl.get("/api/rooms/1/members").json == {
        "members": [{"name": "Ann"}, {"name": "bob"}, {"name": "zoe"}]
    }


def test_who_has_left_is_no_member(site, curl):
    site.curl().pull("/chat/pull/bob")
    site.advance(30)
    assert curl.get("/api/rooms/1/members").json == {"members": []}


def test_other_methods(curl):
    takes_only(curl, "/api/rooms", "GET, POST")
    takes_only(curl, "/api/rooms/1", "DELETE, PATCH")
    takes_only(curl, "/api/rooms/1/members", "GET")
