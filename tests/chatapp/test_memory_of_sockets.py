"""What a WebSocket of the chat leaves behind, however it ends: nothing, not even for the collector.

No client, no watcher, no subscription, no coroutine; and reference counts alone free the rest.
"""

import gc
import json

import pytest
from websockets.protocol import Protocol

from chatapp.lib.base import Request
from chatapp.lib.session import Session
from chatapp.lib.visitor import Caller
from chatapp.model.client import Client
from cogen.core.coroutines import CoroutineInstance
from cogen.web.exchange import Exchange
from cogen.web.frames import Frames
from cogen.web.gate import Gate
from cogen.web.websocket import WebSocket
from tests.chatapp.harness import Site
from tests.web.harness import Served
from tests.web.peer import Peer

KINDS = (
    Caller,
    Client,
    CoroutineInstance,
    Exchange,
    Frames,
    Gate,
    Protocol,
    Request,
    Session,
    WebSocket,
)
JSON = "chat.v1.json"


def come(site, query="", form=None, settle=True):
    peer = Peer(site, f"/ws{query}", [form] if form else None, settle=settle)
    site.transports.append(peer.transport)
    return peer


def text_whose_client_says_goodbye(site):
    peer = come(site)
    peer.say("hello")
    peer.bye()
    peer.end()


def json_whose_client_ends(site):
    peer = come(site, form=JSON)
    for wish in ({"type": "say", "text": "hello", "nonce": "n"}, {"type": "history"}, {"type": ""}):
        peer.say(json.dumps(wish))
    peer.end()


def client_gone(site):
    peer = come(site)
    site.say("bob", "hello")
    peer.reset()


def client_gone_while_its_message_is_kept(site):
    peer = come(site)
    site.store.hold()
    peer.say("hello")
    peer.say("hello again")
    peer.reset()
    site.store.let_go()
    site.settle()


def client_gone_before_101(site):
    for number in range(20):
        site.say("bob", str(number))
    site.store.hold()
    peer = come(site, f"?cursor={site.room.cursor(0)}", JSON)
    peer.reset()
    site.store.let_go()
    site.settle()


def client_that_reads_nothing(site):
    peer = come(site, form=JSON)
    peer.transport.client_reads, peer.transport.high_water = False, 200
    for number in range(20):
        site.say("bob", str(number))
    peer.say(json.dumps({"type": "say", "text": "hello"}))
    assert not peer.connection.writable
    peer.transport.unwritten.clear()
    peer.reset()


def client_that_broke_a_rule(site):
    peer = come(site)
    peer.send(b"\xff" * 10)
    peer.end()


def bytes_that_are_no_text(site):
    peer = come(site)
    peer.say(b"hello")
    peer.reply()


def session_that_logged_out(site):
    peer = come(site)
    site.roster.leave(site.sessions.load((peer.header("set-cookie") or "").split(";")[0]).id)
    site.settle()
    peer.reply()


def store_away(site):
    peer = come(site, form=JSON)
    peer.transport.client_reads, peer.transport.high_water = False, 200
    for number in range(40):
        site.say("bob", str(number))
    site.store.broken = "The disk is full."
    while peer.transport.unwritten:
        peer.transport.read(100)
        site.settle()
    site.store.broken = ""
    assert peer.farewell.code == 1013
    peer.reply()


def refused(site):
    assert come(site, "?cursor=x").status == 400
    assert come(site, "?room=9").status == 404
    assert come(site, "?history=-1", JSON).status == 400
    for client in list(site.clients):
        client.end()


@pytest.mark.parametrize(
    "act",
    [
        text_whose_client_says_goodbye,
        json_whose_client_ends,
        client_gone,
        client_gone_while_its_message_is_kept,
        client_gone_before_101,
        client_that_reads_nothing,
        client_that_broke_a_rule,
        bytes_that_are_no_text,
        session_that_logged_out,
        store_away,
        refused,
    ],
)
def test_nothing_is_left_and_nothing_to_the_collector(act, no_gc):
    site = Site(window=8, queue_size=4)
    site.transports = []
    for _ in range(5):
        act(site)
    for client in list(site.clients):
        client.reset()
    Served.advance(site, 60)
    for transport in site.transports:
        transport.protocol = None  # as event loops do
    client = None
    log, statistics = site.room.log.statistics(), site.scheduler.statistics()
    assert (log.subscribers, log.waiting) == (0, 0)
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (0, 0, 0)
    assert (len(site.roster), len(site.roster.people), site.roster.reaper) == (0, 0, None)
    assert not site.service.connections
    found = [each for each in gc.get_objects() if type(each) in KINDS]
    assert found == []
