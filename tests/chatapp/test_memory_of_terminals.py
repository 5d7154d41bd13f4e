"""What a terminal leaves behind, however it ends: nothing, not even for the collector.

No client, no watcher, no subscription, no coroutine, no person; and reference counts alone free the
rest.
"""

import gc

import pytest

from chatapp.gateways.codec import TelnetCodec
from chatapp.gateways.terminal import Terminal
from chatapp.lib.session import Session
from chatapp.lib.visitor import Caller
from chatapp.model.client import Client
from cogen.core.coroutines import CoroutineInstance
from cogen.web.duplex import Duplex
from tests.chatapp.gateways.people import Person, door, later
from tests.chatapp.harness import ADMIN, Site

KINDS = (Caller, Client, CoroutineInstance, Duplex, Session, Terminal, TelnetCodec)


def who_quits(site, come):
    come().type("/nick ann", "hello", "/me waves", "/who", "/history 100", "/quit")


def who_ends_while_the_past_is_read(site, come):
    for number in range(20):
        site.say("bob", str(number))
    ann = come()
    site.store.hold()
    ann.type("/history 100", "hello")
    ann.end()
    site.store.let_go()
    site.settle()


def who_is_gone(site, come):
    ann = come()
    site.say("bob", "hello")
    ann.lost()


def who_is_gone_before_it_is_greeted(site, come):
    site.store.hold()
    come().lost()
    site.store.let_go()
    site.settle()


def who_is_gone_while_its_message_is_kept(site, come):
    ann = come()
    site.store.hold()
    ann.type("hello", "hello again", "/nick ann")
    ann.lost()
    site.store.let_go()
    site.settle()


def who_is_gone_between_two_rooms(site, come):
    ann = come()
    ann.type("/nick ann")
    site.store.hold()
    ann.type("/join two")
    ann.lost()
    site.store.let_go()
    site.settle()


def whose_room_is_gone(site, come):
    room = site.curl().post("/api/rooms", {"name": "three"}, **ADMIN).json["id"]
    ann = come()
    ann.type("/nick ann", f"/join {room}")
    assert site.curl().send("DELETE", f"/api/rooms/{room}", **ADMIN).status == 204
    assert ann.sees()[0] == "-- The room is gone; you are in main now --"
    ann.end()


def who_reads_nothing(site, come):
    ann = come()
    ann.transport.client_reads, ann.transport.high_water = False, 100
    for number in range(20):
        site.say("bob", str(number))
    ann.type("hello")
    assert not ann.connection.writable
    ann.transport.unwritten.clear()
    ann.lost()


def who_is_gone_while_the_store_is_away(site, come):
    ann = come()
    ann.transport.client_reads, ann.transport.high_water = False, 20
    for number in range(40):
        site.say("bob", str(number))
    site.store.broken = "The disk is full."
    ann.transport.client_reads = True
    ann.transport.read(10_000)
    site.settle()
    assert "-- The disk is full --" in ann.sees()
    ann.lost()
    site.store.broken = ""


def who_types_no_lines(site, come):
    ann = come()
    ann.connection.data_received(b"x" * 20_000)
    site.settle()
    assert ann.over


def who_types_nothing(site, come):
    ann = come()
    later(site, 61)
    assert ann.over


def who_is_refused(site, come):
    first = come()
    second = come()
    assert second.sees() == ["-- Too many have come from your address --"]
    second.end()
    first.end()


@pytest.mark.parametrize(
    "act",
    [
        who_quits,
        who_ends_while_the_past_is_read,
        who_is_gone,
        who_is_gone_before_it_is_greeted,
        who_is_gone_while_its_message_is_kept,
        who_is_gone_between_two_rooms,
        whose_room_is_gone,
        who_reads_nothing,
        who_is_gone_while_the_store_is_away,
        who_types_no_lines,
        who_types_nothing,
        who_is_refused,
    ],
)
def test_nothing_is_left_and_nothing_to_the_collector(act, no_gc):
    site = Site(window=8, queue_size=4)
    site.curl().post("/api/rooms", {"name": "two"}, **ADMIN)
    gateway = door(site, idle=60.0, per_address=1)
    for _ in range(5):
        act(site, lambda: Person(site, gateway))
        later(site, 10)  # until the server has closed its end
    for client in list(site.clients):
        client.lost() if isinstance(client, Person) else client.reset()
    client = None
    later(site, 60)
    for room in site.rooms:
        log = room.log.statistics()
        assert (log.subscribers, log.waiting) == (0, 0)
    statistics = site.scheduler.statistics()
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (0, 0, 0)
    assert (len(site.roster), len(site.roster.people), site.roster.reaper) == (0, 0, None)
    assert (len(site.roster._left), len(gateway._open)) == (0, 0)
    assert not site.service.connections
    found = [each for each in gc.get_objects() if type(each) in KINDS or isinstance(each, Duplex)]
    assert found == []
