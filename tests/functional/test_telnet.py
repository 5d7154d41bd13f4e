"""Telnet on real sockets: terminals, curl and the page's poll in one room."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.terminal import Terminal


@pytest.fixture
def server(chat_server: ChatServer) -> ChatServer:
    return chat_server


def push(server: ChatServer, text: str) -> None:
    urllib.request.urlopen(server.url + "/chat/push", text.encode(), timeout=20).close()


def said(server: ChatServer) -> list[str]:
    with urllib.request.urlopen(server.url + "/api/rooms/1/messages", timeout=20) as answer:
        return [each["text"] for each in json.load(answer)["messages"] if each["kind"] == "say"]


def test_terminals_and_curl_talk_in_one_order(server: ChatServer) -> None:
    ann = Terminal(server.telnet)
    assert ann.sees() == "-- You are 127.0.0.1, in main. /help tells more --"
    bob = Terminal(server.telnet)
    assert bob.sees() == "-- You are 127.0.0.1 (2), in main. /help tells more --"
    assert ann.sees() == " * New connection from 127.0.0.1"
    for number in range(20):
        ann.type(f"ann {number}")
        push(server, f"curl {number}")
        bob.type(f"bob {number}")
    seen = [ann.sees() for _ in range(60)]
    assert [bob.sees() for _ in range(60)] == seen
    assert [line.partition(": ")[2] for line in seen] == said(server)
    ann.close()
    bob.close()


def test_the_log_says_that_it_runs_and_a_signal_ends_all(server: ChatServer) -> None:
    ann = Terminal(server.telnet)
    ann.sees()
    assert "Chat server running!" in server.log.read_text()
    assert server.stop() == 0
    assert ann.sees() == "-- The server is going down --"
    assert ann.sees() == ""
    ann.close()
    assert "Traceback" not in server.log.read_text()


@pytest.mark.case(52)
@pytest.mark.parametrize("flood", [b"x", b"\xff\xf6", b"\xff\xfa\x1f", b"\xff\xfd\x01"], ids=ascii)
def test_a_flood_is_ended_and_others_go_on(server: ChatServer, flood: bytes) -> None:
    ann = Terminal(server.telnet)
    ann.sees()
    with socket.create_connection(("127.0.0.1", server.telnet), timeout=20) as sock:
        deadline = time.monotonic() + 20
        with pytest.raises(ConnectionError):
            while time.monotonic() < deadline:
                sock.sendall(flood * 10_000)
    assert ann.sees() == " * New connection from 127.0.0.1"
    ann.type("still here")
    assert ann.sees() == "127.0.0.1: still here"
    ann.close()
    assert "Traceback" not in server.log.read_text()


def test_what_a_script_types_before_it_ends_is_said(server: ChatServer) -> None:
    script = Terminal(server.telnet)
    script.socket.sendall(b"/nick robot\none\ntwo\n")
    script.socket.shutdown(socket.SHUT_WR)
    while script.sees():
        pass
    script.close()
    deadline = time.monotonic() + 20
    while len(said(server)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert said(server) == ["one", "two"]


def test_a_port_that_is_taken_ends_the_start_with_a_line_that_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = ChatServer(tmp_path, {"TELNET_PORT": str(port)})
        assert server.begin().wait(30) == 1
    assert f"telnet at 127.0.0.1:{port}: Address already in use" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
