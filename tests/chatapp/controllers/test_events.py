"""Several rooms in one poll."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.model.ports import Draft
from tests.chatapp.controllers.refusals import is_problem, takes_only
from tests.chatapp.harness import ADMIN, Site


def said(answer: Any) -> list[tuple[int, str]]:
    return [(message["room"], message["text"]) for message in answer.json["messages"]]


def test_without_a_cursor_one_begins_now(site, rooms, curl):
    site.say("ann", "before")
    answer = curl.get("/api/events?rooms=1,3&wait=30")
    assert answer.json == {
        "messages": [],
        "cursor": f"1:{site.room.cursor(1)},3:{site.rooms.get(3).cursor(0)}",
        "gaps": {},
    }


def test_messages_come_in_the_order_of_time(site, rooms, curl):
    cursor = curl.get("/api/events?rooms=1,2,3").json["cursor"]
    for text, room in (("a", 2), ("b", 1), ("c", 2), ("d", 3), ("e", 1)):
        site.advance(0.001)
        site.say("ann", text, room=room)
    answer = curl.get(f"/api/events?rooms=1,2,3&cursor={cursor}")
    assert said(answer) == [(2, "a"), (1, "b"), (2, "c"), (3, "d"), (1, "e")]
    again = curl.get(f"/api/events?rooms=1,2,3&cursor={answer.json['cursor']}")
    assert said(again) == []


def test_with_a_limit_everything_comes_once_all_the_same(site, rooms, curl):
    cursor = curl.get("/api/events?rooms=1,2,3").json["cursor"]
    expected = [(1 + number % 3, str(number)) for number in range(20)]
    for room, text in expected:
        site.advance(0.001)
        site.say("ann", text, room=room)
    seen = []
    for _ in range(4):
        answer = curl.get(f"/api/events?rooms=1,2,3&limit=6&cursor={cursor}")
        assert len(said(answer)) <= 6
        seen += said(answer)
        cursor = answer.json["cursor"]
    assert seen == expected


@pytest.mark.parametrize("room", [1, 2, 3])
def test_it_waits_for_whichever_is_first(site, rooms, curl, room):
    cursor = curl.get("/api/events?rooms=1,2,3").json["cursor"]
    line = curl.waits(f"/api/events?rooms=1,2,3&wait=30&cursor={cursor}")
    site.say("ann", "hello", room=room)
    assert said(curl.take(line)) == [(room, "hello")]
    for each in site.rooms:
        assert each.log.statistics().waiting == 0


def test_two_rooms_in_one_moment_lose_nothing(site, rooms, curl):
    cursor = curl.get("/api/events?rooms=1,2").json["cursor"]
    line = curl.waits(f"/api/events?rooms=1,2&wait=30&cursor={cursor}")
    sent = [site.begin(site.broker.publish(Draft(room, "ann", "x"))) for room in (1, 2)]
    site.settle()
    assert all(each.ended for each in sent)
    answer = curl.take(line)
    rest = curl.get(f"/api/events?rooms=1,2&cursor={answer.json['cursor']}")
    assert sorted(said(answer) + said(rest)) == [(1, "x"), (2, "x")]


def test_after_its_time_it_answers_nothing(site, rooms, curl):
    cursor = curl.get("/api/events?rooms=1,2").json["cursor"]
    line = curl.waits(f"/api/events?rooms=1,2&wait=7&cursor={cursor}")
    site.advance(8)
    answer = curl.take(line)
    assert answer.json == {"messages": [], "cursor": cursor, "gaps": {}}


def test_a_room_that_the_cursor_does_not_have_is_followed_from_now_on(site, rooms, curl):
    cursor = curl.get("/api/events?rooms=1").json["cursor"]
    site.say("ann", "one")
    site.say("ann", "two", room=2)
    assert said(curl.get(f"/api/events?rooms=1,2&cursor={cursor}")) == [(1, "one")]


def test_gaps_are_told_by_room():
    site = Site(window=2, keep=2)
    curl = site.curl()
    curl.post("/api/rooms", {"name": "two"}, **ADMIN)
    for number in range(5):
        site.say("ann", str(number))
    answer = curl.get(f"/api/events?rooms=1,2&cursor=1:{site.room.cursor(1)},2:ffffffff.9")
    assert answer.json["gaps"] == {
        "1": {"missed": 2, "restarted": False},
        "2": {"missed": 0, "restarted": True},
    }
    assert said(answer) == [(1, "3"), (1, "4")]
    assert curl.get(f"/api/events?rooms=1,2&cursor={answer.json['cursor']}").json["gaps"] == {}


def test_who_waits_is_in_all_of_them(site, rooms, curl):
    curl.post("/api/login", {"name": "ann"})
    site.advance(30)
    cursor = curl.get("/api/events?rooms=2,3").json["cursor"]
    answer = curl.get(f"/api/events?rooms=2,3&wait=60&cursor={cursor}")
    assert [room for room, _ in said(answer)] == [2, 3]  # its own coming
    line = curl.waits(f"/api/events?rooms=2,3&wait=60&cursor={answer.json['cursor']}")
    site.advance(50)
    assert not line.answered
    for room in (2, 3):
        assert curl.get(f"/api/rooms/{room}/members").json == {"members": [{"name": "ann"}]}
    assert curl.get("/api/rooms/1/members").json == {"members": []}


@pytest.mark.parametrize(
    "query",
    [
        "", "rooms=", "rooms=x", "rooms=1,", "rooms=1,1", "rooms=0", "rooms=-1", "rooms=1&cursor=",
        "rooms=1&cursor=1", "rooms=1&cursor=1:x", "rooms=1&cursor=1:9f3a01bc.7", "rooms=1&wait=61",
        "rooms=1&limit=0", "rooms=" + ",".join(map(str, range(1, 60))), "rooms=%ff",
        "rooms=1&cursor=1:9f3a01bc.0,1:9f3a01bc.0",
    ],
)  # fmt: skip
def test_a_bad_query_is_refused(curl, query):
    assert is_problem(curl.get(f"/api/events?{query}"), 400)


def test_a_room_that_is_not_there(curl):
    assert is_problem(curl.get("/api/events?rooms=1,2"), 404)


def test_a_page_of_another_site_is_not_here_in_its_visitors_name(site, curl):
    assert is_problem(curl.get("/api/events?rooms=1&wait=5", Sec_Fetch_Site="cross-site"), 403)


def test_when_the_server_goes_down_it_is_answered(site, rooms, curl):
    cursor = curl.get("/api/events?rooms=1,2").json["cursor"]
    line = curl.waits(f"/api/events?rooms=1,2&wait=30&cursor={cursor}")
    site.shut()
    (answer,) = line.answers()
    assert answer.json["cursor"] == cursor


def test_other_methods(curl):
    takes_only(curl, "/api/events", "GET")
