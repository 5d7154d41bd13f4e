"""Clients whose machine is gone without a word, over a cable that is really cut: hosts.py."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from cogen.core.events import Sleep
from tests.functional.chat_server import ChatServer
from tests.functional.hosts import Host
from tests.functional.servers import serving, write_certificate
from tests.functional.terminal import Terminal

case = pytest.mark.case

LOOK = 1.0  # seconds between two of the server's looks
SLACK = 0.5  # for this machine, which does other things too
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"

DOWNLOAD = """
import socket, ssl, sys

sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))
if sys.argv[3] == "tls":
    sock = ssl._create_unverified_context().wrap_socket(sock)
sock.sendall(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
while data := sock.recv(65_536):
    print(len(data))
"""

LISTEN = """
import sys
from websockets.sync.client import connect

with connect(sys.argv[1], additional_headers={"Cookie": sys.argv[2]}, ping_interval=None) as socket:
    for message in socket:  # pings are answered meanwhile
        print(message)
"""


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as host:
        yield host


def log_in(server: ChatServer, name: str) -> str:
    """The cookie."""
    request = urllib.request.Request(
        f"{server.url}/api/login",
        json.dumps({"name": name}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        cookie: str = answer.headers["Set-Cookie"]
    return cookie.partition(";")[0]


def members(server: ChatServer) -> set[str]:
    with urllib.request.urlopen(f"{server.url}/api/rooms/1/members", timeout=10) as answer:
        return {member["name"] for member in json.load(answer)["members"]}


@case(37)
def test_a_half_open_stream_is_gone_within_two_heartbeats(host: Host, tmp_path: Path) -> None:
    """The settings are to each other as the defaults are; one who is there stays."""
    heartbeat, linger = 2.0, 0.5
    environment = {
        "CHAT_HEARTBEAT": f"{heartbeat}",
        "COGEN_ACK_TIMEOUT": f"{heartbeat * 25 / 15}",
        "CHAT_LINGER": f"{linger}",
    }
    server = ChatServer(tmp_path, environment, host=host.near)
    server.start()
    try:
        head = "GET /api/rooms/1/events HTTP/1.1\r\nHost: chat\r\nCookie: {}\r\n\r\n"
        far = host.client(server.port, head.format(log_in(server, "far")).encode())
        with socket.create_connection((server.host, server.port), 10) as near:
            near.sendall(head.format(log_in(server, "near")).encode())
            far.hears(b"\n:")  # a heartbeat: the next is as far away as can be
            when = host.cut()
            assert members(server) == {"far", "near"}
            gone = host.left(server.port) - when
            assert gone < 2 * heartbeat + LOOK + SLACK
            while "far" in members(server):
                assert time.monotonic() - when < 2 * heartbeat + LOOK + 2 * linger + SLACK
                time.sleep(0.05)
            assert members(server) == {"near"}
            assert b"retry: " in near.recv(65_536)
    finally:
        server.stop()


@case(37)
def test_a_half_open_websocket_is_gone_within_two_heartbeats(host: Host, tmp_path: Path) -> None:
    heartbeat, linger = 2.0, 0.5
    environment = {"COGEN_WEBSOCKET_HEARTBEAT": f"{heartbeat}", "CHAT_LINGER": f"{linger}"}
    server = ChatServer(tmp_path, environment, host=host.near)
    server.start()
    try:
        address = f"ws://{host.near}:{server.port}/ws"
        (tmp_path / "listen.py").write_text(LISTEN)
        cookie = {"Cookie": log_in(server, "near")}
        with connect(address, additional_headers=cookie, ping_interval=None) as near:
            far = host.run(str(tmp_path / "listen.py"), address, log_in(server, "far"))
            while near.recv(10) != " * user far has joined the room":
                pass
            near.send("hello")
            far.hears(b"near: hello\n")
            time.sleep(2 * heartbeat + LOOK + SLACK)
            when = host.cut()
            assert members(server) == {"far", "near"}
            gone = host.left(server.port) - when
            assert gone < 2 * heartbeat + LOOK + SLACK
            assert near.recv(10) == "near: hello"
            assert near.recv(2 * linger + SLACK) == " * user far has left the room"
            assert members(server) == {"near"}
    finally:
        server.stop()


@case(37)
@pytest.mark.parametrize("talking", [False, True], ids=["in silence", "while somebody speaks"])
def test_a_half_open_terminal_is_gone_within_two_heartbeats(
    host: Host, tmp_path: Path, talking: bool
) -> None:
    """TCP counts whole seconds, so here a heartbeat has three of them."""
    heartbeat = 3.0
    environment = {
        "CHAT_HEARTBEAT": f"{heartbeat}",
        "COGEN_ACK_TIMEOUT": f"{heartbeat * 25 / 15}",
    }
    server = ChatServer(tmp_path, environment, host=host.near)
    server.start()
    try:
        with Terminal(server.telnet, host.near) as near:
            far = host.client(server.telnet, b"/nick far\n")
            far.hears(b"You are far now")
            near.sees_until(" * user far has joined the room")
            when = host.cut()
            if talking:
                near.type("are you there?")
            near.sees_until(" * user far has left the room")
            assert time.monotonic() - when < 2 * heartbeat + LOOK + SLACK
            assert host.connections(server.telnet) == []
            near.type("I am")
            assert near.sees() == f"{host.near}: I am"
    finally:
        server.stop()


def test_a_terminal_that_is_only_paused_stays(host: Host, tmp_path: Path) -> None:
    """Ctrl-S: its kernel acknowledges what we ask, and says that there is no room."""
    environment = {"CHAT_HEARTBEAT": "1", "COGEN_ACK_TIMEOUT": "1"}
    server = ChatServer(tmp_path, environment, host=host.near)
    server.start()
    try:
        with Terminal(server.telnet, host.near) as near:
            far = host.client(server.telnet, b"/nick far\n", room=4096)
            near.sees_until(" * user far has joined the room")
            for _ in range(5):
                near.type("x" * 8000)
            near.sees_until(f"{host.near}: " + "x" * 8000)
            time.sleep(6)  # the kernel's own clock: many times two heartbeats
            assert members(server) == {"far", host.near}
            near.type("the end")
            far.tell()
            far.hears(b": the end\r\n")
    finally:
        server.stop()


def endless(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [])
    while True:
        yield b"a" * 10_000


@case(37)
@pytest.mark.parametrize("way", ["plain", "tls"])
def test_a_download_that_is_cut_off_ends_long_before_write_timeout(
    host: Host, tmp_path: Path, way: str
) -> None:
    settings = write_certificate(tmp_path / "tls") if way == "tls" else {}
    (tmp_path / "download.py").write_text(DOWNLOAD)
    with serving(endless, host=host.near, ack_timeout=2.0, **settings) as server:
        reader = host.run(str(tmp_path / "download.py"), host.near, str(server.port), way)
        reader.hears(b"\n")
        when = host.cut()
        assert host.left(server.port) - when < 2 + 2 * LOOK + SLACK
        server.until(lambda: server.server.statistics().connections == 0, seconds=SLACK)


def test_one_that_reads_nothing_but_is_there_keeps_its_stream(host: Host) -> None:
    """Its kernel says that there is no room, ever more seldom: each time after twice as long."""

    def stream(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"a" * 50_000
        yield environ["cogen.call"](Sleep)(7)
        environ["cogen.wsgi"].take()
        yield b"the rest"

    with serving(stream, host=host.near, ack_timeout=0.5) as server:
        client = host.client(server.port, GET, room=4096)
        time.sleep(6)  # the kernel's own clock: by now nothing is heard of it for 3 seconds
        (name,) = host.connections(server.port)
        assert name.startswith(f"{host.far}:")
        client.tell()
        client.hears(b"the rest")


def test_one_whose_cable_is_mended_in_time_goes_on(host: Host) -> None:
    def stream(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        for number in range(1000):
            yield b"number %d\n" % number
            yield environ["cogen.call"](Sleep)(0.1)
            environ["cogen.wsgi"].take()

    with serving(stream, host=host.near, ack_timeout=4.0) as server:
        client = host.client(server.port, GET)
        client.hears(b"number 1\n")
        host.cut()
        time.sleep(2)
        host.mend()
        client.hears(b"number 30\n")
