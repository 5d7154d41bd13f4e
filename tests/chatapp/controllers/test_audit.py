"""What administrators have done stands in a log that they can read."""

from __future__ import annotations

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from tests.chatapp.controllers.refusals import is_problem, takes_only
from tests.chatapp.harness import ADMIN


def notes(curl, query=""):
    return curl.get(f"/api/audit{query}", **ADMIN).json["notes"]


def test_whatever_is_done_is_noted_with_who_and_from_where(site, curl):
    curl.post("/api/rooms", {"name": "two"}, **ADMIN)
    curl.send("PATCH", "/api/rooms/2", {"name": "three"}, **ADMIN)
    curl.send("DELETE", "/api/rooms/2", **ADMIN)
    curl.post("/api/wall", {"text": "Back at five."}, **ADMIN)
    found = notes(curl)
    assert [(note["action"], note["target"], note["details"]) for note in found] == [
        ("wall", "", {"text": "Back at five.", "sender": "administrator"}),
        ("room.remove", "room 2", {"name": "three"}),
        ("room.rename", "room 2", {"name": "three", "before": "two"}),
        ("room.create", "room 2", {"name": "two"}),
    ]
    assert {(note["who"], note["address"]) for note in found} == {("chat.admin_token", "192.0.2.1")}
    assert [note["id"] for note in found] == [4, 3, 2, 1]
    assert found[0]["time"] == int(site.loop.time() * 1_000_000)


def test_what_was_not_done_is_not_noted(curl):
    assert curl.post("/api/rooms", {"name": "main"}, **ADMIN).status == 409
    assert curl.send("DELETE", "/api/rooms/1", **ADMIN).status == 409
    assert curl.post("/api/rooms", {"name": "two"}).status == 401
    assert notes(curl) == []


@pytest.mark.parametrize(
    ("path", "content", "action"),
    [
        ("/status/1/wake", None, "client.wake"),
        ("/status/1/disconnect", None, "client.disconnect"),
        ("/api/wall", {"text": "Back at five."}, "wall"),
    ],
)
def test_who_hangs_up_at_once_is_noted_all_the_same(site, curl, monkeypatch, path, content, action):
    site.curl().pull()
    records = site.store.records
    note = records.note

    @coro
    def noted_late(given):
        yield Sleep(1)
        yield note(given)

    monkeypatch.setattr(records, "note", noted_late)
    curl.begin("POST", path, content, **ADMIN).reset()
    site.advance(1)
    assert [each.action for each in records.notes] == [action]
    assert [each.text for each in site.store.log[1]] == ([content["text"]] if content else [])


def test_it_is_read_in_pieces_from_the_newest_on(curl):
    for number in range(5):
        curl.post("/api/wall", {"text": f"{number}"}, **ADMIN)
    first = notes(curl, "?limit=2")
    second = notes(curl, f"?limit=2&before={first[-1]['id']}")
    assert [note["details"]["text"] for note in first + second] == ["4", "3", "2", "1"]


@pytest.mark.parametrize("query", ["before=0", "before=x", "limit=0", "limit=1001"])
def test_a_bad_query(curl, query):
    assert is_problem(curl.get(f"/api/audit?{query}", **ADMIN), 400)


def test_only_administrators_read_it(curl):
    assert is_problem(curl.get("/api/audit"), 401)
    takes_only(curl, "/api/audit", "GET")


def test_a_wall_that_cannot_be_noted_is_not_said(site, curl):
    site.store.broken = "The disk is full."
    assert is_problem(curl.post("/api/wall", {"text": "x"}, **ADMIN), 503)
    site.store.broken = ""
    assert curl.get("/api/rooms/1/messages").json["messages"] == []
