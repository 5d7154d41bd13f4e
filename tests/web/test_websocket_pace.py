"""Who reads slowly, who speaks too fast, and who is not there any more."""

import pytest
from websockets.frames import Frame, Opcode

from cogen.core.coroutines import coro
from cogen.core.events import AddCoro
from cogen.core.queue import Queue
from cogen.errors import ConnectionClosed
from tests.web.harness import HIGH_WATER, Served
from tests.web.peer import Peer, connected, talks

TEXT, PING, PONG = Opcode.TEXT, Opcode.PING, Opcode.PONG


def listens_late(queue, heard):
    """An application that receives nothing before it has got something from the queue."""

    @talks
    def application(socket):
        yield queue.get()
        while True:
            heard.append((yield socket.receive()))

    return application


def test_a_ping_is_answered():
    peer = connected()
    peer.ping(b"are you there")
    assert [(frame.opcode, frame.data) for frame in peer.control()] == [(PONG, b"are you there")]


def test_who_reads_slowly_makes_the_sender_wait():
    queue, sent = Queue(), []

    @talks
    def application(socket):
        while True:
            message = yield queue.get()
            yield socket.send(message)
            sent.append(message)

    peer = connected(application)
    peer.transport.client_reads = False
    for number in range(100):
        queue.put_nowait(f"{number:05}" * 2000)
    peer._served.settle()
    assert len(sent) * 10_000 < 2 * HIGH_WATER
    assert queue.qsize() > 80
    while len(sent) < 100 or peer.transport.unwritten:
        peer.transport.read(30_000)
        peer._served.settle()
    assert [message[:5] for message in peer.heard()] == [f"{number:05}" for number in range(100)]


def test_who_reads_nothing_is_let_go_after_the_write_timeout():
    closed = []

    @talks
    def application(socket):
        try:
            while True:
                yield socket.send("x" * 10_000)
        except ConnectionClosed as error:
            closed.append(error.code)

    peer = Peer(Served(application, write_timeout=60, websocket_heartbeat=1000), settle=False)
    peer.transport.client_reads = False
    peer._served.settle()
    peer._served.advance(59)
    assert not peer.gone
    peer._served.advance(2)
    assert peer.transport.aborted
    assert closed == [1006]


def test_what_nobody_receives_waits_in_the_clients_memory():
    queue, heard = Queue(), []

    peer = connected(listens_late(queue, heard))
    message = Frame(TEXT, b"x" * 100).serialize(mask=True)
    sent = 0
    while peer.transport.reading:
        peer.send(message * 20)
        sent += 20
        assert sent < 2000
    queue.put_nowait(1)
    peer._served.settle()
    assert len(heard) == sent
    assert peer.transport.reading


def test_who_pings_without_reading_is_not_read_on():
    peer = connected()
    peer.transport.client_reads = False
    ping = Frame(PING, b"x" * 125).serialize(mask=True)
    for _ in range(10_000):
        if not peer.transport.reading:
            break
        peer.send(ping * 30)
    assert not peer.transport.reading
    assert len(peer.transport.unwritten) < 3 * HIGH_WATER


# Silence


@pytest.mark.case(37)
def test_a_silent_client_is_pinged_and_then_gone():
    closed = []

    @talks
    def application(socket):
        try:
            yield socket.receive()
        except ConnectionClosed as error:
            closed.append(error.code)

    peer = connected(application, websocket_heartbeat=20)
    peer._served.advance(19)
    assert peer.control() == []
    peer._served.advance(2)
    assert [frame.opcode for frame in peer.control()] == [PING]
    peer._served.advance(17)
    assert peer.control() == []
    assert not peer.gone
    peer._served.advance(2)
    assert peer.transport.aborted
    assert closed == [1006]


@pytest.mark.parametrize("sign", ["pong", "message", "half a frame"])
def test_any_sign_of_life_will_do(sign):
    peer = connected(websocket_heartbeat=20)
    for _ in range(5):
        peer._served.advance(25)
        assert [frame.opcode for frame in peer.control()] == [PING]
        if sign == "pong":
            peer.reply()
            peer.frame(PONG)
        elif sign == "message":
            peer.frame(TEXT, b"x")
        else:
            peer.send(b"\x81\xfe\x00\xff\0\0\0\0" if not peer.heard() else b"x")
            peer = connected(websocket_heartbeat=20)
    assert not peer.gone


def test_nobody_is_gone_who_was_not_asked():
    """The server's own machine may have slept."""
    peer, other = connected(websocket_heartbeat=20), connected(websocket_heartbeat=20)
    for each in (peer, other):
        each._served.loop.advance(100)
        each._served.advance(1)
        assert [frame.opcode for frame in each.control()] == [PING]
    peer.reply()
    peer.frame(PONG)
    for each in (peer, other):
        each._served.advance(1)
    assert (peer.gone, other.gone) == (False, True)


def test_who_talks_is_not_pinged():
    peer = connected(websocket_heartbeat=20)
    for _ in range(10):
        peer._served.advance(15)
        peer.say("x")
    assert peer.control() == []


def test_who_is_not_read_is_not_silent():
    """While the application receives nothing, it is we who do not listen."""
    queue, heard = Queue(), []

    peer = connected(listens_late(queue, heard), websocket_heartbeat=20)
    message = Frame(TEXT, b"x" * 100).serialize(mask=True)
    while peer.transport.reading:
        peer.send(message * 20)
    peer._served.advance(100)
    assert not peer.gone
    queue.put_nowait(1)
    peer._served.settle()
    assert peer.transport.reading
    assert heard
    peer._served.advance(41)
    assert peer.gone


@pytest.mark.parametrize("ends", [True, False], ids=["ends", "waits for the answer"])
def test_a_client_that_talks_on_is_heard_when_it_says_goodbye(ends):
    queue = Queue()

    @talks
    def application(socket):
        yield queue.get()
        if not ends:
            yield socket.close(1000, "enough")

    peer = connected(application)
    message = Frame(TEXT, b"x" * 100).serialize(mask=True)
    while peer.transport.reading:
        peer.send(message * 20)
    queue.put_nowait(1)
    peer._served.settle()
    assert peer.farewell.code == 1000
    for _ in range(50):
        peer.send(message * 20)
    assert peer.transport.reading
    peer.reply()
    peer.end()
    assert peer._served.service.connections == set()


def test_who_waited_to_send_sends_before_who_comes_later():
    queue = Queue()

    @coro
    def later(socket):
        yield queue.get()
        yield socket.send("second")

    @talks
    def application(socket):
        yield AddCoro(later(socket))
        yield socket.send("x" * 2 * HIGH_WATER)
        yield socket.send("first")
        yield socket.receive()

    served = Served(application, slice_size=1)
    peer = Peer(served, settle=False)
    peer.transport.client_reads = False
    served.settle()
    queue.put_nowait(1)  # `later` goes on, and only then the buffer has room
    peer.transport.read(3 * HIGH_WATER)
    served.settle()
    peer.transport.read(HIGH_WATER)
    assert [message[:6] for message in peer.heard()] == ["x" * 6, "first", "second"]
