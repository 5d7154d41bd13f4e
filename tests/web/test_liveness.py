"""Clients whose machine has gone, by what the kernel tells of them; a real kernel's word is in
tests/functional/test_half_open.py.
"""

import socket
import struct

import pytest

from cogen.core.queue import Queue
from cogen.web.liveness import deaf
from tests.web.harness import GET, Served
from tests.web.kernel import Kernel

case = pytest.mark.case


class Transport:
    def __init__(self, sock):
        self._sock = sock

    def get_extra_info(self, name):
        assert name == "socket"
        return self._sock


def test_a_machine_that_was_asked_again_and_again_is_deaf_when_its_time_is_over():
    assert deaf(Transport(Kernel(heard=25.1)), 25)
    assert not deaf(Transport(Kernel(heard=24.9)), 25)


def test_one_that_owes_nothing_is_not_however_long_it_has_said_nothing():
    """So it is with a stream at rest, and with a reader whose buffer is full."""
    assert not deaf(Transport(Kernel(unacknowledged=0, heard=10_000)), 25)


def test_one_that_was_asked_only_now_is_not():
    assert not deaf(Transport(Kernel(heard=60, sent=0.01, resent=0)), 25)


def test_one_that_was_asked_again_for_a_moment_is_not():
    """0.2 + 0.4 + 0.8 + 1.6 seconds: something was lost on the way, after a long rest."""
    assert not deaf(Transport(Kernel(heard=60, sent=0.5, resent=4)), 25)
    assert deaf(Transport(Kernel(heard=60, sent=0.5, resent=5)), 25)


def test_one_that_has_answered_the_last_asking_is_not():
    """Its acknowledgements say that it has no room for what is sent again, seldom by now."""
    assert not deaf(Transport(Kernel(heard=30.0, sent=30.1, resent=8)), 25)


def test_one_that_may_yet_answer_the_last_asking_is_not():
    assert not deaf(Transport(Kernel(heard=30, sent=0.05, resent=8)), 25)


class Unix(Kernel):
    def getsockopt(self, level, option, size):
        raise OSError(95, "Operation not supported")


class Old(Kernel):
    def getsockopt(self, level, option, size):
        return self.info[:40]


@pytest.mark.parametrize("sock", [None, Unix(), Old()])
def test_where_the_system_does_not_tell_nobody_is(sock):
    assert not deaf(Transport(sock), 25)


def stream(queue):
    """Begins its answer, and goes on whenever something is put."""

    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"begun"
        while True:
            yield environ["cogen.call"](queue.get)()
            yield environ["cogen.wsgi"].take()

    return application


@case(37)
def test_a_stream_to_a_deaf_machine_ends_with_a_reset():
    served = Served(stream(Queue()))
    client, other = served.client().send(GET), served.client().send(GET)
    client.transport.socket, other.transport.socket = Kernel(), Kernel(heard=20)
    kernel = client.transport.socket
    exchange = client.connection.exchange
    served.advance(1)
    assert client.transport.aborted
    assert kernel.options == {(socket.SOL_SOCKET, socket.SO_LINGER): struct.pack("ii", 1, 0)}
    assert exchange.waiting_for is None, "the application was told"
    assert not other.gone


def test_the_setting_says_when():
    served = Served(stream(Queue()), ack_timeout=40)
    client = served.client().send(GET)
    client.transport.socket = Kernel(heard=39)
    served.advance(1)
    assert not client.gone
    client.transport.socket = Kernel(heard=41, resent=6)
    served.advance(1)
    assert client.gone


def test_a_request_that_waits_unanswered_is_let_be():
    """It has been told nothing that it could acknowledge; what is owed is an older answer's."""
    queue = Queue()

    def application(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.call"](queue.get)()

    served = Served(application)
    client = served.client().send(GET)
    client.transport.socket = Kernel()
    served.advance(5)
    assert not client.gone
