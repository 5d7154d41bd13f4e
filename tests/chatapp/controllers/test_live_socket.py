"""A live page's channel by WebSocket, and from one carrier to another."""

from __future__ import annotations

import json
import logging
from typing import Any, ClassVar

import pytest
from websockets.frames import Opcode

from chatapp.live import expose
from chatapp.live.delivery import MOST
from cogen.core.events import Sleep
from tests.chatapp.harness import Curl
from tests.chatapp.live.stage import Echo, Stage, StandIn
from tests.web.harness import OnLoop, Served


def test_a_socket_carries_both_ways_as_soon_as_it_says_hello(tab):
    tab.begin("say", "one")
    socket = tab.socket()
    assert socket.header("Sec-WebSocket-Protocol") == "athena.v1"
    assert socket.packets() == [{"ack": 1, "first": 1, "messages": [["result", 1, "one"]]}]
    socket.tell({"ack": 1, "first": 2, "messages": [["call", 2, 0, "say", ["two"]]]})
    assert socket.packets() == [{"ack": 2, "first": 2, "messages": [["result", 2, "two"]]}]
    socket.tell({"ack": 2, "first": 3, "messages": [["call", 3, 0, "later", ["three"]]]})
    first, second = socket.packets()
    assert first == {"ack": 3, "messages": []}
    assert second == {"ack": 3, "first": 3, "messages": [["result", 3, "three"]]}
    socket.tell({"ack": 3})
    assert socket.packets() == [{"ack": 3, "messages": []}]


def test_a_hello_may_have_messages(tab):
    hello = {"channel": tab.id, "first": 1, "messages": [["call", 1, 0, "say", ["x"]]]}
    assert tab.socket(json.dumps(hello)).packets() == [
        {"ack": 1, "first": 1, "messages": [["result", 1, "x"]]}
    ]


def test_from_poll_to_socket_and_back_nothing_is_lost_or_comes_twice(tab):
    parked = tab.waits()
    socket = tab.socket()
    assert tab.take(parked) == []
    tab.begin("say", "one")
    assert socket.messages() == [["result", 1, "one"]]
    parked = tab.waits()  # it has not heard of that: it lost the socket
    assert socket.code == 4409
    assert tab.take(parked) == [["result", 1, "one"]]
    newer = tab.socket()
    newest = tab.socket()
    assert (newer.code, newest.code) == (4409, None)
    tab.begin("say", "two")
    assert newest.messages() == [["result", 2, "two"]]


def test_a_socket_that_took_over_from_one_that_does_not_say_goodbye(tab):
    older = tab.socket()
    newer = tab.socket()
    said = json.dumps({"first": 1, "messages": [["call", 1, 0, "say", ["late"]]]})
    older.frame(Opcode.TEXT, said.encode())
    tab.begin("say", "late")
    newer.tell({})
    assert newer.messages() == [["result", 1, "late"]]
    Served.advance(tab.stage, 11)  # in which it should have said it
    assert older.gone
    newer.reset()
    tab.stage.advance(61)
    assert tab.stage.left() == (0, 0, 0)


def test_one_whose_client_reads_slowly_is_taken_over_too():
    tab = Stage(Flood).tab()
    socket = tab.socket()
    socket.transport.client_reads, socket.transport.high_water = False, 500
    for number in (1, 2):
        tab.post("send", {"first": number, "messages": [["call", number, 0, "flood", [50]]]})
    parked = tab.waits()
    assert len(tab.take(parked)) == 102
    while socket.transport.unwritten:
        socket.transport.read(500)
        tab.stage.settle()
    assert socket.code == 4409


def test_a_hello_that_never_comes(tab):
    socket = tab.socket(False)
    tab.stage.advance(9)
    assert socket.code is None
    tab.stage.advance(2)
    assert socket.code == 1008


@pytest.mark.parametrize("after_hello", [True, False])
def test_binary_is_not_spoken(tab, after_hello):
    socket = tab.socket(None if after_hello else False)
    socket.frame(Opcode.BINARY, b"{}")
    assert socket.code == 1008


@pytest.mark.parametrize("how", ["end", "reset", "bye"])
@pytest.mark.parametrize("after_hello", [True, False])
def test_a_client_that_goes_leaves_the_channel_and_no_line_in_the_log(
    tab, after_hello, how, caplog
):
    socket = tab.socket(None if after_hello else False)
    getattr(socket, how)()
    tab.stage.settle()
    assert tab.call("say", "still there") == ["result", "still there"]
    tab.stage.advance(61)
    assert tab.stage.left() == (0, 0, 0)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_page_that_is_closed_says_goodbye_to_its_socket(tab):
    socket = tab.socket()
    tab.post("close", {})
    assert socket.code == 4404


class Flood(StandIn):
    """Says much when it is asked for it."""

    @expose
    def flood(self, count: int) -> None:
        for number in range(count):
            self.callRemote("show", number)

    @expose
    def leave(self) -> str:
        self._line.end("It wants to.")
        return "too late"


def flooded(tab):
    """A page that is told more than may wait for it, and goes on sending."""
    message = {"first": 1, "messages": [["call", 1, 0, "flood", [MOST]]]}
    assert tab.post("send", message).json["ack"] == 1
    return {"first": 2, "messages": [["call", 2, 0, "flood", [1]], ["call", 3, 0, "flood", [1]]]}


def test_a_page_that_does_not_keep_up_is_not_heard_until_it_does():
    tab = Stage(Flood).tab()
    more = flooded(tab)
    for _ in range(3):
        assert tab.post("send", more).json["ack"] == 1
    socket = tab.socket()
    messages = socket.messages()
    assert len(messages) == MOST + 1
    socket.tell(more)
    assert (socket.code, socket.farewell.reason) == (
        1013,
        "There is no room now; come back a little later.",
    )
    tab.has = MOST
    assert tab.post("send", {"ack": MOST, **more}).json["ack"] == 3
    assert [message[:2] for message in tab.poll()] == [
        ["result", 1],
        ["call", MOST + 1],
        ["result", 2],
        ["call", MOST + 2],
        ["result", 3],
    ]


def test_what_there_is_room_for_is_taken():
    tab = Stage(Flood).tab()
    flood = [["call", number, 0, "flood", [MOST // 2]] for number in (1, 2, 3)]
    assert tab.post("send", {"first": 1, "messages": flood}).json["ack"] == 2
    hello = {"channel": tab.id, "first": 3, "messages": flood[2:]}
    assert tab.socket(json.dumps(hello)).code == 1013
    tab.poll()
    assert tab.post("send", {"ack": tab.has, "first": 3, "messages": flood[2:]}).json["ack"] == 3


@pytest.mark.parametrize("carrier", ["socket", "poll"])
def test_a_method_may_end_its_own_channel(carrier, caplog):
    tab = Stage(Flood).tab()
    parked = tab.waits() if carrier == "poll" else tab.socket()
    calls = [["call", 1, 0, "leave", []], ["call", 2, 0, "leave", []]]
    if carrier == "poll":
        assert tab.post("send", {"first": 1, "messages": calls}).status == 200
        assert tab.take(parked) == []
    else:
        parked.tell({"first": 1, "messages": calls})
        assert parked.code == 4404
    assert tab.post("send", {}).status == 404
    assert tab.stage.left() == (0, 0, 0)
    assert caplog.records == []


def test_the_server_goes_down_while_they_wait():
    stage = Stage(Echo)
    tabs = [stage.tab() for _ in range(4)]
    polls = [tab.waits() for tab in tabs[:2]]
    sockets = [tab.socket() for tab in tabs[2:]]
    waits_for_hello = tabs[0].socket(False)
    stage.shut()
    assert [poll.answers()[0].json["messages"] for poll in polls] == [[], []]
    assert [socket.code for socket in (*sockets, waits_for_hello)] == [1001] * 3
    for socket in (*sockets, waits_for_hello):
        socket.reply()
        socket.end()
    stage.advance(61)
    assert stage.service.connections == set()
    assert stage.left() == (0, 0, 0)


def test_a_slow_reader_hears_everything_in_order_by_whichever_way():
    """Answers to its packets, and what comes by itself, are sent by two that wait for room."""

    class Chatty(StandIn):
        def connectionMade(self) -> Any:
            for number in range(60):
                self.callRemote("show", number, "x" * 300)
                yield Sleep(0.01)

        @expose
        def say(self, number: int) -> str:
            return "y" * 300

    stage = Stage(Chatty)
    tab = stage.tab()
    socket = tab.socket()
    socket.transport.client_reads, socket.transport.high_water = False, 500
    sent = heard = 0
    while stage.loop.time() < 1003 or socket.transport.unwritten:
        stage.advance(0.007)
        if sent < 60:
            sent += 1
            socket.tell({"first": sent, "messages": [["call", sent, 0, "say", [sent]]]})
        socket.transport.read(350)
        stage.settle()
        for packet in socket.packets():
            if packet["messages"]:
                assert packet["first"] == heard + 1
                heard += len(packet["messages"])
    assert heard == 120


@pytest.mark.asyncio
async def test_async_def_methods_hooks_and_calls():
    class Modern(StandIn):
        log: ClassVar[list[Any]] = []

        async def connectionMade(self) -> None:
            await Sleep(0)
            self.log.append("made")

        async def connectionLost(self, reason: str) -> None:
            await Sleep(0)
            self.log.append("lost")

        @expose
        async def ask(self, name: str) -> Any:
            return await self.callRemote(name)

        @expose
        async def fails(self) -> None:
            await Sleep(0)
            raise ZeroDivisionError

        @expose
        async def begins(self) -> None:
            self.begin(self.runs())

        async def runs(self) -> None:
            try:
                await Sleep(1000)
            finally:
                self.log.append("cancelled")

    served = OnLoop(Stage(Modern).service.application)
    curl = Curl(served)

    async def post(door: str, content: Any) -> Any:
        body = json.dumps(content).encode()
        line = curl.ask("POST", f"/live/{door}", body, Content_Type="application/json")
        await served.turns(30)
        return curl.take(line)

    channel = (await post("open", {})).json["channel"]
    calls = [
        ["call", 1, 0, "ask", ["x"]],
        ["call", 2, 0, "fails", []],
        ["call", 3, 0, "begins", []],
    ]
    await post("send", {"channel": channel, "first": 1, "messages": calls})
    messages = (await post("poll", {"channel": channel})).json["messages"]
    failed = "The call failed on the server."
    assert sorted(messages) == [
        ["call", 1, 0, "x", []],
        ["error", 2, "ServerError", failed],
        ["result", 3, None],
    ]
    answer = {"channel": channel, "ack": 3, "first": 4, "messages": [["result", 1, "y"]]}
    await post("send", answer)
    assert (await post("poll", {"channel": channel, "ack": 3})).json["messages"] == [
        ["result", 1, "y"]
    ]
    assert (await post("close", {"channel": channel})).status == 204
    await served.turns(30)
    assert sorted(Modern.log) == ["cancelled", "lost", "made"]
    assert served.scheduler.statistics().coroutines == 0
