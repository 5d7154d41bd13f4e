"""Whether an answer arrived. (With a real kernel: functional/test_receipts.py.)"""

import socket

import pytest

from cogen.core.queue import Queue
from cogen.web.receipt import Receipt, undelivered
from tests.web.harness import GET, Served

OLD = b"GET / HTTP/1.0\r\n\r\n"


@pytest.fixture
def receipts():
    return []


@pytest.fixture
def served(receipts):
    def application(environ, start_response):
        receipts.append(Receipt())
        environ["cogen.wsgi"].receipt = receipts[-1]
        if environ["PATH_INFO"] == "/wait":
            yield environ["cogen.call"](queue.get)()
        start_response("200 OK", [("Content-Length", "5")])
        yield b"a" * 5
        if environ["PATH_INFO"] == "/fail":
            raise ValueError

    queue = Queue()
    return Served(application)


def test_it_arrives_and_the_client_asks_again(served, receipts):
    client = served.client().send(GET)
    assert receipts[0].arrived
    client.send(GET)
    assert receipts[0].arrived
    client.reset()
    assert receipts[0].arrived, "what it asked after is not lost by its end"
    assert not receipts[1].arrived


def test_it_arrives_and_the_client_closes(served, receipts):
    served.client().send(GET).end()
    assert receipts[0].arrived


@pytest.mark.parametrize("request_", [GET, OLD])
def test_a_reset_after_the_answer_says_that_it_was_not_read(served, receipts, request_):
    served.client().send(request_).reset()
    assert not receipts[0].arrived


def test_an_answer_after_which_we_close_is_watched_to_the_clients_end(served, receipts):
    client = served.client().send(OLD)
    assert client.transport.ended
    assert not client.gone
    client.end()
    assert client.gone
    assert receipts[0].arrived


def test_not_written_is_not_arrived(served, receipts):
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    assert not receipts[0].arrived
    client.transport.read(1000)
    assert receipts[0].arrived
    client.end()
    assert receipts[0].arrived


def test_given_up_before_it_was_written(served, receipts):
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    client.reset()
    assert not receipts[0].arrived


def test_a_pipelining_client_has_not_said_that_it_read(served, receipts):
    client = served.client()
    client.transport.client_reads = False
    client.send(GET).send(GET)
    client.reset()
    assert [receipt.arrived for receipt in receipts] == [False, False]


def test_gone_while_it_waited(served, receipts):
    served.client().send(GET.replace(b"/ ", b"/wait ")).end()
    assert not receipts[0].arrived


def test_the_application_failed(served, receipts, caplog):
    served.client().send(GET.replace(b"/ ", b"/fail "))
    assert not receipts[0].arrived


def test_settled_once():
    receipt = Receipt()
    assert not receipt.arrived
    receipt.sent(lambda: 0)
    receipt.settle(lost=True)
    receipt.settle(lost=False)
    receipt.sent(lambda: 0)
    assert not receipt.arrived


class Transport:
    def __init__(self, sock):
        self.sock = sock

    def get_extra_info(self, name):
        return self.sock


@pytest.fixture
def pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
    with client, accepted:
        yield client, accepted


def test_the_kernel_knows_what_was_not_acknowledged(pair):
    _, accepted = pair
    assert not undelivered(Transport(accepted))
    accepted.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            accepted.send(b"a" * 100_000)
    assert undelivered(Transport(accepted))


def test_the_kernel_knows_of_a_reset_behind_the_end(pair):
    client, accepted = pair
    client.close()
    accepted.send(b"answer")
    assert accepted.recv(10) == b""
    assert undelivered(Transport(accepted))


def test_a_closed_socket_and_no_socket(pair):
    pair[1].close()
    assert undelivered(Transport(pair[1]))
    assert not undelivered(Transport(None))


def test_a_reset_that_the_loop_is_about_to_tell_of(served, receipts):
    """It has taken the error from the socket, and calls `connection_lost` a turn later."""
    client = served.client().send(GET)
    assert receipts[0].arrived
    client.transport.closing = True
    assert not receipts[0].arrived
    client.reset()
    assert not receipts[0].arrived


def test_an_end_that_the_loop_is_about_to_tell_of(served, receipts):
    client = served.client().send(GET)
    client.end(settle=False)
    assert client.transport.closing
    assert receipts[0].arrived
    client.lost()
    assert receipts[0].arrived
