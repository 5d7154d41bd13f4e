"""The chat from a shell: curl, paster and pserve, signals and restarts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ROOT, SCRIPTS, ChatServer, free_port

START = Callable[..., ChatServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[START]:
    """Starts servers; ends those that are still there."""
    servers: list[ChatServer] = []

    def start(**options: object) -> ChatServer:
        server = ChatServer(tmp_path, **options)  # type: ignore[arg-type]
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


class Shell:
    """curl with a cookie jar."""

    def __init__(self, server: ChatServer, folder: Path, jar: str) -> None:
        self._server = server
        self._jar = str(folder / jar)

    def begin(self, path: str, *options: str) -> subprocess.Popen[bytes]:
        command = ["curl", "-s", "-i", "-c", self._jar, "-b", self._jar, *options]
        return subprocess.Popen([*command, self._server.url + path], stdout=subprocess.PIPE)

    def run(self, path: str, *options: str) -> tuple[int, bytes]:
        """Status and body."""
        return result(self.begin(path, *options))


def result(curl: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    output, _ = curl.communicate(timeout=30)
    head, _, body = output.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def test_curl_waits_and_hears_within_fifty_milliseconds(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    bob, eve = Shell(chat_server, tmp_path, "j"), Shell(chat_server, tmp_path, "k")
    began = time.monotonic()
    assert bob.run("/chat/pull/bob") == (200, b"")
    assert eve.run("/chat/pull/eve") == (200, b"")
    assert time.monotonic() - began < 5  # at once: it does not wait
    assert bob.run("/chat/pull") == (200, b" * user eve has joined the room\r\n")
    delays = []
    for _ in range(8):
        waiting = bob.begin("/chat/pull/bob")
        time.sleep(0.2)
        assert waiting.poll() is None
        status, said = eve.run("/chat/push", "-d", "hello")
        pushed = time.monotonic()
        assert result(waiting) == (200, b"eve: hello\r\n")
        delays.append(time.monotonic() - pushed)
        assert (status, said) == (200, b"ok %d\r\n" % (2 + len(delays)))
    assert min(delays) < 0.05, delays


def test_without_a_message_curl_waits_for_the_time_that_is_set(
    start: START, tmp_path: Path
) -> None:
    bob = Shell(start(environment={"CHAT_PULL_TIMEOUT": "0.7"}), tmp_path, "j")
    bob.run("/chat/pull/bob")
    began = time.monotonic()
    assert bob.run("/chat/pull/bob") == (200, b"")
    assert 0.65 < time.monotonic() - began < 5


def test_curl_interrupted_while_it_waits_loses_nothing(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    bob, eve = Shell(chat_server, tmp_path, "j"), Shell(chat_server, tmp_path, "k")
    bob.run("/chat/pull/bob")
    waiting = bob.begin("/chat/pull")
    time.sleep(0.2)
    waiting.send_signal(signal.SIGINT)
    waiting.communicate()
    eve.run("/chat/push", "-d", "hello")
    assert bob.run("/chat/pull")[1].endswith(b": hello\r\n")
    assert bob.run("/chat/pull?timeout=0") == (200, b"")


def test_a_message_arrives_whole_where_bodies_are_streamed(start: START, tmp_path: Path) -> None:
    shell = Shell(start(environment={"COGEN_STREAM_BODIES": "true"}), tmp_path, "jar")
    assert shell.run("/chat/pull/bob") == (200, b"")
    assert shell.run("/chat/push", "-d", "x" * 8192) == (200, b"ok 2\r\n")
    assert shell.run("/chat/pull") == (200, b"bob: " + b"x" * 8192 + b"\r\n")


@pytest.mark.parametrize("ini", ["test.ini", "development.ini"])
def test_pserve_serves_the_same_files(start: START, tmp_path: Path, ini: str) -> None:
    server = start(command="pserve", ini=ini)
    bob = Shell(server, tmp_path, "j")
    assert bob.run("/chat/push", "-d", "hello") == (200, b"ok 1\r\n")
    assert b"<html" in bob.run("/")[1]


def test_host_overrides_the_file(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "HOST": "127.0.0.2", "PORT": str(port), "TELNET_PORT": "0"}
    environment["CHAT_DATA"] = str(tmp_path)
    command = [str(SCRIPTS / "paster"), "serve", "test.ini"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.2", port)) == 0:
                    break
            time.sleep(0.02)
        with socket.socket() as sock:
            assert sock.connect_ex(("127.0.0.1", port)) != 0
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=30)
    assert f"http://127.0.0.2:{port}".encode() in output
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_answers_those_who_wait_at_once_and_ends_the_server_with_0(
    start: START, tmp_path: Path, number: int
) -> None:
    server = start()
    shells = [Shell(server, tmp_path, f"j{n}") for n in range(5)]
    for shell in shells:
        shell.run("/chat/pull")
    waiting = [shell.begin("/chat/pull") for shell in shells]
    time.sleep(0.3)
    began = time.monotonic()
    assert server.stop(number) == 0
    assert time.monotonic() - began < 5
    assert [result(each) for each in waiting] == [(200, b"")] * 5


def test_a_bad_setting_ends_the_start_with_one_line_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_WINDOW", "none")
    monkeypatch.setenv("CHAT_DATA", str(tmp_path))
    ended = subprocess.run(
        [str(SCRIPTS / "pserve"), "test.ini"], cwd=ROOT, capture_output=True, timeout=60
    )
    assert ended.returncode != 0
    assert b"CHAT_WINDOW = 'none'" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_server_that_starts_again_knows_the_names_and_who_had_a_cursor(
    start: START, tmp_path: Path
) -> None:
    server = start()
    bob, reader = Shell(server, tmp_path, "j"), Shell(server, tmp_path, "k")
    bob.run("/chat/pull/bob")
    reader.run("/chat/pull")
    assert server.stop() == 0
    assert (tmp_path / "data" / "secret").stat().st_mode & 0o777 == 0o600
    server.start()
    assert reader.run("/chat/pull") == (200, b"")
    assert bob.run("/chat/push", "-d", "hello again") == (200, b"ok 2\r\n")
    assert reader.run("/chat/pull") == (200, b"bob: hello again\r\n")
    status, body = reader.run("/chat/pull?since=00000000.7")
    assert (status, body.splitlines()[0]) == (200, b"-- the room began anew, resume from 1 --")
