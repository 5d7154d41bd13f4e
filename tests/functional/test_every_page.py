"""axe on every page, light and dark, narrow and wide: it finds nothing, nor is anything cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.functional.administrators import Site, prepared, serving
from tests.functional.browser import assert_good_in_all_looks, chromium

__all__ = ["chromium", "prepared"]

SAID = [
    "hello",
    "see https://a.example/a/long/way/to/go?x=1 (and https://аpple.example/)",
    "שלום לכולם",
    "👍🏽",
    "x" * 300,
    "two\nlines",
    "/me waves",
    "to be removed",
]
# As long as a room's name may be.
LONG_NAME = "kitchen" * 28
# What is to be seen there, before axe looks.
OUTSIDE = {
    "/": "#nick",
    "/chat/": "#nick",
    "/chats/": "#rooms li",
    "/chats/7/": "text=There is nothing here",
    "/chatter": "text=Choose your username",
    "/admin/": "#login-form",
}
INSIDE = {
    "/chats/": "text=unread",
    "/chat/?nick=bob": "text=two lines",
    "/chats/1/?nick=bob": "text=two lines",
    "/chats/long_poll/1/?nick=bob": "text=two lines",
    "/chats/2/?nick=bob": "text=has joined the room",
    "/admin/#rooms": f"#rooms-table >> text={LONG_NAME}",
    "/admin/#messages/1": "#messages-table >> text=two lines",
    "/admin/#people": "#sanctions-table >> text=mallory",
    "/admin/#wall": "#wall-form",
    "/admin/#server": "#clients-table tbody tr >> nth=0",
    "/admin/#audit": "#audit-table >> text=room.create",
}


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, prepared: Path, chromium: Browser
) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("every_page"), prepared, chromium) as site:
        yield site


@pytest.fixture(scope="module")
def inside(site: Site) -> BrowserContext:
    """Of an administrator who reads and speaks, too, where something has been said and done."""
    admin = site.log_in()
    session = admin.page.context
    bob = site.knock("bob", session)
    bob.is_connected()
    ann, mallory = site.curl("ann"), site.curl("mallory")
    for text in SAID:
        ann.push(text)
    headers = {"X-CSRF-Token": session.request.get("/admin/session").json()["csrf"]}
    last = session.request.get("/api/rooms/1/messages?limit=1").json()["messages"][0]["seq"]
    for path, content in {
        "/api/rooms": {"name": LONG_NAME},
        "/api/wall": {"text": "tea is ready"},
        "/api/people/sanctions": {
            "kind": "mute",
            "name": mallory.nick,
            "seconds": 600,
            "why": "noise",
            "network": False,
        },
    }.items():
        answer = session.request.post(path, data=content, headers=headers)
        assert answer.ok, answer.text()
    assert session.request.delete(f"/api/rooms/1/messages/{last}", headers=headers).ok
    bob.page.close()
    ann.push("unread")
    return session


def is_good(page: Page, path: str, seen: str) -> None:
    page.goto(path)
    expect(page.locator(seen).first).to_be_visible()
    assert_good_in_all_looks(page)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_page_of_a_stranger(site: Site, path: str) -> None:
    is_good(site.context().new_page(), path, OUTSIDE[path])


@pytest.mark.parametrize("path", INSIDE)
def test_a_page_of_somebody_who_is_in(inside: BrowserContext, path: str) -> None:
    page = inside.new_page()
    is_good(page, path, INSIDE[path])
    page.close()


def test_the_chatter_of_somebody_who_is_in(site: Site, inside: BrowserContext) -> None:
    page = inside.new_page()
    page.goto("/chatter")
    page.get_by_label("Choose your username").fill("zoe")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Logged in as zoe")).to_be_visible()
    site.curl("eve").push_lines(30)
    expect(page.get_by_text("line 29")).to_be_visible()
    assert_good_in_all_looks(page)
