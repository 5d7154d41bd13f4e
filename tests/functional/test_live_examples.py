"""The two examples in docs/live.md, as they stand there: echo and chat, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.functional.browser import COMES_BACK, Room
from tests.functional.chat_server import ROOT, ChatServer

TEXT = (ROOT / "docs/live.md").read_text()
OPEN = Callable[[str], Room]


def block(language: str, number: int) -> str:
    """One of the page's, in their order."""
    found = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(found[number])


def write(folder: Path, name: str, number: int) -> None:
    """An example's three files."""
    for language, ending in ("python", "py"), ("js", "js"), ("html", "html"):
        (folder / f"{name}.{ending}").write_text(block(language, number))


@pytest.fixture
def serve(tmp_path: Path, chromium: Browser) -> Iterator[OPEN]:
    """Serves an ini that stands beside the examples' files."""
    write(tmp_path, "echobox", 0)
    write(tmp_path, "chatthing", 1)
    opened: list[Room] = []

    def serve(ini: str) -> Room:
        (tmp_path / "live.ini").write_text(ini)
        server = ChatServer(tmp_path, ini=str(tmp_path / "live.ini"))
        server.start()
        room = Room(server, chromium)
        opened.append(room)
        return room

    yield serve
    for room in opened:
        room.close()
        room.server.stop()
        assert room.complaints == []


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_label("Message").press("Enter")


def enter(room: Room, name: str) -> Page:
    page = room.open("/")
    page.get_by_label("Choose your username:").fill(name)
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("heading")).to_have_text(f"Logged in as {name}", timeout=COMES_BACK)
    return page


def test_echo(serve: OPEN) -> None:
    page = serve(block("ini", 0)).open("/")
    expect(page).to_have_title("Echo")
    say(page, "<b>hello</b> \U0001f44b")
    log = page.get_by_role("log")
    expect(log).to_have_text("You said: <b>hello</b> \U0001f44b", timeout=COMES_BACK)
    expect(page.get_by_label("Message")).to_have_value("")
    say(page, "again")
    expect(log).to_contain_text("You said: again", timeout=COMES_BACK)


def test_chat(serve: OPEN) -> None:
    room = serve(block("ini", 0).replace("echobox.EchoElement", "chatthing.ChatterElement"))
    bob = enter(room, "bob")
    expect(bob.get_by_label("Choose your username:")).to_be_hidden()
    ann = enter(room, "ann")
    say(ann, "hello, bob")
    expect(bob.get_by_role("log")).to_contain_text("hello, bob", timeout=COMES_BACK)
    say(bob, "hello, ann")
    expected = ["* user ann has joined the room", "ann: hello, bob", "bob: hello, ann"]
    for page, before in (bob, ["* user bob has joined the room"]), (ann, []):
        said = re.compile(r"\s*".join(map(re.escape, [*before, *expected])))
        expect(page.get_by_role("log")).to_have_text(said, timeout=COMES_BACK)


def test_both_are_on_one_page_and_share_a_channel(serve: OPEN) -> None:
    names = "echobox.EchoElement\n    chatthing.ChatterElement"
    room = serve(block("ini", 0).replace("echobox.EchoElement", names))
    context = room.context()
    page = context.new_page()
    opened = []
    page.on("request", lambda request: opened.append(request.url.rpartition("/")[2]))
    page.goto("/")
    echo, chat = page.locator("[data-athena]").all()
    echo.get_by_label("Message").fill("one")
    echo.get_by_label("Message").press("Enter")
    expect(echo.get_by_role("log")).to_have_text("You said: one", timeout=COMES_BACK)
    chat.get_by_label("Choose your username:").fill("ann")
    chat.get_by_label("Choose your username:").press("Enter")
    expect(chat.get_by_role("log")).to_contain_text("ann has joined", timeout=COMES_BACK)
    expect(echo.get_by_role("log")).to_have_text("You said: one")
    assert opened.count("open") == 1
