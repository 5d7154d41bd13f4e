"""People on the pages of the rooms, and an administrator with a token beside them."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.functional.browser import COMES_BACK, Person, Room
from tests.functional.chat_server import ChatServer

TOKEN = "0123456789abcdef"


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    """With an administrator."""
    server = ChatServer(tmp_path, {"CHAT_ADMIN_TOKEN": TOKEN})
    server.start()
    yield server
    server.stop()


def administer(room: Room, method: str, path: str, content: object = None) -> Any:
    where = urllib.parse.urlsplit(room.server.url)
    connection = http.client.HTTPConnection(where.netloc, timeout=20)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    body = None if content is None else json.dumps(content)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status < 300, text
    return json.loads(text) if text else None


def add_rooms(room: Room, *names: str) -> None:
    for name in names:
        administer(room, "POST", "/api/rooms", {"name": name})


def go(room: Room, path: str, nick: str, session: BrowserContext | None = None) -> Person:
    """A person on a room's page, connected."""
    page = (session or room.context()).new_page()
    person = Person(page, nick)
    page.goto(f"{path}?nick={nick}")
    person.is_connected()
    return person


def carried_by(person: Person, transport: str) -> None:
    expect(person.page.locator("#by")).to_have_text(f"by {transport}", timeout=COMES_BACK)
    person.is_connected()


def connections(port: int) -> int:
    """How many TCP connections to a server of this machine stand open, whatever they are for."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ends = (line.split()[1:4] for line in lines)  # our end, theirs, the state
    return sum(ours.endswith(f":{port:04X}") and state == "01" for ours, _, state in ends)
