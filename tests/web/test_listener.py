"""Accepting connections: so many a turn, and none while descriptors are out."""

import errno
import logging
import socket

import pytest

from cogen.testing import FakeLoop
from cogen.web.listener import ACCEPTS, AGAIN, SILENCE, Listener


class Loop(FakeLoop):
    """One that knows of readers, and makes no transports."""

    def __init__(self):
        super().__init__()
        self.readers = {}
        self.connected = []

    def add_reader(self, fd, callback, *args):
        self.readers[fd] = callback

    def remove_reader(self, fd):
        return self.readers.pop(fd, None) is not None

    def create_task(self, coroutine):
        """Runs it at once; it waits for nothing."""
        with pytest.raises(StopIteration):
            coroutine.send(None)
        return Done()

    def call_later(self, delay, callback):
        return self.call_at(self.time() + delay, callback)

    async def connect_accepted_socket(self, protocol, sock):
        self.connected.append(sock)


class Done:
    """A task that has ended."""

    def add_done_callback(self, callback):
        callback(self)


class Socket:
    """As much of a listening socket as is asked."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.backlog = None
        self.closed = False

    def accept(self):
        outcome = self.outcomes.pop(0) if self.outcomes else BlockingIOError()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome, ("192.0.2.1", 5)

    def setblocking(self, flag):
        assert not flag

    def listen(self, backlog):
        self.backlog = backlog

    def close(self):
        self.closed = True


def client():
    one, other = socket.socketpair()
    other.close()
    return one


def error(number):
    return OSError(number, "out of them")


@pytest.fixture
def loop():
    loop = Loop()
    yield loop
    for sock in loop.connected:
        sock.close()


def start(loop, sock):
    listener = Listener(loop, sock, object, 7)
    listener.start()
    return listener


def test_it_listens_and_ends(loop):
    sock = Socket()
    listener = start(loop, sock)
    assert sock.backlog == 7
    assert sock in loop.readers
    listener.close()
    assert sock.closed
    assert not loop.readers


def test_a_flood_gets_so_many_a_turn(loop):
    sock = Socket(*[client() for _ in range(ACCEPTS * 2 + 1)])
    start(loop, sock)
    counts = []
    for _ in range(4):
        loop.readers[sock]()
        counts.append(len(loop.connected))
    assert counts == [ACCEPTS, 2 * ACCEPTS, 2 * ACCEPTS + 1, 2 * ACCEPTS + 1]


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_without_descriptors_it_stops_and_looks_again(loop, number, caplog):
    sock = Socket(client(), error(number), error(number), client())
    listener = start(loop, sock)
    loop.readers[sock]()
    assert len(loop.connected) == 1
    assert not loop.readers, "it would spin"
    assert listener.exhausted
    loop.advance(AGAIN)
    assert not listener.exhausted
    loop.readers[sock]()
    assert not loop.readers
    loop.advance(AGAIN)
    loop.readers[sock]()
    assert len(loop.connected) == 2
    assert (listener.exhausted, listener.pauses) == (False, 2)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_it_says_so_again_after_a_while(loop, caplog):
    sock = Socket(error(errno.EMFILE), error(errno.EMFILE))
    start(loop, sock)
    loop.readers[sock]()
    loop.advance(SILENCE)
    loop.readers[sock]()
    assert len(caplog.records) == 2


def test_a_client_that_has_gone_is_passed_over(loop):
    sock = Socket(error(errno.ECONNABORTED), error(errno.EPROTO), client())
    start(loop, sock)
    loop.readers[sock]()
    assert len(loop.connected) == 1


def test_an_end_while_it_waits(loop):
    sock = Socket(error(errno.EMFILE))
    listener = start(loop, sock)
    loop.readers[sock]()
    listener.close()
    loop.advance(10 * AGAIN)
    assert not loop.readers


def test_a_transport_that_cannot_be_made_closes_the_socket(loop):
    async def fails(protocol, sock):
        raise OSError(errno.EBADF, "gone")

    loop.connect_accepted_socket = fails
    sock = Socket(one := client())
    start(loop, sock)
    loop.readers[sock]()
    assert one.fileno() == -1
