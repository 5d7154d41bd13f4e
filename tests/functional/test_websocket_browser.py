"""WebSockets as a page has them: Chromium's `WebSocket`, with curl in the same room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.functional.browser import COMES_BACK, Room

OPEN = """protocols => new Promise(opened => {
    window.heard = [];
    window.socket = new WebSocket(location.origin.replace("http", "ws") + "/ws", protocols);
    socket.onmessage = ({ data }) => heard.push(data);
    socket.onclose = ({ code, wasClean }) => { window.ending = [code, wasClean]; opened(null) };
    socket.onopen = () => opened(socket.protocol);
    socket.onerror = () => opened("an error");
    setTimeout(() => opened("nothing"), 20_000);
})"""


class Tab:
    """A page, and the WebSocket that a script of it has opened."""

    def __init__(self, page: Page, *protocols: str) -> None:
        self._page = page
        self.protocol = page.evaluate(OPEN, list(protocols))

    def send(self, text: str) -> None:
        self._page.evaluate("text => socket.send(text)", text)

    def hears(self, text: str) -> str:
        """Wait for a message with this in it; gives all of that."""
        found = "text => window.heard.find(each => each.includes(text))"
        return str(self._page.wait_for_function(found, arg=text, timeout=COMES_BACK).json_value())

    def is_closed(self) -> Any:
        """Wait until it is; gives the code, and whether that was by a handshake."""
        closed = self._page.wait_for_function("() => window.ending", timeout=COMES_BACK)
        return closed.json_value()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The address of another site's page."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    (folder / "favicon.ico").touch()
    server = HTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_text_goes_both_ways_between_a_page_and_curl(room: Room) -> None:
    bob = room.curl("bob")
    tab = Tab(room.open("/"))
    assert tab.protocol == ""
    bob.push("hello, page \U0001f44b")
    assert tab.hears("hello, page") == f"{bob.nick}: hello, page \U0001f44b"
    tab.send("/nick ann")
    assert tab.hears("ann") == " * user ann has joined the room"
    tab.send("hello, curl")
    assert tab.hears("hello, curl") == "ann: hello, curl"
    assert bob.pull().endswith("ann: hello, curl\r\n")


def test_json_goes_both_ways_between_a_page_and_curl(room: Room) -> None:
    bob = room.curl("bob")
    tab = Tab(room.open("/"), "chat.v2.json", "chat.v1.json")
    assert tab.protocol == "chat.v1.json"
    assert '"room":{"id":1,"name":"main"}' in tab.hears('"type":"hello"')
    bob.push("hello, page")
    assert f'"sender":"{bob.nick}"' in tab.hears("hello, page")
    tab.send('{"type": "say", "text": "hello, curl", "id": "7"}')
    assert '"new":true' in tab.hears('"id":"7"')
    assert bob.pull().endswith(": hello, curl\r\n")


def test_a_page_and_its_websocket_are_one_person(room: Room) -> None:
    ann = room.enter("ann")
    tab = Tab(ann.page)
    tab.send("hello from the script")
    ann.sees("hello from the script")
    assert tab.hears("hello from") == f"{ann.nick}: hello from the script"


@pytest.mark.case(38)
@pytest.mark.parametrize("protocols", [[], ["chat.v1.json"]])
def test_a_page_is_told_that_the_server_goes_down(room: Room, protocols: list[str]) -> None:
    tab = Tab(room.open("/"), *protocols)
    tab.send("x")
    tab.hears("")
    room.server.stop()
    assert tab.is_closed() == [1001, True]


@pytest.mark.case(44)
def test_a_page_of_another_site_is_refused(room: Room, elsewhere: str) -> None:
    own = Tab(room.open("/"))
    page = room.context().new_page()
    page.goto(elsewhere)
    address = room.server.url.replace("http", "ws")
    opening = OPEN.replace('location.origin.replace("http", "ws")', f'"{address}"')
    assert page.evaluate(opening, []) == "an error"
    page.wait_for_function("() => window.ending", timeout=COMES_BACK)
    assert page.evaluate("() => [ending, heard]") == [[1006, False], []]
    own.send("nobody has come")
    own.hears("nobody has come")
    (complaint,) = room.complaints
    assert re.search("WebSocket connection to .* Unexpected response code: 403", complaint)
    room.complaints.clear()
