"""How a WebSocket ends: every close code, who says it first, and what the application hears."""

import logging

import pytest
from websockets.frames import Close, Opcode

from cogen.core.events import AnyOf, Sleep
from cogen.core.queue import Queue
from cogen.errors import ConnectionClosed
from cogen.web.actions import action
from cogen.web.websocket import upgrade
from tests.web.harness import OnLoop, Served
from tests.web.peer import Heard, Peer, ending, talks

ALLOWED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999]
FORBIDDEN = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]


@pytest.mark.parametrize("code", ALLOWED)
def test_the_client_closes_with_a_code_and_is_told_the_same(code):
    application = Heard()
    served, peer = ending(application, lambda _, peer: peer.bye(code, "good night"))
    assert peer.farewell == Close(code, "good night")
    closed, after = application.ended
    assert isinstance(closed, ConnectionClosed)
    assert (closed.code, closed.reason) == (code, "good night")
    assert after == "finally"
    peer.end()
    assert peer.gone
    assert served.service.connections == set()


def test_it_may_close_without_a_code():
    application = Heard()
    _, peer = ending(application, lambda _, peer: peer.frame(Opcode.CLOSE))
    assert peer.farewell.code == 1005  # none was sent
    assert application.ended[0].code == 1005


@pytest.mark.parametrize("code", FORBIDDEN)
def test_a_code_that_nobody_may_send_is_a_broken_rule(code):
    application = Heard()
    _, peer = ending(application, lambda _, peer: peer.frame(Opcode.CLOSE, code.to_bytes(2) + b"x"))
    assert peer.farewell.code == 1002
    assert application.ended[0].code == 1002
    assert peer.closed


@pytest.mark.parametrize("data", [b"\x03", b"\x03\xe8\xff", b"\x03\xe8" + b"x" * 124])
def test_a_close_frame_that_is_none_is_a_broken_rule(data):
    _, peer = ending(Heard(), lambda _, peer: _raw_close(peer, data))
    assert peer.farewell.code in (1002, 1007)
    assert peer.closed


def _raw_close(peer, data):
    masked = bytes([0x88, 0x80 | len(data), 0, 0, 0, 0]) + data
    peer.send(masked if len(data) < 126 else b"\x88\xfe" + len(data).to_bytes(2) + bytes(4) + data)


@pytest.mark.parametrize("code", ALLOWED)
def test_the_application_closes_with_a_code(code):
    done = []

    @talks
    def application(socket):
        yield socket.close(code, "enough")
        done.append(True)

    served, peer = ending(application, lambda *_: None)
    assert peer.farewell == Close(code, "enough")
    assert not done, "it waits for the answer"
    peer.reply()
    assert done
    peer.end()
    assert served.service.connections == set()


@pytest.mark.parametrize("code, reason", [*((code, "") for code in FORBIDDEN), (1000, "x" * 124)])
def test_the_application_cannot_say_what_nobody_may(code, reason):
    @talks
    def application(socket):
        try:
            yield socket.close(code, reason)
        except ValueError as error:
            yield socket.send(str(error)[:32])
        yield socket.receive()

    _, peer = ending(application, lambda *_: None)
    assert peer.heard() == ["a WebSocket cannot be closed with"[:32]]
    assert peer.farewell is None


def test_a_client_that_does_not_answer_a_goodbye_is_left_after_five_seconds():
    @talks
    def application(socket):
        yield socket.close()

    served, peer = ending(application, lambda *_: None)
    served.advance(4)
    assert not peer.gone
    served.advance(2)
    assert peer.gone
    assert served.service.connections == set()


def test_what_the_client_says_before_its_answer_is_still_received():
    heard = []

    @talks
    def application(socket):
        yield socket.send("last words?")
        message = yield socket.receive()
        heard.append(message)

    _, peer = ending(application, lambda _, peer: peer.say("these"))
    assert heard == ["these"]
    assert peer.farewell.code == 1000


def test_nothing_is_sent_after_goodbye():
    seen = []

    @talks
    def application(socket):
        which, _ = yield AnyOf(socket.close(1000, "enough"), Sleep(1))
        assert which == 1
        try:
            yield socket.send("more")
        except ConnectionClosed as error:
            seen.append((error.code, error.reason))

    _served, peer = ending(application, lambda served, _: served.advance(2))
    assert seen == [(1000, "enough")]
    assert peer.heard() == []


def test_an_application_that_ends_closes_with_1000():
    @action
    def application(environ, start_response):
        yield upgrade(environ).accept()

    _, peer = ending(application, lambda *_: None)
    assert peer.farewell == Close(1000, "")


def test_one_that_fails_closes_with_1011_and_without_internals(caplog):
    @action
    def application(environ, start_response):
        yield upgrade(environ).accept()
        raise ValueError("secret")

    _, peer = ending(application, lambda *_: None)
    assert peer.farewell == Close(1011, "")
    assert "secret" in caplog.text


def test_a_client_that_leaves_is_no_error_of_the_application(caplog):
    ending(Heard(), lambda _, peer: peer.bye())
    ending(Heard(), lambda _, peer: peer.reset())
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("how", ["end", "reset"])
def test_who_goes_without_a_word_has_closed_with_1006(how):
    application = Heard()
    served, peer = ending(application, lambda _, peer: getattr(peer, how)())
    assert application.ended[0].code == 1006
    assert peer.gone
    assert served.service.connections == set()


def test_what_was_said_before_is_received_first():
    application = Heard()

    def then(served, peer):
        peer.say("one", settle=False)
        peer.say("two", settle=False)
        peer.reset()

    served = Served(application)
    got = []

    @talks
    def slow(socket):
        try:
            while True:
                got.append((yield socket.receive()))
        except ConnectionClosed as error:
            got.append(error.code)

    served, _peer = ending(slow, then)
    assert got == ["one", "two", 1006]
    assert served.service.connections == set()


@pytest.mark.parametrize("how", ["bye", "end", "reset"])
def test_who_waits_for_something_else_is_let_go(how):
    """As with any client that leaves: nothing is taken from any queue."""
    queue, closed = Queue(), []

    @talks
    def application(socket):
        try:
            yield queue.get()
        finally:
            closed.append(True)

    served, peer = ending(application, lambda _, peer: getattr(peer, how)())
    assert closed == [True]
    queue.put_nowait("kept")
    served.settle()
    assert queue.qsize() == 1
    peer.end() if not peer.gone else None
    assert served.service.connections == set()


def test_one_of_several_waits_may_be_for_the_client():
    queue, closed = Queue(), []

    @talks
    def application(socket):
        try:
            yield AnyOf(queue.get(), socket.receive())
        except ConnectionClosed as error:
            closed.append(error.code)

    ending(application, lambda _, peer: peer.bye(4000))
    assert closed == [4000]


def test_what_it_does_after_the_end_may_take_its_time_but_not_for_ever():
    steps = []

    @talks
    def application(socket):
        try:
            yield socket.receive()
        except ConnectionClosed:
            yield Sleep(2)
            steps.append("put away")
            yield Sleep(100)
            steps.append("never")

    served, _peer = ending(application, lambda _, peer: peer.reset())
    served.advance(3)
    assert steps == ["put away"]
    assert served.service.connections != set()
    served.advance(4)
    assert served.service.connections == set()
    served.advance(200)
    assert steps == ["put away"]


@pytest.mark.asyncio
async def test_an_async_def_action_hears_of_it_too():
    heard = []

    @action
    async def application(environ, start_response):
        socket = upgrade(environ)
        await socket.accept()
        try:
            await socket.receive()
        except ConnectionClosed as error:
            heard.append(error.code)

    served = OnLoop(application)
    peer = Peer(served)
    await served.turns()
    peer.reset()
    await served.turns()
    assert heard == [1006]
    assert served.service.connections == set()


def test_the_client_may_close_while_the_application_is_on_its_way():
    """Woken, and not yet gone on: it has its turn."""
    queue, got = Queue(), []

    @talks
    def application(socket):
        got.append((yield queue.get()))
        try:
            yield socket.send("x")
        except ConnectionClosed as error:
            got.append(error.code)

    served = Served(application, slice_size=1)
    peer = Peer(served)
    assert peer.status == 101
    queue.put_nowait("item")
    peer.reset(settle=False)
    served.settle()
    assert got == ["item", 1006]
    assert queue.empty()
    assert served.service.connections == set()


def test_who_begins_to_wait_for_something_else_after_the_end_is_let_go_at_once():
    """It was on its way when its client left, and has not heard of it."""
    first, second, closed = Queue(), Queue(), []

    @talks
    def application(socket):
        try:
            yield first.get()
            yield second.get()
        finally:
            closed.append(True)

    served = Served(application, slice_size=1)
    peer = Peer(served)
    assert peer.status == 101
    first.put_nowait("item")
    peer.reset(settle=False)
    served.settle()
    assert closed == [True]
    assert served.service.connections == set()
