"""A request and a connection are freed by reference counts alone, however they end."""

import gc
import logging
import weakref

import pytest
from websockets.protocol import Protocol

from cogen.core.queue import Queue
from cogen.errors import RequestError
from cogen.web.actions import action
from cogen.web.body import EMPTY, Body
from cogen.web.exchange import Exchange
from cogen.web.frames import Frames
from cogen.web.gate import Gate
from cogen.web.http11 import RequestParser
from cogen.web.middleware import LazyStartResponse
from cogen.web.receipt import Receipt
from cogen.web.request import Request
from cogen.web.websocket import WebSocket, upgrade
from tests.web.harness import GET, Hello, Served
from tests.web.peer import Peer
from tests.web.refused import REFUSED

KINDS = (Exchange, Gate, Request)


class Marker:
    """Something an application holds."""


def left(kinds):
    return [each for each in gc.get_objects() if type(each) in kinds and each is not EMPTY]


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def markers():
    return weakref.WeakSet()


@pytest.fixture(autouse=True)
def nothing_logged():
    """What is logged, pytest keeps, with its traceback."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def waits(queue, markers):
    def application(environ, start_response):
        marker = Marker()
        markers.add(marker)
        start_response("200 OK", [])
        gate = environ["cogen.wsgi"]
        gate.receipt = Receipt()
        yield environ["cogen.call"](queue.get)(timeout=10)
        try:
            yield repr(gate.take()).encode()
        except Exception as error:
            yield repr(error).encode()
        del marker

    return application


def fails(queue, markers):
    def application(environ, start_response):
        marker = Marker()
        markers.add(marker)
        yield environ["cogen.call"](queue.get)(timeout=10)
        environ["cogen.wsgi"].take()
        raise ValueError(marker)

    return application


def corrects(queue, markers):
    def application(environ, start_response):
        marker = Marker()
        markers.add(marker)
        start_response("200 OK", [])
        yield environ["cogen.call"](queue.get)(timeout=10)
        try:
            environ["cogen.wsgi"].take()
            raise ValueError(marker)
        except Exception as error:
            start_response("500 Oh", [], (type(error), error, error.__traceback__))
        yield b"a"

    return LazyStartResponse(application)


def acts(queue, markers):
    @action
    def application(environ, start_response):
        marker = Marker()
        markers.add(marker)
        try:
            result = repr((yield queue.get(timeout=10)))
        except Exception as error:
            result = repr(error)
        start_response("200 OK", [])
        return [result.encode()]

    return application


@pytest.mark.parametrize("end", ["woken", "timeout", "gone", "reset", "shut"])
@pytest.mark.parametrize("kind", [waits, fails, corrects, acts])
def test_a_request_is_freed_at_its_end(queue, markers, kind, end, no_gc):
    served = Served(kind(queue, markers))
    client = served.client().send(GET)
    assert len(markers) == 1
    if end == "woken":
        queue.put_nowait("a")
        served.settle()
    elif end == "timeout":
        served.advance(11)
    elif end == "gone":
        client.end()
    elif end == "reset":
        client.reset()
    else:
        served.shut()
    assert client.connection.exchange is None
    assert not markers
    if not client.transport.lost:
        client.lost()
    assert left((Exchange, Gate)) == []


@pytest.mark.parametrize(
    "end", ["bye", "end", "reset", "shut", "breaks", "returns", "raises", "refuses"]
)
def test_a_websocket_is_freed_at_its_end(queue, markers, end, no_gc):
    @action
    def application(environ, start_response):
        socket = upgrade(environ)
        if end == "refuses":
            start_response("403 Forbidden", [])
            return
        marker = Marker()
        markers.add(marker)
        yield socket.accept()
        try:
            yield socket.receive()
        except Exception:
            yield queue.get(timeout=1)
        if end == "raises":
            raise ValueError(marker)

    served = Served(application)
    peer = Peer(served)
    if end in ("returns", "raises"):
        peer.say("x")
    elif end == "shut":
        served.shut()
    elif end == "breaks":
        peer.send(b"\xff" * 6)
    elif end != "refuses":
        getattr(peer, end)()
    served.advance(2)
    assert not markers
    if not peer.transport.lost:
        peer.lost()
    peer.transport.protocol = None  # as event loops let it go
    assert left((Exchange, Gate, WebSocket, Frames, Protocol)) == []


@pytest.mark.parametrize("stream_bodies", [False, True])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        GET[:-2],
        GET,
        b"nonsense\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
        b"Upgrade: x\r\nConnection: upgrade\r\n\r\nabc",
    ],
)
def test_a_connection_is_freed_at_its_end(data, stream_bodies, no_gc):
    def application(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.input"].read(1) if stream_bodies else b"a"

    served = Served(application, stream_bodies=stream_bodies)
    client = served.client()
    reference = weakref.ref(client.transport)
    if data:
        client.send(data)
    if not client.transport.lost:
        client.reset()
    client.transport.protocol = None  # as event loops do
    served.settle()
    del client
    served.loop.advance(100)
    assert reference() is None
    assert left(KINDS) == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_request_is_freed_with_its_connection(name, no_gc):
    """Else refusals would pile up, each with the piece of data that it was found in."""
    served = Served(Hello())
    client = served.client()
    data, _ = REFUSED[name]
    client.send(data[:60], data[60:])
    client.reset()
    client.transport.protocol = None  # as event loops do
    del client
    served.loop.advance(100)
    assert left((*KINDS, Body, RequestError, RequestParser)) == []


@pytest.mark.parametrize("name", REFUSED)
def test_so_it_is_when_the_application_was_reading_its_body(name, no_gc):
    def application(environ, start_response):
        yield environ["cogen.input"].whole()
        environ["cogen.wsgi"].take()
        start_response("200 OK", [])

    served = Served(application, stream_bodies=True)
    client = served.client()
    data, _ = REFUSED[name]
    client.send(data[:60], data[60:])
    client.reset()
    client.transport.protocol = None  # as event loops do
    del client
    served.loop.advance(100)
    assert left((*KINDS, Body, RequestError, RequestParser)) == []
