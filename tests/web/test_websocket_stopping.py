"""A WebSocket while the server is being stopped."""

import pytest

from cogen.core.events import Sleep
from cogen.core.queue import Queue
from cogen.errors import ConnectionClosed, OperationTimeout
from cogen.web.actions import action
from cogen.web.websocket import upgrade
from tests.web.peer import Heard, ending, talks


@pytest.mark.case(38)
def test_the_server_goes_away_with_1001():
    application = Heard()
    served, peer = ending(application, lambda served, _: served.shut())
    assert peer.farewell.code == 1001
    assert isinstance(application.ended[0], OperationTimeout)
    peer.reply()
    peer.end()
    assert served.service.connections == set()


def test_one_that_waits_for_something_else_is_told_too():
    queue = Queue()

    @action
    def application(environ, start_response):
        yield upgrade(environ).accept()
        yield queue.get()

    _, peer = ending(application, lambda served, _: served.shut())
    assert peer.farewell.code == 1001


def test_an_application_may_say_a_last_word():
    @talks
    def application(socket):
        try:
            yield socket.receive()
        except OperationTimeout:
            yield socket.send("we are going")

    _, peer = ending(application, lambda served, _: served.shut())
    assert peer.heard() == ["we are going"]
    assert peer.farewell.code == 1001


def test_one_that_does_not_hear_of_it_is_closed_after_a_second():
    ended = []

    @talks
    def application(socket):
        while True:
            try:
                yield socket.receive()
            except OperationTimeout:
                continue
            except ConnectionClosed as error:
                ended.append(error.code)
                return

    served, peer = ending(application, lambda served, _: served.shut())
    assert peer.farewell is None
    served.loop.advance(1.1)
    served.shut()
    assert peer.farewell.code == 1001
    peer.reply()
    assert ended == [1001]


def test_after_the_grace_it_is_over():
    @action
    def application(environ, start_response):
        yield upgrade(environ).accept()
        while True:
            try:
                yield Sleep(100)
            except OperationTimeout:
                continue

    def then(served, peer):
        served.shut()
        for connection in list(served.service.connections):
            connection.give_up()
        served.settle()

    served, peer = ending(application, then)
    assert peer.farewell.code == 1001
    peer.reply()
    peer.end()
    assert served.service.connections == set()
