"""Health, figures and the live view of a real server, asked by curl."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.functional.chat_server import ChatServer

TOKEN = "a-token-of-sixteen-letters"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChatServer]:
    environment = {"CHAT_ADMIN_TOKEN": TOKEN, "CHAT_STATUS_FROM": "127.0.0.1"}
    server = ChatServer(tmp_path, environment)
    server.start()
    yield server
    server.stop()


def curl(server: ChatServer, path: str, *options: str) -> subprocess.Popen[bytes]:
    command = ["curl", "-sS", "-m", "30", "-w", "\n%{http_code}", *options, server.url + path]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def answer(asked: subprocess.Popen[bytes], body: bytes | None = None) -> tuple[int, str]:
    """Status and body."""
    output, _ = asked.communicate(body, timeout=30)
    text, _, status = output.decode().rpartition("\n")
    return int(status), text


def get(server: ChatServer, path: str, *options: str) -> tuple[int, str]:
    return answer(curl(server, path, *options))


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def figures(server: ChatServer) -> dict[str, float]:
    status, text = get(server, "/metrics")
    assert status == 200
    families = text_string_to_metric_families(text)
    return {sample.name: sample.value for family in families for sample in family.samples}


def park(server: ChatServer, folder: Path) -> subprocess.Popen[bytes]:
    """A pull that waits."""
    jar = str(folder / "jar")
    assert get(server, "/chat/pull/ann", "-c", jar) == (200, "")
    get(server, "/chat/pull?timeout=0", "-b", jar)  # its own coming
    poll = curl(server, "/chat/pull", "-b", jar)
    until(lambda: figures(server)["cogen_requests_parked"] == 1)
    return poll


def test_while_it_ends_it_is_alive_and_not_ready(server: ChatServer, tmp_path: Path) -> None:
    assert get(server, "/healthz") == get(server, "/readyz") == (200, "ok\r\n")
    poll = park(server, tmp_path)
    before = figures(server)["cogen_connections"]
    # Open connections: the requests' heads are sent, and the end of their bodies is not.
    upload = ("-X", "GET", "-T", "-", "-H", "Expect:")
    asked = {path: curl(server, path, *upload) for path in ("/healthz", "/readyz")}
    until(lambda: figures(server)["cogen_connections"] == before + 2)
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    assert answer(poll) == (200, "")
    assert answer(asked["/readyz"], b"") == (
        503,
        "503 Service Unavailable: The server is being stopped.\r\n",
    )
    assert answer(asked["/healthz"], b"") == (200, "ok\r\n")
    assert server.process.wait(20) == 0


def test_who_is_parked_is_seen_and_can_be_woken(server: ChatServer, tmp_path: Path) -> None:
    poll = park(server, tmp_path)
    status, text = get(server, "/status?transport=pull")
    (client,) = json.loads(text)["clients"]
    assert (status, client["name"], client["address"]) == (200, "ann", "127.0.0.1")
    path = f"/status/{client['number']}/wake"
    assert get(server, path, "-X", "POST")[0] == 401
    authorization = ("-H", f"Authorization: Bearer {TOKEN}")
    assert get(server, path, "-X", "POST", *authorization) == (204, "")
    assert answer(poll) == (200, "")


def test_the_figures_are_those_of_the_process(server: ChatServer) -> None:
    assert get(server, "/chat/push", "-d", "hello")[0] == 200
    found = figures(server)
    assert found["chat_messages_total"] == found["chat_commit_seconds_count"] == 1
    assert found["process_resident_memory_bytes"] > 10_000_000
    assert found["cogen_connections_accepted_total"] >= 2
