"""Fifty tabs of one browser on one room: what they cost the server, and that all of them hear."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.functional.browser import CHROMIUM, FLAGS, Room
from tests.functional.chat_server import ChatServer
from tests.functional.rooms_pages import TOKEN, administer, connections, go

# Seconds that a connection stays open for the next request; 75 where nobody has set it.
KEPT = 2


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One process for the tabs of a site, where they are many."""
    with sync_playwright() as playwright:
        flags = [*FLAGS, "--process-per-site"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def chat_server(tmp_path: Path) -> Iterator[ChatServer]:
    environment = {"CHAT_ADMIN_TOKEN": TOKEN, "COGEN_KEEP_ALIVE": str(KEPT)}
    server = ChatServer(tmp_path, environment)
    server.start()
    yield server
    server.stop()


def settle(port: int, most: int) -> None:
    """What the loading of pages has left open for a next request goes; what they need stays."""
    deadline = time.monotonic() + 20
    while connections(port) > most:
        assert time.monotonic() < deadline, connections(port)
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("path", "transport", "count"),
    [("/chats/1/", "websocket", 50), ("/chats/long_poll/1/", "poll", 5)],
)
def test_many_tabs_have_two_connections_and_all_hear(
    room: Room, chat_server: ChatServer, path: str, transport: str, count: int
) -> None:
    session = room.context()
    tabs = [go(room, path, "bob", session) for _ in range(count)]
    eve = room.curl("eve")
    settle(chat_server.port, most=1)
    readers = administer(room, "GET", "/status?limit=1000")["clients"]
    assert [each["transport"] for each in readers if each["readers"]] == [transport]

    said = ["to all of them"]
    eve.push(said[0])
    for n, tab in enumerate(tabs[:5]):
        said.append(f"from tab {n}")
        tab.say(said[-1])
        tabs[-1].sees(*said)
        assert connections(chat_server.port) <= 2  # by the second they speak

    tabs.pop(0).page.close()  # the one that had it
    for n in range(5):
        said.append(f"again {n}")
        eve.push(said[-1])
    for tab in tabs:
        tab.sees(*said)
    settle(chat_server.port, most=1)
