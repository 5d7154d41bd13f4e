"""The figures for Prometheus: who may see them, and that they are true."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chatapp.lib.metrics import Metrics, Parts
from chatapp.lib.session import Session
from chatapp.lib.visitor import Caller
from chatapp.live.channels import ChannelBounds, Channels
from chatapp.live.chatter import Chatter
from chatapp.live.errors import ChannelLost
from tests.chatapp.controllers.refusals import FOREIGN, is_problem
from tests.chatapp.gateways.people import Person, door
from tests.chatapp.harness import ADMIN, Line, Site
from tests.web.harness import PEER
from tests.web.peer import Peer


def families(site: Site) -> list[Any]:
    answer = site.curl().get("/metrics", **ADMIN)
    assert answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    return list(text_string_to_metric_families(answer.text))


def figures(site: Site) -> dict[str, float]:
    """By name, and the value of the label if there is one."""
    samples = [sample for family in families(site) for sample in family.samples]
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for sample in samples
        if sample.name != "python_info"
    }


def test_only_the_administrator_sees_them(site, curl):
    assert curl.get("/metrics").status == 401
    assert curl.get("/metrics", Authorization="Bearer wrong").status == 401
    assert curl.get("/metrics", **ADMIN).status == 200
    assert is_problem(curl.get("/metrics", Accept="application/json"), 401)


def test_so_does_who_comes_from_a_listed_address(site):
    listed = Site(status_from=f"10.0.0.0/8, {PEER[0]}", admin_token="")
    assert listed.curl().get("/metrics").status == 200
    for foreign in FOREIGN:
        assert listed.curl().get("/metrics", **foreign).status == 403
    elsewhere = Site(status_from="10.0.0.0/8", admin_token="")
    assert elsewhere.curl().get("/metrics").status == 401
    assert Site(status_from="10.0.0.0/8").curl().get("/metrics").status == 401


def test_clients_are_counted_by_transport(site, rooms):
    pull, poll, polls, stream = (site.curl() for _ in range(4))
    pull.pull("/chat/pull/ann"), pull.waits(), pull.pull("/chat/pull?tab=2")
    cursor = site.room.cursor(site.room.log.end)
    poll.waits(f"/api/rooms/1/messages?wait=9&since={cursor}")
    polls.waits(f"/api/events?rooms=2,3&wait=9&cursor=2:{2:08x}.0,3:{3:08x}.0")
    stream.ask("GET", "/api/rooms/2/events")
    Peer(site, "/ws")
    Person(site, door(site))
    found = figures(site)
    assert found["chat_rooms"] == 3
    assert found["chat_people"] == 6
    assert {
        name.removeprefix("chat_clients "): value
        for name, value in found.items()
        if name.startswith("chat_clients ")
    } == {"pull": 2, "poll": 3, "stream": 1, "websocket": 1, "telnet": 1, "live": 0}
    assert found["cogen_requests_parked"] == 3  # who came last was announced to two
    site.shut()
    site.advance(100)
    assert site.roster.transports.total() == 0


def test_answers_are_counted_by_class_of_status_whoever_gives_them(site, curl):
    curl.pull("/chat/pull/ann")
    curl.waits()  # not answered yet
    curl.get("/admin/login")
    curl.get("/api/rooms/9/messages")
    Peer(site, "/ws")
    Line(site).send(b"GET / HTTP/1.1\r\n\r\n")  # no Host: the server's own refusal
    site.store.broken = "The disk is full."
    curl.push("hello")
    found = figures(site)
    counted = {name.split()[1]: value for name, value in found.items() if "answers" in name}
    assert counted == {"1xx": 1, "2xx": 1, "3xx": 1, "4xx": 2, "5xx": 1}
    assert figures(site)["cogen_answers_total 2xx"] == 2  # the one before is there now


def test_messages_groups_and_gaps_are_counted():
    site = Site(window=2, keep=3, queue_size=1)
    reader = site.curl()
    reader.pull()
    site.store.hold()
    first = site.curl().ask("POST", "/chat/push", b"0")
    others = [site.curl().ask("POST", "/chat/push", b"%d" % number) for number in range(1, 6)]
    assert figures(site)["chat_commit_queue"] == 6
    site.advance(0.2)
    site.store.let_go()
    site.settle()
    assert all(line.answered for line in (first, *others))
    found = figures(site)
    assert (found["chat_messages_total"], found["chat_commit_queue"]) == (6, 0)
    assert found["chat_commit_seconds_count"] == 2
    assert found["chat_commit_seconds_sum"] == pytest.approx(0.2)
    assert (found["chat_commit_seconds_bucket 0.1"], found["chat_commit_seconds_bucket 0.25"]) == (
        1,
        2,
    )
    assert found["chat_gaps_total"] == 0
    assert "-- 3 messages missed" in reader.pull().text
    asks = site.curl().get(f"/api/rooms/1/messages?since={site.room.cursor(1)}")
    assert asks.json["gap"]["missed"] == 2
    site.curl().get("/api/rooms/1/messages")  # who wants the newest has missed nothing
    found = figures(site)
    assert (found["chat_gaps_total"], found["chat_messages_missed_total"]) == (2, 5)


def test_what_cannot_be_kept_is_counted(site, curl):
    site.store.broken = "The disk is full."
    assert curl.push("hello").status == 503
    found = figures(site)
    assert (found["chat_messages_total"], found["chat_messages_refused_total"]) == (0, 1)
    assert found["chat_commit_seconds_count"] == 0


def test_the_server_and_the_process_are_there(site, curl):
    curl.ask("GET", "/healthz")
    found = figures(site)
    assert found["cogen_connections"] == 2
    assert found["cogen_requests_total"] == 2
    assert {"cogen_coroutines", "cogen_ready", "cogen_timers", "process_open_fds"} <= set(found)


def test_nothing_in_them_grows_with_rooms_or_people(site, rooms):
    site.curl().pull("/chat/pull/somebody")
    labels = {
        label for family in families(site) for sample in family.samples for label in sample.labels
    }
    python = {"implementation", "major", "minor", "patchlevel", "version"}
    assert labels == {"class", "transport", "le"} | python
    assert "somebody" not in site.curl().get("/metrics", **ADMIN).text


def test_channels_of_live_pages_are_counted_and_their_calls(site):
    channels = Channels([Chatter], ChannelBounds(60, 1024, 10, 10))
    metrics = Metrics(Parts(site.rooms, site.roster, site.broker, [channels]))
    assert b"chat_live_channels 0.0" in metrics.text(site.service)
    channel = site.wait(channels.open(Caller(Session("a" * 32), "192.0.2.1"), None))
    call = channel.call(0, "blink", [], 60.0)
    assert b"chat_live_channels 1.0" in metrics.text(site.service)
    assert b"chat_live_calls 1.0" in metrics.text(site.service)
    call.fail_with(ChannelLost("The test is over."), heard=True)
