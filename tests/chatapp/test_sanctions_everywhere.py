"""Who may not speak or not be here, at a terminal and over a WebSocket."""

from __future__ import annotations

import pytest

from tests.chatapp.controllers.test_chat_v1 import Talker
from tests.chatapp.gateways.people import Person, door
from tests.chatapp.harness import ADMIN, Site
from tests.web.peer import Peer

PATH = "/api/people/sanctions"


@pytest.fixture
def site() -> Site:
    return Site()


def impose(site, kind, name, **more):
    wish = {"kind": kind, "name": name, "seconds": 600, **more}
    answer = site.curl(("203.0.113.1", 1)).post(PATH, wish, **ADMIN)
    assert answer.status == 201


def test_who_is_muted_at_a_terminal_is_told_and_nobody_hears_it(site):
    bob = Person(site, door(site))
    bob.type("/nick bob")
    impose(site, "mute", "bob", why="Noise.")
    why = "-- You may not speak here for 10 minutes: Noise --"
    assert bob.type("hello", "/me waves", "/nick rob") == [why] * 3
    assert site.said() == []
    site.advance(600)
    assert bob.type("hello")[-1] == "bob: hello"


def test_who_is_sent_out_is_told_why_and_stays_out(site):
    gateway = door(site)
    bob = Person(site, gateway)
    bob.type("/nick bob")
    impose(site, "out", "bob")
    assert bob.sees()[-1] == "-- You may not be here for 10 minutes --"
    assert bob.over
    end = site.room.log.end
    again = Person(site, gateway)
    assert again.sees() == ["-- You may not be here for 10 minutes --"]
    assert again.over
    assert site.room.log.end == end  # nobody hears of the attempt


def test_who_is_sent_out_of_another_room_is_in_the_main_one(site):
    site.curl().post("/api/rooms", {"name": "two"}, **ADMIN)
    bob = Person(site, door(site))
    bob.type("/nick bob", "/join two")
    impose(site, "out", "bob", room=2)
    assert bob.sees()[0] == "-- You were sent out of two; you are in main now --"
    assert bob.type("/join two") == ["-- You may not be in this room for 10 minutes --"]
    assert bob.type("hello") == ["bob: hello"]


def test_over_a_websocket_who_is_muted_gets_an_error_with_the_time_left(site):
    bob = Talker(site, "bob")
    bob.frames()
    impose(site, "mute", "bob")
    (error,) = bob.ask(type="say", text="hello", id="1")
    assert (error["type"], error["status"], error["retry_after"]) == ("error", 403, 600)
    assert error["detail"] == "You may not speak here for 10 minutes."


def test_a_websocket_ends_and_the_next_one_is_refused_before_it_is_one(site):
    bob = Talker(site, "bob")
    bob.frames()
    impose(site, "out", "bob")
    bob.heard()
    assert bob.farewell.code == 1000
    assert Peer(site, "/ws").status == 403
