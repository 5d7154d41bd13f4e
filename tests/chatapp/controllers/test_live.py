"""The five doors of a live page's channel: who may come in, and what they answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cogen.web.settings import ServerSettings
from tests.chatapp.controllers.refusals import FOREIGN
from tests.chatapp.live.stage import Echo, Stage, made_by

POSTS = ["open", "send", "poll", "close"]


def test_a_channel_is_opened_with_what_the_page_is_to_know(tab):
    assert tab.opened.status == 201
    answer = tab.opened.json
    assert len(answer.pop("channel")) == 32
    assert answer == {"wait": 25.0, "idle": 60.0, "max_message": 32768, "window": 512}
    assert tab.opened.header("cache-control") == "no-store"
    assert "HttpOnly" in tab.opened.header("set-cookie")


@pytest.mark.case(44)
@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_comes_in_by_no_door(tab, headers):
    for door in POSTS:
        assert tab.post(door, {}, **headers).status == 403, door
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    assert tab.socket(**headers).status == 403
    assert tab.call("say", "still there") == ["result", "still there"]


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_no_form_is_json(tab, media):
    for door in POSTS:
        assert tab.post(door, {}, Content_Type=media).status == 415, door
    assert tab.call("say", "still there") == ["result", "still there"]


def test_each_door_takes_one_method(stage):
    for door in POSTS:
        takes_only_post(stage.curl(), f"/live/{door}")
    assert stage.curl().get("/live/socket").status == 426


def takes_only_post(curl, path):
    for method in ("GET", "PUT", "DELETE"):
        answer = curl.send(method, path)
        assert (answer.status, answer.header("allow")) == (405, "POST")


def test_a_channel_is_its_sessions_alone(tab):
    other = tab.stage.curl()
    stranger = tab.stage.tab(other)
    for curl in (other, tab.stage.curl()):
        for door in ("send", "poll", "close"):
            body = {"channel": tab.id, "messages": []}
            assert curl.post(f"/live/{door}", body).status == 404, door
    stranger.id = tab.id
    assert stranger.socket().code == 4404
    assert tab.call("say", "still there") == ["result", "still there"]


BAD = [
    b"",
    b"{",
    b"[]",
    b"NaN",
    b"\xff",
    b"[" * 5000,
    b'{"channel":5}',
    b'{"channel":"%b"}' % (b"x" * 65),
    b'{"channel":"C","ack":-1}',
    b'{"channel":"C","ack":1.5}',
    b'{"channel":"C","ack":%b}' % (b"9" * 30),
]
BAD_PACKETS = [
    b'{"channel":"C","first":1,"messages":5}',
    b'{"channel":"C","first":1,"messages":[5]}',
    b'{"channel":"C","first":1,"messages":[[]]}',
    b'{"channel":"C","first":1,"messages":[["nothing",1]]}',
    b'{"channel":"C","first":1,"messages":[["%b",1]]}' % (b"\xc3\xa4" * 150),
    b'{"channel":"C","first":1,"messages":[["call",1,0,"say"]]}',
    b'{"channel":"C","first":1,"messages":[["call",-1,0,"say",[]]]}',
    b'{"channel":"C","first":1,"messages":[["call",1,-1,"say",[]]]}',
    b'{"channel":"C","first":1,"messages":[["call",1,0,5,[]]]}',
    b'{"channel":"C","first":1,"messages":[["call",1,0,"say",[NaN]]]}',
    b'{"channel":"C","first":1,"messages":[["call",1,0,"say",%b]]}' % (b"[" * 5000),
    b'{"channel":"C","first":1,"messages":[["result",1,"\xff"]]}',
    b'{"channel":"C","messages":[["call",1,0,"say",["no number"]]]}',
    b'{"channel":"C","first":1,"messages":[%b]}' % b",".join([b'["result",1,1]'] * 4097),
    b'{"channel":"C","ack":1}',
]


@pytest.mark.parametrize("body", BAD + BAD_PACKETS, ids=lambda body: repr(body[:60]))
def test_what_is_no_packet_is_400_or_1008_and_leaves_the_channel_alone(tab, body, caplog):
    doors = ["send"] if body in BAD_PACKETS else ["send", "poll"]
    body = body.replace(b'"C"', b'"%b"' % tab.id.encode())
    assert {tab.post(door, body).status for door in doors} == {400}
    if b"\xff" not in body:  # which is no text
        hello, later = tab.socket(body.decode()), tab.socket()
        later.say(body.decode())
        assert (hello.code, later.code) == (1008, 1008)
        assert hello.farewell.reason
    assert tab.call("say", "still there") == ["result", "still there"]
    assert not [record for record in caplog.records if record.exc_info]


def test_a_packet_that_is_too_large_is_413_and_1008(tab):
    body = b'{"channel":"%b","x":"%b"}' % (tab.id.encode(), b"x" * 600_000)
    assert tab.post("send", body).status == 413
    codes = []
    for most in (64 * 1024, 1024 * 1024):  # the server's own bound may be the lower one
        tab.stage.service.settings = ServerSettings(websocket_max_message=most)
        socket = tab.socket()
        socket.say(body.decode())
        codes.append(socket.code)
    assert codes == [1009, 1008]
    assert tab.call("say", "still there") == ["result", "still there"]


def test_what_waits_is_polled_in_order_and_once(tab):
    parked = tab.waits()
    assert not parked.answered
    tab.begin("say", "one")
    tab.begin("later", "two")
    assert tab.take(parked) == [["result", 1, "one"]]
    assert tab.poll() == [["result", 2, "two"]]
    assert tab.poll() == []


def test_what_a_poll_has_not_brought_comes_again(tab):
    for text in ("one", "two"):
        tab.begin("say", text)
    lost = tab.waits()
    lost.reset()
    parked = tab.waits()
    assert tab.take(parked) == [["result", 1, "one"], ["result", 2, "two"]]
    parked = tab.waits()
    parked.reset()  # while it waits
    tab.begin("say", "three")
    assert tab.poll() == [["result", 3, "three"]]


def test_a_poll_waits_as_long_as_it_says_and_no_longer_than_may_be(tab):
    for wait, seconds in ((3, 3), (1000, 25), (0, 0)):
        parked = tab.waits(wait)
        tab.stage.advance(seconds - 0.5 if seconds else 0)
        assert parked.answered == (not seconds)
        tab.stage.advance(1)
        assert tab.take(parked) == []


def test_a_newer_poll_ends_the_older_one(tab):
    first, second = tab.waits(), None
    second = tab.waits()
    assert tab.take(first) == []
    tab.begin("say", "x")
    assert tab.take(second) == [["result", 1, "x"]]


def test_duplicates_are_dropped_and_holes_not_accepted():
    made, factory = made_by(Echo)
    tab = Stage(factory).tab()

    def send(first: int, *texts: str) -> Any:
        messages = [["call", first + n, 0, "say", [text]] for n, text in enumerate(texts)]
        return tab.post("send", {"first": first, "messages": messages}).json["ack"]

    assert send(1, "a", "b") == 2
    assert send(1, "a", "b") == 2
    assert send(4, "d") == 2
    assert send(2, "b", "c", "d") == 4
    assert send(4, "d", "e") == 5
    assert made[-1].log == ["made", *"abcde"]
    assert [message[1] for message in tab.poll()] == [1, 2, 3, 4, 5]


def test_a_page_that_says_it_has_what_was_never_sent_is_refused(tab):
    assert tab.post("send", {"ack": 1}).status == 400
    assert tab.post("poll", {"ack": 1}).status == 400
    assert tab.socket(json.dumps({"channel": tab.id, "ack": 1})).code == 1008


def test_a_page_that_closes_is_gone_at_once(tab):
    parked, other = tab.waits(), tab.socket
    assert tab.post("close", {}).status == 204
    assert tab.take(parked) == []
    for door in ("send", "poll", "close"):
        assert tab.post(door, {}).status == 404
    assert other().code == 4404
    assert tab.stage.left() == (0, 0, 0)


def test_a_page_that_is_not_heard_of_is_gone_and_one_that_polls_is_not():
    made, factory = made_by(Echo)
    stage = Stage(factory)
    quiet, polls = stage.tab(), stage.tab()
    for tab in (quiet, polls):
        tab.send()
    for _ in range(20):
        parked = polls.waits()
        stage.advance(26)
        polls.take(parked)
    assert made[1].log == ["made", "The page was not heard of for too long."]
    assert made[2].log == ["made"]
    assert quiet.post("send", {}).status == 404
    stage.advance(55)
    assert polls.send().status == 200
    stage.advance(61)
    assert polls.post("send", {}).status == 404
    assert stage.left() == (0, 0, 0)


def test_a_page_that_never_comes_is_forgotten(tab):
    tab.stage.advance(61)
    assert tab.stage.left() == (0, 0, 0)
    assert tab.post("send", {}).status == 404


def test_of_too_many_pages_the_idlest_goes_and_strangers_are_told_to_wait():
    stage = Stage(Echo, max_channels=3, max_pages=2)
    curl = stage.curl()
    tabs = [stage.tab(curl) for _ in range(3)]
    assert [tab.post("send", {}).status for tab in tabs] == [404, 200, 200]
    parked = [tab.waits() for tab in tabs[1:]]
    refused = curl.post("/live/open", {})
    assert (refused.status, refused.header("retry-after")) == (503, "10")
    stage.tab()
    assert stage.curl().post("/live/open", {}).status == 503
    assert parked


def test_the_page_has_each_header_once(stage):
    for path in ("/live", "/live/", "/live/stand_in.js", "/live/backoff.js", "/live/nothing"):
        response = stage.curl().get(path)
        names = [name for name, _ in response.headers]
        assert len(names) == len(set(names)), (path, names)
        assert response.header("x-content-type-options") == "nosniff"
