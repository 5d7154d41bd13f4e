"""Whoever is parked can be woken and disconnected, on every transport, and loses nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.chatapp.gateways.people import Person, door
from tests.chatapp.harness import ADMIN, Site
from tests.chatapp.pages import ChatterPage, chatter_site
from tests.web.harness import dechunk
from tests.web.peer import Peer


def act(site: Site, what: str, number: int = 1) -> int:
    return site.curl().post(f"/status/{number}/{what}", **ADMIN).status


def here(site: Site) -> list[int]:
    shown = site.curl().get("/status?order=age", **ADMIN).json["clients"]
    return [client["number"] for client in shown]


def poll(site: Site) -> str:
    return f"/api/rooms/1/messages?wait=9&since={site.room.cursor(site.room.log.end)}"


def polls(site: Site) -> str:
    places = ",".join(f"{room.id}:{room.cursor(room.log.end)}" for room in site.rooms)
    return f"/api/events?rooms=1,2,3&wait=9&cursor={places}"


def old_poll(site: Site) -> str:
    return "/chats/1/poll?lastupdate=4000000000"


Target = Callable[[Site], str]


def test_a_pull_that_is_woken_is_answered_at_once_and_goes_on(site, curl):
    curl.pull()
    line = curl.waits()
    assert act(site, "wake") == 204
    assert (curl.take(line).status, here(site)) == (200, [1])
    again = curl.waits()
    site.say("bob", "hello")
    assert curl.take(again).text == "bob: hello\r\n"


@pytest.mark.parametrize("target", [poll, polls, old_poll])
@pytest.mark.parametrize("what", ["wake", "disconnect"])
def test_so_is_a_poll(site, rooms, curl, target: Target, what):
    line = curl.waits(target(site))
    number = here(site)[-1]
    assert act(site, what, number) == 204
    answer = curl.take(line)
    assert (answer.status, answer.json["messages"]) == (200, [])
    assert (number in here(site)) is (what == "wake")
    assert site.scheduler.statistics().timers <= 1  # the reaper's; nobody waits any more


def test_so_is_one_that_does_not_wait_yet_for_the_room_is_to_hear_first_who_comes(
    site, rooms, curl
):
    curl.post("/api/login", {"name": "ann"})
    site.store.hold()
    line = curl.ask("GET", "/chats/2/poll?lastupdate=4000000000")
    administrator = site.curl()
    acting = administrator.begin("POST", f"/status/{here(site)[-1]}/disconnect", **ADMIN)
    assert not line.answered
    site.store.let_go()
    site.settle()
    assert administrator.take(acting).status == 204
    assert curl.take(line).json["status"] == 0


def test_one_poll_of_two_goes_on_when_the_other_has_ended(site, curl):
    curl.push("for a cookie")
    first, second = curl.waits(poll(site)), curl.waits(poll(site))
    first.reset()
    assert act(site, "wake") == 204
    assert second.answers()[0].status == 200


def test_who_waits_for_nothing_is_woken_in_vain(site, curl):
    curl.pull()
    assert act(site, "wake") == 204
    assert here(site) == [1]


def test_a_stream_that_is_woken_says_that_it_is_there(site, curl):
    line = curl.ask("GET", "/api/rooms/1/events")
    line.take()
    assert act(site, "wake") == 204
    assert dechunk(line.take() + b"0\r\n\r\n").startswith(b":")
    site.say("bob", "hello")
    assert b"hello" in line.take()


def test_a_pull_that_is_disconnected_is_answered_and_comes_back_to_where_it_was(site, curl):
    curl.pull()
    site.say("bob", "1")
    line = curl.ask("GET", "/chat/pull")
    assert curl.take(line).text == "bob: 1\r\n"
    line = curl.waits()
    assert act(site, "disconnect") == 204
    assert (curl.take(line).status, here(site)) == (200, [])
    site.say("bob", "2")
    assert curl.pull().text == "bob: 2\r\n"
    assert here(site) == [2]


def test_so_is_one_that_was_far_behind(site, curl):
    curl.pull()
    for number in range(30):
        site.say("bob", f"{number}")
    assert act(site, "disconnect") == 204
    assert len(curl.read().seqs) == 30


def test_a_stream_that_is_disconnected_ends(site, curl):
    line = curl.ask("GET", "/api/rooms/1/events")
    assert act(site, "disconnect") == 204
    assert line.take().endswith(b"0\r\n\r\n")
    assert here(site) == []


def test_a_websocket_that_is_disconnected_ends(site):
    peer = Peer(site, "/ws")
    assert peer.status == 101
    assert act(site, "disconnect") == 204
    assert peer.farewell is not None
    assert peer.farewell.code == 1000
    assert here(site) == []


def test_a_terminal_that_is_disconnected_is_told_so_and_ends(site):
    person = Person(site, door(site))
    person.sees()
    assert act(site, "wake") == 204
    assert person.type("hello") == ["192.0.2.1: hello"]
    assert act(site, "disconnect") == 204
    assert person.sees() == ["-- You were disconnected --"]
    assert person.over
    assert here(site) == []


def test_a_live_page_that_is_disconnected_is_told_so():
    site = chatter_site()
    page = ChatterPage(site)
    page.enter("eve")
    page.shown()
    assert site.curl().get("/status?transport=live", **ADMIN).json["clients"][0]["name"] == "eve"
    assert act(site, "disconnect") == 204
    page.hear()
    assert page.note == "You are not in the room any more."
    assert here(site) == []


def test_nobody_is_left_behind(site, rooms, curl):
    for target in (poll, polls):
        curl.waits(target(site))
    Peer(site, "/ws")
    Person(site, door(site))
    for number in here(site):
        assert act(site, "disconnect", number) == 204
    site.advance(100)
    found: Any = site.roster
    assert (len(found), len(found.people), found.transports.total()) == (0, 0, 0)
    assert site.scheduler.statistics().coroutines == 0
