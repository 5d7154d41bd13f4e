"""An evening in the chat: two people on two transports, and an administrator who looks after it."""

from __future__ import annotations

import re
import urllib.parse

from playwright.sync_api import BrowserContext, Page, Request, Response, expect

from tests.functional.administrators import Admin, Site, prepared, site
from tests.functional.browser import chromium
from tests.functional.rooms_pages import carried_by, go

__all__ = ["chromium", "prepared", "site"]

LIST_AGAIN = 5_100  # milliseconds, after which the list of rooms has been asked for


class Watch:
    """What the server refused, and what failed otherwise."""

    def __init__(self) -> None:
        self.refused: list[tuple[int, str]] = []
        self.failed: list[str] = []

    def over(self, session: BrowserContext) -> BrowserContext:
        session.on("response", self._answered)
        session.on("requestfailed", self._fail)
        return session

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.refused.append((answer.status, urllib.parse.urlsplit(answer.url).path))

    def _fail(self, request: Request) -> None:
        # What a page gives up itself, e.g. a poll when it is closed, is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.url}: {request.failure}")


def list_of_rooms(session: BrowserContext) -> Page:
    page = session.new_page()
    page.clock.install()
    page.goto("/chats/")
    expect(page.get_by_role("link", name="main")).to_be_visible()
    return page


def answer(admin: Admin, yes: str) -> None:
    admin.dialog.get_by_role("button", name=yes).click()
    expect(admin.dialog).to_be_hidden()


def sanction(admin: Admin, button: str, reason: str) -> None:
    admin.press(button)
    admin.dialog.get_by_label("Reason").fill(reason)
    admin.dialog.get_by_label("Also for whoever comes from the same network").uncheck()
    answer(admin, "Do it")


def test_two_people_and_an_administrator(site: Site) -> None:
    watch = Watch()
    at_bobs, at_eves = watch.over(site.context()), watch.over(site.context())
    bob = go(site, "/chats/1/", "bob", at_bobs)
    eve = go(site, "/chats/long_poll/1/", "eve", at_eves)
    carried_by(bob, "WebSocket")
    carried_by(eve, "long-poll")
    bob.say("good evening")
    eve.sees("good evening")
    eve.say("and to you")
    for person in (bob, eve):
        person.sees("good evening", "and to you")

    lists = [list_of_rooms(at_bobs), list_of_rooms(at_eves)]
    admin = site.come()
    watch.over(admin.page.context)
    admin.log_in()
    admin.is_in()
    admin.page.get_by_label("A new room’s name").fill("kitchen")
    admin.press("Add the room")
    expect(admin.rows("All rooms, by name")).to_have_count(2)
    for page in lists:
        page.clock.fast_forward(LIST_AGAIN)
        expect(page.get_by_role("link", name="kitchen")).to_be_visible()

    eve.say("a word too many")
    bob.sees("good evening", "and to you", "a word too many")
    admin.page.get_by_role("link", name="Messages main").click()
    said = admin.rows("Newest first").filter(has_text="a word too many")
    said.get_by_role("button").click()
    answer(admin, "Remove the message")
    for person in (bob, eve):
        person.sees("good evening", "and to you", "message removed")
        assert "too many" not in (person.page.text_content("body") or "")

    admin.view("People")
    sanction(admin, "Mute bob", "Let the others speak.")
    bob.say("am I heard?")
    told = re.compile("You may not speak in this room for 10 minutes: Let the others speak")
    expect(bob.page.get_by_text(told).first).to_be_visible()
    eve.say("he is not")
    bob.sees("good evening", "and to you", "message removed", "he is not")
    eve.sees("good evening", "and to you", "message removed", "he is not")

    admin.view("Wall")
    admin.page.get_by_label("To everybody in all rooms").fill("Tea is ready.")
    admin.press("Send to all rooms")
    for person in (bob, eve):
        expect(person.log.locator(".wall")).to_have_text("Tea is ready.")

    admin.view("People")
    sanction(admin, "Send out eve", "Good night.")
    dialog = eve.page.get_by_role("dialog", name="You cannot come in")
    expect(dialog).to_contain_text("You may not be in this room for 10 minutes: Good night.")
    expect(bob.log.get_by_text("eve has left the room")).to_be_visible()

    assert admin.notes() == [
        ("login", ""),
        ("room.create", "room 2"),
        ("message.remove", "room 1"),
        ("person.mute", "bob"),
        ("wall", ""),
        ("person.out", "eve"),
    ]
    assert watch.failed == []
    speaking, reading = (403, "/api/rooms/1/messages"), (403, "/api/events")
    assert set(watch.refused) == {speaking, reading}
