"""What a page leaves behind, however it ends: nothing, not even for the collector."""

from __future__ import annotations

import gc
import json
import logging
from typing import Any

import pytest

from chatapp.lib.base import Request
from chatapp.lib.visitor import Caller
from chatapp.live import Elements, RemoteError, expose
from chatapp.live.calls import RemoteCall
from chatapp.live.carrier import Carrier
from chatapp.live.channel import Channel
from chatapp.live.delivery import Delivery
from chatapp.live.performing import Performer
from cogen.core.coroutines import CoroutineInstance
from cogen.core.events import Sleep
from cogen.core.pubsub import Subscription
from cogen.web.exchange import Exchange
from cogen.web.gate import Gate
from cogen.web.websocket import WebSocket
from tests.chatapp.live.stage import Echo, Stage
from tests.web.harness import Served

KINDS = (
    Caller,
    Carrier,
    Channel,
    CoroutineInstance,
    Delivery,
    Exchange,
    Gate,
    Performer,
    RemoteCall,
    Request,
    Subscription,
    WebSocket,
)
OF_A_REQUEST = (Exchange, Gate, Request, WebSocket)
there: Elements[Any] = Elements()


class Busy(Echo):
    """Begins much, and ends nothing."""

    timeout = 40.0

    def connectionMade(self) -> Any:
        there.add(self)
        self.begin(self.runs())
        self.callRemote("ignored")
        while True:
            yield Sleep(1000)

    def connectionLost(self, reason: str) -> Any:
        yield Sleep(1)

    def runs(self) -> Any:
        try:
            yield self.callRemote("asked")
        except RemoteError:
            yield Sleep(1000)

    @expose
    def fails(self) -> Any:
        yield
        return 1 / 0


def come(stage):
    tab = stage.tab()
    tab.begin("say", "x")
    tab.begin("ask", "x")
    tab.begin("fails")
    tab.begin("none")
    return tab


def socket_of(tab):
    socket = tab.socket()
    tab.stage.transports.append(socket.transport)
    return socket


def closes(stage):
    come(stage).post("close", {})


def goes_without_a_word(stage):
    come(stage).waits().reset()


def never_comes(stage):
    stage.tab()


def polls_and_closes(stage):
    tab = come(stage)
    parked = tab.waits()
    tab.post("close", {})
    tab.take(parked)


def answers_with_errors(stage):
    tab = come(stage)
    for kind, number, *_ in tab.poll():
        if kind == "call":
            tab.send(["error", number, "E", "e"])
    tab.begin("ask", "never")


def by_socket_that_goes(stage):
    socket_of(come(stage)).reset()


def by_socket_that_says_goodbye(stage):
    socket = socket_of(come(stage))
    socket.bye()
    socket.end()


def by_socket_that_is_taken_over(stage):
    tab = come(stage)
    first, second = socket_of(tab), socket_of(tab)
    first.reply()
    tab.waits().reset()
    second.reply()
    second.end()


def by_socket_that_reads_nothing(stage):
    tab = come(stage)
    socket = socket_of(tab)
    socket.transport.client_reads, socket.transport.high_water = False, 100
    for _ in range(20):
        tab.begin("say", "x" * 100)
    socket.transport.unwritten.clear()
    socket.reset()


def by_socket_with_rubbish(stage):
    tab = come(stage)
    for rubbish in ("{", "[]", json.dumps({"channel": "x"}), json.dumps({"channel": tab.id})):
        socket = socket_of(tab)
        socket.say(rubbish)
        socket.reply()
        socket.end()
    later = tab.socket(False)
    stage.transports.append(later.transport)
    stage.advance(11)
    later.reply()


ACTS = [
    closes,
    goes_without_a_word,
    never_comes,
    polls_and_closes,
    answers_with_errors,
    by_socket_that_goes,
    by_socket_that_says_goodbye,
    by_socket_that_is_taken_over,
    by_socket_that_reads_nothing,
    by_socket_with_rubbish,
]


def found(kinds):
    return [each for each in gc.get_objects() if isinstance(each, kinds)]


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_left_and_nothing_to_the_collector(act, caplog):
    caplog.set_level(logging.CRITICAL + 1)  # a record would keep its traceback
    stage = Stage(Busy)
    stage.transports = []
    for _ in range(3):
        act(stage)
    for client in list(stage.clients):
        client.reset()
    client = None
    for transport in stage.transports:
        transport.protocol = None  # as event loops do
    stage.settle()
    assert found(OF_A_REQUEST) == []  # while elements go on
    Served.advance(stage, 100)
    assert stage.left() == (0, 0, 0)
    assert not stage.service.connections
    assert len(there) == 0
    assert found((*KINDS, Busy)) == []
