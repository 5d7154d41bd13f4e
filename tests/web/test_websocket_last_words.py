"""The end of a WebSocket: what was said before is received, and a goodbye is answered."""

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import AddCoro, Sleep
from cogen.core.queue import Queue
from cogen.errors import ConnectionClosed
from cogen.web.actions import action
from cogen.web.websocket import upgrade
from tests.web.harness import HIGH_WATER, Served
from tests.web.peer import Peer, ending


@pytest.mark.parametrize("how", ["bye", "end", "reset"])
def test_all_that_was_said_before_is_received_however_much_that_was(how):
    """More than waits to be received, and than is decoded at once."""
    got = []

    @action
    def hearing(environ, start_response):
        socket = upgrade(environ)
        yield socket.accept()
        try:
            while True:
                got.append((yield socket.receive()))
        except ConnectionClosed as error:
            got.append(error.code)

    def then(served, peer):
        for number in range(60):
            peer.say(f"{number}" * 200, settle=False)
        getattr(peer, how)()

    served, peer = ending(hearing, then)
    assert got == [*(f"{number}" * 200 for number in range(60)), 1000 if how == "bye" else 1006]
    peer.end() if not peer.gone else None
    assert served.service.connections == set()


def test_what_nobody_receives_after_the_end_is_given_up_after_five_seconds():
    closed, queue = [], Queue()

    @action
    def application(environ, start_response):
        socket = upgrade(environ)
        yield socket.accept()
        try:
            yield queue.get()
        finally:
            closed.append(True)

    def then(served, peer):
        for number in range(60):
            peer.say(f"{number}" * 200, settle=False)
        peer.reset()

    served, _ = ending(application, then)
    served.advance(4)
    assert not closed
    served.advance(2)
    assert closed
    assert served.service.connections == set()


def _full(environ, then):
    """A client that reads nothing, and has something to read; then this."""
    socket = upgrade(environ)
    yield socket.accept()
    yield socket.send("x" * 2 * HIGH_WATER)
    yield from then(socket)


def _unread(application):
    served = Served(application)
    peer = Peer(served, settle=False)
    peer.transport.client_reads = False
    served.settle()
    return served, peer


def test_that_the_client_has_read_is_no_answer_to_a_goodbye():
    done = []

    def then(socket):
        yield socket.close()
        done.append(True)

    served, peer = _unread(action(lambda environ, start_response: _full(environ, then)))
    peer.transport.client_reads = True
    peer.transport.read(3 * HIGH_WATER)
    served.settle()
    assert peer.farewell.code == 1000
    assert not done
    peer.reply()
    assert done


def test_who_waits_to_send_is_told_of_a_goodbye_at_once():
    seen = []

    @coro
    def beside(socket):
        try:
            yield socket.send("more")
        except ConnectionClosed as error:
            seen.append(error.code)

    def then(socket):
        yield AddCoro(beside(socket))
        yield Sleep(1)
        yield socket.close(3000)

    served, _ = _unread(action(lambda environ, start_response: _full(environ, then)))
    assert seen == []
    served.advance(1)
    assert seen == [3000]
