"""The live view of who is parked."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.controllers import status as status_of
from tests.chatapp.controllers.refusals import is_problem
from tests.chatapp.harness import ADMIN, Curl, Site
from tests.web.harness import PEER


def status(site: Site, query: str = "") -> Any:
    return site.curl().get(f"/status{query}", **ADMIN).json


def clients(site: Site, query: str = "") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = status(site, query)["clients"]
    return listed


def here(site: Site) -> dict[str, Any]:
    (client,) = clients(site)
    return client


def names(site: Site, query: str) -> list[str]:
    return [client["name"] for client in clients(site, query)]


def reader(site: Site, name: str, room: int = 1) -> Curl:
    curl = site.curl()
    curl.pull(f"/chat/pull/{name}?room={room}")
    return curl


def now(site: Site) -> str:
    return site.room.cursor(site.room.log.end)


def test_a_pull_that_waits(site):
    ann = reader(site, "ann")
    site.advance(5)
    ann.read()
    ann.waits()
    site.advance(5)
    shown = here(site)
    assert shown.pop("age") == pytest.approx(10, abs=2.5)
    assert shown == {
        "number": 1,
        "room": 1,
        "transport": "pull",
        "name": "ann",
        "cursor": now(site),
        "end": 1,
        "lag": 0,
        "queued": 0,
        "bound": 10,
        "readers": 1,
        "idle": 0,
        "address": PEER[0],
    }


def test_a_reader_that_is_behind(site):
    reader(site, "ann")
    site.advance(5)
    for number in range(12):
        site.say("bob", f"{number}")
    shown = here(site)
    assert (shown["end"], shown["lag"]) == (13, 12)
    assert (shown["queued"], shown["bound"], shown["readers"]) == (10, 10, 0)
    assert shown["idle"] == pytest.approx(5, abs=2.5)
    assert status(site)["queued"] == 10


def test_a_poll_shows_where_it_waits_and_nothing_between_two(site):
    curl = site.curl()
    line = curl.waits(f"/api/rooms/1/messages?wait=9&since={now(site)}")
    shown = here(site)
    assert (shown["transport"], shown["cursor"], shown["readers"]) == ("poll", now(site), 1)
    site.say("bob", "hello")
    curl.take(line)
    assert (here(site)["cursor"], here(site)["lag"], here(site)["readers"]) == (None, 0, 0)


def test_it_is_sorted_and_chosen_from(site, rooms):
    reader(site, "ann")
    site.advance(4)
    bob = reader(site, "bob", room=2)
    site.advance(4)
    reader(site, "joe", room=2)
    bob.read("/chat/pull?room=2")
    line = bob.waits("/chat/pull?room=2")
    site.curl().waits(f"/api/rooms/1/messages?wait=9&since={now(site)}")
    site.say("zoe", "to those in two", room=2)
    bob.take(line)
    assert [client["lag"] for client in clients(site, "?room=2")] == [1, 0]
    assert names(site, "?room=2") == ["joe", "bob"]
    assert names(site, "?transport=pull&order=age") == ["ann", "bob", "joe"]
    assert names(site, "?transport=pull&order=idle")[0] == "ann"
    assert names(site, "?order=age&limit=1") == ["ann"]
    assert status(site, "?limit=1")["matched"] == 4
    assert status(site, "?room=2&transport=poll")["matched"] == 0


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "order=name", "transport=pigeon", "transport="]
)
def test_a_bad_query_is_refused(site, query):
    answer = site.curl().get(f"/status?{query}", Accept="application/json", **ADMIN)
    assert is_problem(answer, 400)


def test_a_room_that_is_not_there(site):
    assert site.curl().get("/status?room=7", **ADMIN).status == 404


def test_of_many_the_first_are_shown_and_others_get_their_turn(site):
    for number in range(1100):
        site.curl().pull()
        if number == 700:
            site.say("bob", "for those that have come until now")
    asked = site.curl().ask("GET", "/status?limit=702", **ADMIN)
    assert not asked.answered
    site.advance(0)
    shown = asked.answers()[0].json
    assert shown["matched"] == 1100
    assert [client["lag"] for client in shown["clients"]] == [1] * 701 + [0]
    assert {client["number"] for client in shown["clients"][:701]} == set(range(1, 702))


def test_of_many_no_more_are_compared_at_once_than_looked_at(site, monkeypatch):
    for _ in range(1100):
        site.curl().pull()
    compared = []
    lag = status_of._lag
    monkeypatch.setattr(status_of, "_lag", lambda client: compared.append(client) or lag(client))
    asked = site.curl().ask("GET", "/status?limit=1", **ADMIN)
    assert 0 < len(compared) <= status_of.SLICE
    site.advance(0)
    assert asked.answers()[0].json["matched"] == 1100


def test_totals(site, rooms):
    reader(site, "ann").waits()
    site.store.hold()
    site.curl().ask("POST", "/chat/push", b"hello")
    totals = status(site)["totals"]
    assert totals["clients"]["pull"] == totals["people"] == totals["commit_queue"] == 1
    assert totals["rooms"] == 3
    assert totals["parked"] == 2
    assert totals["connections"] == 3


def test_who_may_look_and_who_may_act():
    site = Site(status_from=PEER[0])
    ann = reader(site, "ann")
    waits = ann.waits()
    assert site.curl().get("/status").json["matched"] == 1
    for act in ("wake", "disconnect"):
        assert site.curl().post(f"/status/1/{act}").status == 401
    assert not waits.answered
    closed = Site(admin_token="")
    assert closed.curl().get("/status").status == 401
    assert closed.curl().post("/status/1/wake").status == 401


def test_what_was_done_to_a_client_stands_in_the_audit_log(site):
    reader(site, "ann").waits()
    site.curl().post("/status/2/wake", **ADMIN)
    for act in ("wake", "disconnect"):
        assert site.curl().post(f"/status/1/{act}", **ADMIN).status == 204
    notes = site.store.records.notes
    assert [(note.action, note.target) for note in notes] == [
        ("client.wake", "client 1"),
        ("client.disconnect", "client 1"),
    ]
    assert notes[1].details == {"name": "ann", "room": 1, "transport": "pull"}


def test_a_page_of_another_site_cannot_use_the_administrators_browser(site):
    for method, path in (("GET", "/status"), ("POST", "/status/1/wake")):
        answer = site.curl().send(method, path, Origin="http://evil.example", **ADMIN)
        assert answer.status == 403


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "1.0", "9" * 30, "%C2%B2"])
def test_a_client_that_is_not_there(site, number):
    reader(site, "ann")
    for act in ("wake", "disconnect"):
        assert site.curl().post(f"/status/{number}/{act}", **ADMIN).status == 404


def test_other_methods(curl):
    json = {"Accept": "application/json"}
    for path, allowed in {"": "GET", "/1/wake": "POST", "/1/disconnect": "POST"}.items():
        for method in {"GET", "POST", "PUT", "DELETE"} - {allowed}:
            answer = curl.send(method, f"/status{path}", **json)
            assert is_problem(answer, 405)
            assert answer.header("allow") == allowed
