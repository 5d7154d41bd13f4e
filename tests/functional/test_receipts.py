"""Whether an answer arrived, with real sockets: how clients end, and what the kernel tells."""

import contextlib
import socket
import ssl
import struct

import pytest

from cogen.core.queue import Queue
from cogen.web.receipt import Receipt, hung_up, undelivered, unread
from tests.functional.servers import serving, write_certificate

KEPT = b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSED = b"GET /wait HTTP/1.0\r\n\r\n"


class Site:
    """Polls with receipts."""

    def __init__(self):
        self.queue = Queue()
        self.receipts = []

    def __call__(self, environ, start_response):
        gate = environ["cogen.wsgi"]
        gate.receipt = Receipt()
        self.receipts.append(gate.receipt)
        yield environ["cogen.call"](self.queue.get)()
        body = gate.take()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        yield body


@pytest.fixture
def site():
    return Site()


@pytest.fixture(params=["plain", "tls"])
def server(site, request, tmp_path):
    settings = write_certificate(tmp_path) if request.param == "tls" else {}
    with serving(site, **settings) as server:
        yield server


@pytest.fixture
def poll(server):
    """A client that waits."""
    sock = server.connect()
    sock.sendall(KEPT)
    server.until(lambda: server.parked() == 1)
    with sock:
        yield sock


def push(server, site, body=b"news"):
    server.call(site.queue.put_nowait, body)


def all_gone(server):
    server.until(lambda: server.server.statistics().connections == 0)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def close(sock):
    sock.close()


def say_goodbye(sock):
    """Close as TLS has it, with close_notify; without TLS just close."""
    if isinstance(sock, ssl.SSLSocket):
        sock.setblocking(False)
        with contextlib.suppress(ssl.SSLError):  # it does not wait for the server's
            sock.unwrap()
    sock.close()


ENDS = [close, say_goodbye, reset]


def read(sock, body=b"news"):
    data = b""
    while not data.endswith(body):
        piece = sock.recv(65536)
        assert piece
        data += piece


@pytest.mark.parametrize("end", ENDS)
def test_gone_before_the_answer_takes_nothing(server, site, poll, end):
    end(poll)
    all_gone(server)
    push(server, site)
    assert not site.receipts[0].arrived
    assert site.queue.qsize() == 1


@pytest.mark.parametrize("end", [close, say_goodbye])
def test_read_and_closed(server, site, poll, end):
    push(server, site)
    read(poll)
    end(poll)
    all_gone(server)
    assert site.receipts[0].arrived


def test_read_and_asked_again(server, site, poll):
    push(server, site)
    read(poll)
    poll.sendall(KEPT)
    server.until(lambda: server.parked() == 1)
    assert site.receipts[0].arrived
    reset(poll)
    all_gone(server)
    assert [receipt.arrived for receipt in site.receipts] == [True, False]


@pytest.mark.parametrize("end", [close, reset])  # a goodbye reads: see test_tls.py
def test_gone_without_having_read_it(server, site, poll, end):
    push(server, site)
    server.until(lambda: server.parked() == 0)
    end(poll)
    all_gone(server)
    assert not site.receipts[0].arrived


@pytest.mark.parametrize("end", ENDS)
def test_gone_in_the_moment_in_which_the_answer_is_written(server, site, poll, end):
    """The end is in the kernel already, and the server has not looked yet."""

    def both():
        end(poll)
        site.queue.put_nowait(b"news")

    server.call(both)
    all_gone(server)
    assert not site.receipts[0].arrived or site.queue.qsize() == 1


def test_gone_after_having_read_a_part(server, site, poll):
    push(server, site, b"a" * 3_000_000)
    assert len(poll.recv(1000)) == 1000
    poll.close()
    all_gone(server)
    assert not site.receipts[0].arrived


@pytest.mark.parametrize("reads", [True, False])
def test_where_the_server_closes_after_the_answer(server, site, reads):
    with server.connect() as sock:
        sock.sendall(CLOSED)
        server.until(lambda: server.parked() == 1)
        push(server, site)
        if reads:
            read(sock)
            assert sock.recv(1) == b""
        else:
            server.until(lambda: server.parked() == 0)
    all_gone(server)
    assert site.receipts[0].arrived is reads


def test_what_was_being_written_when_the_server_ended(site):
    with serving(site, graceful_timeout=0.2) as server, server.connect() as sock:
        sock.sendall(KEPT)
        server.until(lambda: server.parked() == 1)
        push(server, site, b"a" * 30_000_000)
        server.until(lambda: server.parked() == 0)
        server.stop()
        assert not site.receipts[0].arrived


@pytest.mark.parametrize(
    ("ending", "gone"), [("open", False), ("says more", False), ("closed", True), ("reset", True)]
)
def test_a_clients_end_is_seen_before_the_loop_tells_of_it(ending, gone):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    with server:
        if ending == "says more":
            client.sendall(b"GET /")
        if ending == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if ending in ("closed", "reset"):
            client.close()
        assert hung_up(Transport(server)) is gone
        client.close()


@pytest.mark.parametrize("says_more", [False, True])
def test_a_reset_is_not_forgotten_by_being_looked_at(says_more):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    with server:
        server.sendall(b"answer")
        if says_more:
            client.sendall(b"GET /")
        reset(client)
        transport = Transport(server)
        for _ in range(3):
            assert unread(transport)
            assert undelivered(transport)


class Transport:
    """As much of asyncio's as `hung_up` asks."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def get_extra_info(self, name: str) -> socket.socket:
        assert name == "socket"
        return self._socket

    def get_write_buffer_size(self) -> int:
        return 0
