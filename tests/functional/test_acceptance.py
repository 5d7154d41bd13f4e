"""The acceptance list of the design where time or sockets matter (33 to 36, 38): real ones.

More of 38 in test_server.py.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.processes import at_rest, descriptors, many_files, memory
from tests.functional.servers import Process, free_port, serving

case = pytest.mark.case

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
MEGABYTE = 1024 * 1024


def hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10)


def read(sock: socket.socket) -> bytes:
    """Everything, to the end."""
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


@contextlib.contextmanager
def dripping(sock: socket.socket, data: bytes) -> Iterator[None]:
    """Send a byte each 50 ms, as long as it lasts."""
    done = threading.Event()

    def drip() -> None:
        with contextlib.suppress(OSError):
            for byte in data:
                sock.sendall(bytes([byte]))
                if done.wait(0.05):
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    yield
    done.set()
    thread.join()


@case(33)
def test_33_a_silent_connection_is_closed() -> None:
    with serving(hello, head_timeout=0.3) as server, server.connect() as sock:
        assert read(sock) == b""


@case(33)
def test_33_a_dripping_head_gets_408() -> None:
    with serving(hello, head_timeout=0.5) as server, server.connect() as sock:
        with dripping(sock, GET[:-4] + b"a" * 200):
            answer = read(sock)
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert answer.endswith(b"too late.\r\n")


@case(34)
@pytest.mark.parametrize("drips", [False, True])
def test_34_a_stalled_or_dripping_body_gets_408(drips: bool) -> None:
    with serving(hello, body_timeout=0.5) as server, server.connect() as sock:
        sock.sendall(POST)
        with dripping(sock, b"a" * 200 if drips else b""):
            answer = read(sock)
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert answer.endswith(b"The request came too late.\r\n")


STREAM = """
def make(global_conf, **settings):
    def application(environ, start_response):
        start_response("200 OK", [])
        for _ in range(50 if environ["PATH_INFO"] == "/stream" else 0):
            yield b"a" * 1024 * 1024

    return application
"""


@case(35)
def test_35_clients_that_never_read_are_closed_and_memory_is_bounded(tmp_path: Path) -> None:
    """Fifty ask for 50 MB each and read nothing."""
    port = free_port()
    with (
        Process(tmp_path, source=STREAM, port=port, write_timeout="1.5") as server,
        contextlib.ExitStack() as stack,
    ):
        server.listen()
        pid = server.process.pid
        before, idle = memory(pid), at_rest(pid)
        clients = [stack.enter_context(connect(port)) for _ in range(50)]
        for sock in clients:
            sock.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        while descriptors(pid) < idle + len(clients):
            time.sleep(0.01)
        most = 0
        deadline = time.monotonic() + 15
        while descriptors(pid) > idle and time.monotonic() < deadline:
            most = max(most, memory(pid))
            time.sleep(0.02)
        assert descriptors(pid) == idle, "all of them are closed"
        assert most - before < len(clients) * 3 * MEGABYTE
        with connect(port) as sock:
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert read(sock).startswith(b"HTTP/1.1 200 OK")


@case(35)
def test_35_the_kernel_takes_little_for_it() -> None:
    given = []

    def endless(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        while True:
            given.append(1)
            yield b"a" * 10_000

    with serving(endless) as server, socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", server.port))
        sock.sendall(GET)
        seen = [0]
        while len(given) == 0 or len(seen) < 5 or len(set(seen[-5:])) > 1:  # it takes more
            time.sleep(0.02)
            seen.append(len(given))
        assert 10 <= len(given) < 60, "600 kB, where it would take 4 MB"


@case(35)
def test_35_what_the_kernel_holds_for_it_is_freed_too() -> None:
    """Megabytes for each that never reads, for minutes, unless the end is a reset."""

    def endless(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        while True:
            yield b"a" * 100_000

    with serving(endless, write_timeout=1.0) as server, server.connect() as sock:
        sock.sendall(GET)
        server.until(lambda: server.server.statistics().accepted == 1)
        server.until(lambda: server.server.statistics().connections == 0)
        with pytest.raises(ConnectionResetError):
            read(sock)


@case(36)
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (GET[:-2] + b"X-a: b\r\n", b"X-a: b\r\n"),
        (POST, b"a"),
        (b"", b"\r\n"),
    ],
    ids=["headers", "bodies", "empty-lines"],
)
def test_36_1000_slow_clients_and_the_others_still_get_200(first: bytes, then: bytes) -> None:
    with (
        many_files(5000),
        serving(hello, head_timeout=1.0, body_timeout=1.0) as server,
        server.connect() as kept,
        contextlib.ExitStack() as stack,
    ):
        clients = [stack.enter_context(server.connect()) for _ in range(1000)]
        for sock in clients:
            sock.sendall(first)
        server.until(lambda: server.server.statistics().connections == 1001)
        for _ in range(3):
            for sock in clients:
                with contextlib.suppress(OSError):  # of one whose time is over already
                    sock.sendall(then)
            assert server.ask("GET", "/")[2] == b"hello"
            kept.sendall(GET)
            assert kept.recv(1000).endswith(b"hello")
        server.until(lambda: server.server.statistics().connections == 1, seconds=20)
        assert server.ask("GET", "/")[2] == b"hello"


FINISHING = """
import time


def make(global_conf, **settings):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        for number in range(5):
            yield b"%d " % number
            # Not for an operation: that would end at once.
            until = time.monotonic() + 0.05
            while time.monotonic() < until:
                yield b""
        yield b"done"

    return application
"""


@case(38)
def test_38_a_request_under_way_finishes_and_what_comes_then_is_not_taken(tmp_path: Path) -> None:
    port = free_port()
    with (
        Process(tmp_path, source=FINISHING, port=port) as server,
        contextlib.ExitStack() as stack,
    ):
        server.listen()
        clients = [stack.enter_context(connect(port)) for _ in range(5)]
        for sock in clients:
            sock.sendall(GET)
            assert b"0 " in sock.recv(1000)
        server.process.send_signal(signal.SIGTERM)
        answers = [read(sock) for sock in clients]
        assert all(answer.endswith(b"4\r\ndone\r\n0\r\n\r\n") for answer in answers)
        assert server.wait(5) == 0
        with pytest.raises(OSError):
            connect(port)
        assert "Traceback" not in server.log


@case(38)
@pytest.mark.parametrize(("grace", "finishes"), [("0.1", False), ("10", True)])
def test_38_it_has_as_long_as_the_grace(tmp_path: Path, grace: str, finishes: bool) -> None:
    port, slower = free_port(), FINISHING.replace("0.05", "0.3")
    with Process(tmp_path, source=slower, port=port, graceful_timeout=grace) as server:
        server.listen()
        with connect(port) as sock:
            sock.sendall(GET)
            assert b"0 " in sock.recv(1000)
            server.process.send_signal(signal.SIGTERM)
            answer = b""
            with contextlib.suppress(ConnectionError):
                answer = read(sock)
            assert answer.endswith(b"4\r\ndone\r\n0\r\n\r\n") is finishes
        assert server.wait(5) == 0


@case(38)
def test_38_the_end_is_bounded_whatever_clients_do(tmp_path: Path) -> None:
    """Half a head, half a body, an unread answer, a body that drips, a poll, an idle one."""
    port = free_port()
    with (
        Process(tmp_path, port=port, graceful_timeout="1") as server,
        contextlib.ExitStack() as stack,
    ):
        server.listen()
        begun = [b"GET / HT", POST + b"a", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1000, POST]
        begun += [b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", b""]
        clients = [stack.enter_context(connect(port)) for _ in begun * 5]
        for sock, data in zip(clients, begun * 5, strict=True):
            sock.sendall(data)
        time.sleep(0.2)
        sent = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.wait(5) == 0
        assert time.monotonic() - sent < 3
        assert "Traceback" not in server.log
