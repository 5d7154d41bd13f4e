"""A server as its administrator knows it: starts, refuses to start, ends."""

import signal
import socket
import subprocess
import time

import pytest

from tests.functional.servers import Process, free_port, serving

case = pytest.mark.case

GET = b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n"


def connect(port):
    return socket.create_connection(("127.0.0.1", port), 10)


def read(sock):
    """Everything, to the end."""
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


@case(38)
@pytest.mark.parametrize("command", ["paster", "pserve"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_answers_who_waits_at_once_and_ends_with_0(tmp_path, command, number):
    port = free_port()
    with Process(tmp_path, command, port=port) as server:
        server.listen()
        polls = [connect(port) for _ in range(5)]
        for poll in polls:
            poll.sendall(GET % b"wait")
        idle, begun = connect(port), connect(port)
        begun.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        idle.sendall(GET % b"")
        assert b"127.0.0.1 http" in idle.recv(65536)
        time.sleep(0.2)
        sent = time.monotonic()
        server.process.send_signal(number)
        for poll in polls:
            answer = read(poll)
            assert answer.startswith(b"HTTP/1.1 200 OK")
            assert answer.endswith(b"ServerClosing")
            poll.close()
        assert read(idle) == b""
        assert time.monotonic() - sent < 1
        begun.sendall(b"b")
        assert b"127.0.0.1 http" in read(begun)
        begun.close()
        idle.close()
        assert server.wait() == 0
        assert time.monotonic() - sent < 2
        assert "Traceback" not in server.log


@case(38)
def test_a_client_that_stays_does_not_keep_the_server(tmp_path):
    port = free_port()
    with Process(tmp_path, port=port, graceful_timeout="0.5") as server:
        server.listen()
        stays = connect(port)
        stays.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        time.sleep(0.2)
        server.process.terminate()
        assert server.wait(5) == 0
        stays.close()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"prot": 80}, "[server:main] unknown setting 'prot' (did you mean 'port'?)"),
        ({"port": "http"}, "[server:main] port = 'http'"),
        ({"max_body": 0}, "[server:main] max_body = '0'"),
        ({"unix_socket": "/nowhere/socket"}, "cannot listen on /nowhere/socket: No such file"),
    ],
)
@pytest.mark.parametrize("command", ["paster", "pserve"])
def test_a_bad_setting_stops_the_start_with_one_line(tmp_path, command, settings, says):
    with Process(tmp_path, command, **settings) as server:
        assert server.wait() != 0
        lines = [line for line in server.log.splitlines() if "Starting server" not in line]
        assert len(lines) == 1, server.log
        assert lines[0].startswith(says)


def test_a_port_in_use_stops_the_start_with_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Process(tmp_path, port=port) as server:
            assert server.wait() != 0
            lines = [line for line in server.log.splitlines() if "Starting server" not in line]
            assert lines == [f"cannot listen on 127.0.0.1:{port}: Address already in use"]


def test_a_unix_socket(tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    with Process(tmp_path, unix_socket=path) as server:
        deadline = time.monotonic() + 20
        with socket.socket(socket.AF_UNIX) as client:
            while client.connect_ex(str(path)):
                assert time.monotonic() < deadline
                assert server.process.poll() is None, server.log
                time.sleep(0.02)
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert read(client).endswith(b"\r\n\r\n http")
        server.process.terminate()
        assert server.wait() == 0
    assert not path.exists()


def hello(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]


def test_one_connection_too_many_is_told_so():
    with serving(hello, max_connections=3) as server:
        kept = [server.connect() for _ in range(3)]
        for sock in kept:
            sock.sendall(GET % b"")
            assert sock.recv(1000).endswith(b"hello")
        for _ in range(5):
            with server.connect() as sock:
                sock.sendall(GET % b"")
                assert read(sock).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        kept.pop().close()
        server.until(lambda: server.server.statistics().connections == 2)
        assert server.ask("GET", "/")[2] == b"hello"
        for sock in kept:
            sock.close()


def test_small_answers_are_not_held_back():
    with serving(hello) as server, server.connect() as sock:
        sock.sendall(GET % b"")
        assert sock.recv(1000)
        (connection,) = server.call(lambda: list(server.server._service.connections))
        bare = connection._transport.get_extra_info("socket")
        assert bare.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_statistics_of_a_server():
    with serving(hello, max_connections=1) as server, server.connect() as kept:
        kept.sendall(GET % b"")
        assert kept.recv(1000)
        with server.connect() as sock:
            assert read(sock).startswith(b"HTTP/1.1 503 ")
        seen = server.call(server.server.statistics)
        assert time.time() - 60 < seen.since <= time.time()
        assert (seen.accepted, seen.requests, seen.refusals, seen.turned_away) == (2, 1, 1, 1)
        assert seen.answers == {"1xx": 0, "2xx": 1, "3xx": 0, "4xx": 0, "5xx": 1}
        assert (seen.connections, seen.parked, seen.handshakes, seen.most) == (1, 0, 0, 1)
        assert (seen.accepting, seen.pauses, seen.log_lines_lost) == (True, 0, 0)


def test_a_refused_upload_can_read_why():
    with serving(hello) as server, server.connect() as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(50):
            sock.sendall(b"a" * 100_000)
        assert read(sock).startswith(b"HTTP/1.1 413 ")


@case(35)
def test_a_client_that_does_not_read_is_bounded_and_closed():
    produced = 0

    def endless(environ, start_response):
        nonlocal produced
        start_response("200 OK", [])
        while True:
            produced += 100_000
            yield b"a" * 100_000

    with serving(endless, write_timeout=1.0) as server, server.connect() as sock:
        sock.sendall(GET % b"")
        server.until(lambda: produced > 0)
        server.until(lambda: server.server.statistics().connections == 0, seconds=5)
        assert produced < 20_000_000, "what the kernel takes, and little more"


def test_what_comes_behind_a_waiting_request_stops_being_read():
    def waits(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.core"].events.Sleep(60)
        yield b"waited"

    with serving(waits) as server, server.connect() as sock:
        sock.sendall(GET % b"")
        sock.settimeout(0.3)
        sent = 0
        with pytest.raises(TimeoutError):
            while True:
                sent += sock.send(
                    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" * 1000
                )
        assert sent < 20_000_000


@case(33)
def test_a_stuck_head_gets_408():
    with serving(hello, head_timeout=0.5) as server, server.connect() as sock:
        sock.sendall(b"GET / HT")
        assert read(sock).startswith(b"HTTP/1.1 408 ")


def test_curl_as_it_is(tmp_path):
    """1.0, keep-alive, an upload that asks first, an upgrade that is not taken."""

    def echo(environ, start_response):
        start_response("200 OK", [])
        yield environ["wsgi.input"].read()

    (tmp_path / "upload").write_bytes(b"a" * 500_000)
    with serving(echo) as server:
        url = f"http://127.0.0.1:{server.port}/"
        upload = f"@{tmp_path}/upload"
        for options in (["-0"], [], ["-H", "Transfer-Encoding: chunked"], ["--http2"]):
            done = subprocess.run(
                ["curl", "-sS", "--max-time", "10", *options, "--data-binary", upload, url, url],
                capture_output=True,
                check=True,
            )
            assert done.stdout == b"a" * 1_000_000, options
