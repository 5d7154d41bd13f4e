"""Names by login, and the administrator's wall."""

from __future__ import annotations

import pytest

from tests.chatapp.controllers.refusals import (
    is_problem,
    refuses_bad_bodies,
    refuses_other_sites,
    takes_only,
)
from tests.chatapp.harness import ADMIN, TOKEN, Site


def test_login_gives_a_name_and_all_hear_of_it(site, curl):
    answer = curl.post("/api/login", {"name": " Zo\u0065\u0308 "})
    assert (answer.status, answer.json) == (200, {"name": "Zoë"})
    assert curl.get("/api/rooms/1/members").json == {"members": [{"name": "Zoë"}]}
    (joined,) = curl.get("/api/rooms/1/messages").json["messages"]
    assert (joined["kind"], joined["text"]) == ("join", "user Zoë has joined the room")
    curl.push("hello")
    assert curl.get("/api/rooms/1/messages?limit=1").json["messages"][0]["sender"] == "Zoë"


@pytest.mark.case(56)
def test_a_name_that_somebody_has_is_taken(site, curl):
    curl.post("/api/login", {"name": "bob"})
    for name in ("bob", "Bob", "\uff42ob", "b\u200bob"):
        answer = site.curl().post("/api/login", {"name": name})
        assert is_problem(answer, 409)
        assert answer.header("set-cookie") is None or "bob" not in answer.header("set-cookie")
    assert curl.post("/api/login", {"name": "bob"}).status == 200


@pytest.mark.case(56)
@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\0b", "a\x1bb", "a:b", "\u200b", "a\u2028b"])
def test_a_bad_name_is_refused(site, curl, name):
    assert is_problem(curl.post("/api/login", {"name": name}), 400)
    assert len(site.roster.people) == 0


@pytest.mark.case(55)
@pytest.mark.parametrize("name", ["<script>", '"onerror=', "\u202ebob", "\U0001f41d", "x" * 64])
def test_a_hostile_name_is_text(site, curl, name):
    assert curl.post("/api/login", {"name": name}).json == {"name": name}
    assert curl.get("/api/rooms/1/members").json == {"members": [{"name": name}]}


def test_a_new_name_takes_the_place_of_the_old_one(site, curl):
    curl.post("/api/login", {"name": "bob"})
    curl.post("/api/login", {"name": "ann"})
    assert curl.get("/api/rooms/1/members").json == {"members": [{"name": "ann"}]}
    assert site.curl().post("/api/login", {"name": "bob"}).status == 200


def test_who_logs_in_and_goes_away_leaves(site, curl):
    curl.post("/api/login", {"name": "bob"})
    site.advance(30)
    assert curl.get("/api/rooms/1/members").json == {"members": []}
    assert site.scheduler.statistics().coroutines == 0


def test_logout_gives_the_name_back(site, curl):
    curl.post("/api/login", {"name": "bob"})
    waiting = curl.waits("/chat/pull?timeout=9") if not curl.pull().body else None
    answer = curl.post("/api/logout")
    assert (answer.status, answer.body) == (204, b"")
    assert curl.get("/api/rooms/1/members").json == {"members": []}
    assert site.curl().post("/api/login", {"name": "bob"}).status == 200
    curl.push("hello")
    sender = curl.get("/api/rooms/1/messages?limit=1").json["messages"][0]["sender"]
    assert sender != "bob"
    if waiting is not None:
        assert waiting.answered


def test_one_comes_and_goes_only_as_often_as_one_may_speak():
    site = Site(push_rate=1)
    curl = site.curl()
    curl.pull("/chat/pull/bob")
    cookie, statuses = curl.cookie, []
    for _ in range(8):  # the rooms hear of each
        curl.cookie = cookie
        statuses.append(curl.post("/api/logout").status)
        curl.cookie = cookie
        curl.ask("GET", "/chat/pull?timeout=0")
    assert statuses == [204] * 5 + [429] * 3
    assert [each.kind for each in site.store.log[1]] == ["join", "leave"] * 5 + ["join"]


def test_logout_of_nobody_changes_nothing(site, curl):
    assert curl.post("/api/logout").status == 204
    assert site.room.log.end == 0


def test_when_the_store_is_down_one_can_log_in_and_out(site, curl):
    site.store.broken = "The disk is full."
    assert curl.post("/api/login", {"name": "bob"}).status == 200
    assert curl.post("/api/logout").status == 204


def test_names_are_chosen_only_so_often_however(site):
    site = Site(login_rate=0.2)
    curl = site.curl()
    curl.push("for a cookie")
    for number in range(3):
        assert curl.post("/api/login", {"name": f"bob{number}"}).status == 200
    assert curl.push("/nick ann").text == "ok\r\n"
    assert curl.pull("/chat/pull/zoe?timeout=0").status == 200
    assert curl.pull("/chat/pull/zoe?timeout=0").status == 200  # it has that name
    assert curl.push("/nick zoe").status == 200
    for answer in (
        curl.post("/api/login", {"name": "max"}),
        curl.push("/nick max"),
        curl.pull("/chat/pull/max?timeout=0"),
    ):
        assert (answer.status, answer.header("retry-after")) == (429, "5")


def test_a_wall_is_heard_in_every_room(site, curl):
    curl.post("/api/rooms", {"name": "two"}, **ADMIN)
    reader = site.curl()
    reader.pull()
    assert curl.post("/api/wall", {"text": "Back at 5."}, **ADMIN).status == 204
    for room in (1, 2):
        (message,) = curl.get(f"/api/rooms/{room}/messages").json["messages"]
        assert (message["kind"], message["text"]) == ("wall", "Back at 5.")
    assert reader.pull().text == " ! administrator: Back at 5.\r\n"
    assert site.store.calls[-1] == ["Back at 5.", "Back at 5."]  # at once


def test_a_wall_has_the_name_of_who_has_one(site, curl):
    curl.post("/api/login", {"name": "ann"})
    curl.post("/api/wall", {"text": "x"}, **ADMIN)
    assert curl.get("/api/rooms/1/messages?limit=1").json["messages"][0]["sender"] == "ann"


@pytest.mark.parametrize("text", ["", " ", "\u200b"])
def test_an_empty_wall_is_refused(curl, text):
    assert is_problem(curl.post("/api/wall", {"text": text}, **ADMIN), 400)


def test_only_the_administrator_has_a_wall(site, curl):
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = curl.post("/api/wall", {"text": "x"}, **headers)
        assert is_problem(answer, 401)
        assert answer.header("www-authenticate").startswith("Bearer")
    assert curl.post("/api/wall", {"text": "x"}, Authorization=f"bearer {TOKEN}").status == 204
    assert site.room.log.end == 1


def test_when_the_store_is_down_there_is_no_wall(site, curl):
    site.store.broken = "The disk is full."
    assert is_problem(curl.post("/api/wall", {"text": "x"}, **ADMIN), 503)


@pytest.mark.case(40, 41, 42)
def test_bad_bodies_are_refused(curl):
    refuses_bad_bodies(curl, "POST", "/api/login")
    refuses_bad_bodies(curl, "POST", "/api/wall", **ADMIN)


@pytest.mark.case(43)
def test_a_page_of_another_site_can_do_none_of_it(site, curl):
    refuses_other_sites(curl, "POST", "/api/login", {"name": "fool"})
    refuses_other_sites(curl, "POST", "/api/logout", None)
    refuses_other_sites(curl, "POST", "/api/wall", {"text": "x"}, **ADMIN)
    assert site.room.log.end == 0


def test_other_methods(curl):
    for path in ("/api/login", "/api/logout", "/api/wall"):
        takes_only(curl, path, "POST")


def test_the_interface_describes_itself(curl):
    answer = curl.get("/api/openapi.json")
    assert answer.json["openapi"] == "3.1.0"
    assert answer.header("content-type") == "application/json"
    takes_only(curl, "/api/openapi.json", "GET")
