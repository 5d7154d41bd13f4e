"""What happens when an application opens files until none is left."""

import contextlib
import resource
import signal
import socket
import time

import pytest

from tests.functional.command import Command

LIMIT = 256

APPLICATION = """
import os, resource, signal, time

resource.setrlimit(resource.RLIMIT_NOFILE, (MOST, MOST))
files = []


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/take":
        try:
            while True:
                files.append(open(os.devnull))
        except OSError:
            pass
    elif path == "/give":
        while files:
            files.pop().close()
    start_response("200 OK", [])
    return [f"{time.process_time()} {len(files)}".encode()]
""".replace("MOST", str(LIMIT))

GET = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def command(tmp_path):
    (tmp_path / "site_here.py").write_text(APPLICATION)
    with Command(tmp_path, "site_here") as command:
        yield command.listen()


@pytest.fixture
def connect(command):
    """Makes clients, and closes them at the end."""
    with contextlib.ExitStack() as stack:

        def connected():
            client = Client(command.port)
            stack.enter_context(client.sock)
            return client

        yield connected


class Client:
    """One connection that stays."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), 10)

    def ask(self, path):
        """What it used of the processor's time, and how many files are open."""
        self.sock.sendall(GET % path)
        data = self.sock.recv(65536)
        assert data.startswith(b"HTTP/1.1 200 OK"), data
        used, files = data.rpartition(b"\r\n\r\n")[2].split()
        return float(used), int(files)


def test_who_comes_waits_and_is_served_when_some_are_free(command, connect):
    open_before = connect()
    assert open_before.ask(b"/take")[1] > 0
    began = time.monotonic()
    used = open_before.ask(b"/")[0]

    waiting = [connect() for _ in range(30)]
    for client in waiting:
        client.sock.sendall(GET % b"/")
    time.sleep(2)
    waiting[0].sock.settimeout(0.01)
    with pytest.raises(TimeoutError):  # neither served nor thrown out
        waiting[0].sock.recv(1)
    waiting[0].sock.settimeout(10)

    now = open_before.ask(b"/")[0]
    assert now - used < 0.5 * (time.monotonic() - began), "it spins"
    assert command.log.count("no connections are accepted until there is room") == 1
    assert "Traceback" not in command.log

    assert open_before.ask(b"/give")[1] == 0
    for client in waiting:
        assert client.sock.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert connect().ask(b"/")[1] == 0


def test_it_ends_gracefully_without_descriptors(command, connect):
    client = connect()
    client.ask(b"/take")
    connect()
    time.sleep(0.3)
    command.process.send_signal(signal.SIGTERM)
    assert command.process.wait(20) == 0
    assert "Traceback" not in command.log


def test_connections_alone_leave_some(command, connect):
    """More than there are descriptors: those over the limit are told so, or closed."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert soft > 2 * LIMIT
    clients = [connect() for _ in range(2 * LIMIT)]
    answers = []
    for client in clients:
        try:
            client.sock.sendall(GET % b"/")
            answers.append(client.sock.recv(65536)[:12])
        except ConnectionError:
            answers.append(b"")
    served = answers.count(b"HTTP/1.1 200")
    assert served == LIMIT - min(64, LIMIT // 4)
    assert set(answers) <= {b"HTTP/1.1 200", b"HTTP/1.1 503", b""}
    assert "no connections are accepted" not in command.log
    for client in clients:
        client.sock.close()
    command.until(lambda: bool(command.ask()))
    assert "Traceback" not in command.log
