"""Fifty tabs of one browser on one room: what they cost the server, and that all of them hear."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.functional.browser import Person, Room
from tests.functional.chat_server import ChatServer
from tests.functional.rooms_pages import TOKEN, administer, connections, go

# Seconds that a connection stays open for the next request; 75 where nobody has set it.
KEPT = 2


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    environment = {"CHAT_ADMIN_TOKEN": TOKEN, "COGEN_KEEP_ALIVE": str(KEPT)}
    server = ChatServer(tmp_path, environment)
    server.start()
    yield server
    server.stop()


def more(session: BrowserContext, path: str, count: int) -> list[Person]:
    """So many tabs, which load at the same time."""
    tabs = [Person(session.new_page(), "bob") for _ in range(count)]
    for tab in tabs:
        tab.page.goto(f"{path}?nick=bob", wait_until="commit")
    for tab in tabs:
        tab.is_connected()
    return tabs


def settle(port: int, most: int) -> None:
    """What the loading of pages has left open for a next request goes; what they need stays."""
    deadline = time.monotonic() + 20
    while connections(port) > most:
        assert time.monotonic() < deadline, connections(port)
        time.sleep(0.1)


def hear(tabs: list[Person], *said: str) -> None:
    for tab in tabs:
        tab.sees(*said)


@pytest.mark.parametrize(
    ("path", "transport", "count"),
    [("/chats/1/", "websocket", 50), ("/chats/long_poll/1/", "poll", 12)],
)
def test_many_tabs_have_two_connections_and_all_hear(
    room: Room, chat_server: ChatServer, path: str, transport: str, count: int
) -> None:
    session = room.context()
    tabs = [go(room, path, "bob", session), *more(session, path, count - 1)]
    eve = room.curl("eve")
    settle(chat_server.port, most=1)
    readers = administer(room, "GET", "/status?limit=1000")["clients"]
    assert [each["transport"] for each in readers if each["readers"]] == [transport]

    eve.push("to all of them")
    hear(tabs, "to all of them")
    most = 0
    for n, tab in enumerate(tabs[:5]):
        tab.say(f"from tab {n}")
        tabs[-1].log.get_by_text(f"from tab {n}").wait_for()
        most = max(most, connections(chat_server.port))
    assert most == 2  # by the second they speak
    said = ["to all of them", *(f"from tab {n}" for n in range(5))]
    hear(tabs, *said)

    tabs.pop(0).page.close()  # the one that had it
    for n in range(5):
        eve.push(f"again {n}")
        said.append(f"again {n}")
    hear(tabs, *said)
    settle(chat_server.port, most=1)
