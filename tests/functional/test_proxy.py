"""The chat behind nginx and Caddy, as the how-to sets them up: TLS, polls, events, WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.functional.chat_server import ChatServer, free_port, reachable
from tests.functional.documents import blocks
from tests.functional.servers import trusting, write_certificate

AROUND = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {example}
}}
"""

ALONE = """
{
    admin off
    auto_https off
    grace_period 1s
}
"""


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[ChatServer]:
    server = ChatServer(tmp_path, ini="production.ini")
    server.start()
    yield server
    server.stop()


def nginx(folder: Path, example: str) -> list[str]:
    """The command that serves the example."""
    configuration = folder / "nginx.conf"
    configuration.write_text(AROUND.format(folder=folder, example=example))
    command = [program("nginx"), "-e", f"{folder}/errors", "-c", str(configuration)]
    looked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert looked.returncode == 0, looked.stderr
    assert "warn" not in looked.stderr
    return command


def caddy(folder: Path, example: str) -> list[str]:
    configuration = folder / "Caddyfile"
    configuration.write_text(f"{ALONE}{example}")
    command = [program("caddy"), "run", "--config", str(configuration), "--adapter", "caddyfile"]
    looked = subprocess.run(
        [command[0], "validate", *command[2:]], capture_output=True, text=True, env=home(folder)
    )
    assert looked.returncode == 0, looked.stderr
    return command


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    assert found, f"{name} is not installed: scripts/system-packages"
    return found


def home(folder: Path) -> dict[str, str]:
    """Where a program keeps what it would keep in its user's home."""
    return {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}


PROXIES = {
    "nginx": (
        nginx,
        {
            "listen 443 ssl": "listen 127.0.0.1:{port} ssl",
            "127.0.0.1:5001": "127.0.0.1:{chat}",
            "/etc/ssl/chat.example.pem": "{certfile}",
            "/etc/ssl/chat.example.key": "{keyfile}",
        },
    ),
    "caddy": (
        caddy,
        {
            # It would fetch a certificate, and listen everywhere.
            "chat.example {": "https://127.0.0.1:{port}, https://localhost:{port} {{\n"
            "    bind 127.0.0.1\n    tls {certfile} {keyfile}",
            "127.0.0.1:5001": "127.0.0.1:{chat}",
        },
    ),
}


@pytest.fixture(params=PROXIES)
def port(request: pytest.FixtureRequest, tmp_path: Path, chat: ChatServer) -> Iterator[int]:
    """Where the proxy listens."""
    prepare, changes = PROXIES[request.param]
    port = free_port()
    places = {"port": port, "chat": chat.port, **write_certificate(tmp_path)}
    (example,) = blocks("howto/proxy.md", request.param)
    for said, here in changes.items():
        assert example.count(said) == 1, said
        example = example.replace(said, here.format(**places))
    command = prepare(tmp_path, example)
    errors = tmp_path / "printed"
    with errors.open("wb") as printed:
        process = subprocess.Popen(command, stdout=printed, stderr=printed, env=home(tmp_path))
    deadline = time.monotonic() + 20
    while not reachable(port):
        assert process.poll() is None, errors.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield port
    process.terminate()
    process.wait(20)


@contextlib.contextmanager
def asked(
    port: int, method: str, target: str, body: str | None = None, **headers: str
) -> Iterator[http.client.HTTPResponse]:
    """An answer, whose body may still be coming."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=trusting())
    with contextlib.closing(connection):
        connection.request(method, target, body, headers)
        with connection.getresponse() as answer:
            yield answer


def test_who_asks_and_how_is_what_the_proxy_says(port: int, chat: ChatServer) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
    with asked(port, "GET", "/chat/pull/ann", **forged) as answer:
        assert answer.status == 200
        assert "; Secure" in answer.headers["Set-Cookie"]
    with asked(port, "POST", "/admin/logout", **forged) as answer:
        assert answer.status == 204
        assert answer.headers["Set-Cookie"].endswith("; HttpOnly; SameSite=Strict; Secure")
    with asked(port, "GET", "/metrics") as answer:
        assert answer.status == 404
    assert chat.stop() == 0
    log = chat.log.read_text()
    assert '"GET /chat/pull/ann HTTP/1.1" 200' in log
    assert "203.0.113.9" not in log


def test_events_come_as_they_happen(port: int) -> None:
    with asked(port, "GET", "/api/rooms/1/events") as stream:
        assert stream.readline() == b"retry: 3000\n"
        with asked(port, "POST", "/chat/push", "hello") as answer:
            assert answer.read() == b"ok 1\r\n"
        while not (line := stream.readline()).startswith(b"data: "):
            assert line
        assert b'"text":"hello"' in line


def test_websockets_of_its_own_pages_pass_and_of_others_do_not(port: int) -> None:
    def opening(origin: Any) -> connect:
        # Not with threads: before Python 3.13 two of them at one TLS connection may hang.
        return connect(f"wss://127.0.0.1:{port}/ws", ssl=trusting(), origin=origin, proxy=None)

    async def visit() -> None:
        async with asyncio.timeout(20), opening(f"https://127.0.0.1:{port}") as room:
            await room.send("hello")
            assert str(await room.recv()).endswith(": hello")
        with pytest.raises(InvalidStatus) as refused:
            await opening("https://elsewhere.example")
        assert refused.value.response.status_code == 403

    asyncio.run(visit())
