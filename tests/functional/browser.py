"""A room seen through real browsers (Debian's Chromium, by Playwright) and through curl.

The fixture `room` lets people in. Whatever a page complains of in its console (an error, a
breach of the content security policy) fails the test at its end, but for requests that fail
because the test has stopped the server or taken the name.
"""

import http.cookiejar
import re
import secrets
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Route,
    expect,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The longest back-off, and a little for the page to draw.
COMES_BACK = 20_000
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [
    (320, "light"),
    (320, "dark"),
    (1280, "dark"),
    (1280, "light"),
]
ENTER = re.compile(r"/chat/pull/")
POLL = re.compile(r"/api/events\?")
SAY = re.compile(r"/api/rooms/\d+/messages$")
FAILED_REQUEST = re.compile(
    r"Failed to load resource: (net::ERR_|.* status of (400|409)\b)"
    r"|WebSocket connection to .* failed: .*net::ERR_"
)
# A server that was started anew does not know the channel of a live page.
LOST_CHANNEL = re.compile(r".*/(poll|send) Failed to load resource: .* status of 404\b")


class ChatServer(Protocol):
    """What the fixture `chat_server` is."""

    url: str

    def start(self) -> None: ...
    def stop(self) -> None: ...


class Curl:
    """One cookie jar, as `curl -c jar -b jar` has it."""

    def __init__(self, url: str, nick: str) -> None:
        self.url, self.nick = url, nick
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def pull(self, room: int = 1) -> str:
        return self._ask(f"pull/{urllib.parse.quote(self.nick)}?room={room}")

    def push(self, text: str, room: int = 1) -> str:
        return self._ask(f"push?room={room}", text.encode())

    def push_lines(self, count: int) -> None:
        for n in range(count):
            self.push(f"line {n}")

    def _ask(self, what: str, said: bytes | None = None) -> str:
        with self._opener.open(f"{self.url}/chat/{what}", data=said) as answer:
            return str(answer.read(), "utf-8")


class Person:
    """One tab with the chat page, and what its reader sees there."""

    def __init__(self, page: Page, nick: str) -> None:
        self.page, self.nick = page, nick
        self.box = page.get_by_role("textbox", name="Message")
        self.send = page.get_by_role("button", name="Send")
        self.log = page.get_by_role("log")
        self.messages = self.log.locator(".lines .message")
        self.texts = self.messages.locator(".text")
        self.senders = self.messages.locator(".sender")
        self.notices = self.log.locator(".lines .notice:not(.join, .leave)")
        self.status = page.get_by_role("status")
        self.note = page.get_by_role("alert")
        self.outgoing = self.log.locator(".outgoing :is(.text, .notice)")
        self.pending = self.log.locator(".outgoing .late :is(.text, .notice)")
        self.fates = self.log.locator(".outgoing .fate")
        self.unseen = page.get_by_role("button", name=re.compile(r"\d+ new message"))

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def sees(self, *texts: str) -> None:
        """Exactly these messages are there, in this order."""
        expect(self.texts).to_have_text(list(texts), timeout=COMES_BACK)

    def is_connected(self) -> None:
        expect(self.status).to_have_text("Connected", timeout=COMES_BACK)

    def is_lost(self) -> None:
        expect(self.status).to_contain_text("Connection lost, trying again", timeout=COMES_BACK)

    def scroll_to_top(self) -> None:
        self.log.evaluate("log => { log.scrollTop = 0 }")
        expect(self.log).to_have_js_property("scrollTop", 0)

    def hide(self, hidden: bool) -> None:
        """As if another tab came before this one, or this one came back."""
        self.page.evaluate(
            """hidden => {
                Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

    def distance_from_end(self) -> float:
        distance = "log => log.scrollHeight - log.clientHeight - log.scrollTop"
        return float(self.log.evaluate(distance))


class Room:
    """Lets browsers and curl in, each under a name of its own."""

    def __init__(self, server: ChatServer, browser: Browser) -> None:
        self.server, self.browser = server, browser
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    def context(self, **options: Any) -> BrowserContext:
        """A browser session: its own cookies."""
        context = self.browser.new_context(base_url=self.server.url, **options)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._complain("error", str(error.error)))
        context.on("dialog", lambda dialog: self._complain("error", f"dialog {dialog.message}"))
        self._contexts.append(context)
        return context

    def open(self, path: str, **options: Any) -> Page:
        return self._go(self.context(**options).new_page(), path)

    def enter(self, name: str, session: BrowserContext | None = None, **options: Any) -> Person:
        """Goes in by the page's address, and waits until it is connected."""
        person = self.knock(f"{name}-{secrets.token_hex(2)}", session, **options)
        person.is_connected()
        return person

    def knock(self, nick: str, session: BrowserContext | None = None, **options: Any) -> Person:
        """Goes to the page under exactly this name, come what may."""
        page = (session or self.context(**options)).new_page()
        query = urllib.parse.urlencode({"nick": nick})
        return Person(self._go(page, f"/chat/?{query}"), nick)

    def curl(self, name: str) -> Curl:
        curl = Curl(self.server.url, f"{name}-{secrets.token_hex(2)}")
        assert curl.pull() == ""
        return curl

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _go(self, page: Page, path: str) -> Page:
        answer = page.goto(path)
        policy = answer.headers["content-security-policy"] if answer else ""
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if not LOST_CHANNEL.match(f"{message.location['url']} {message.text}"):
            self._complain(message.type, message.text)

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not FAILED_REQUEST.match(text):
            self.complaints.append(f"{kind}: {text}")


def assert_accessible(page: Page) -> None:
    """As it stands when nothing moves any more: a colour on its way to another has no contrast."""
    page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def assert_no_sideways_scrolling(page: Page) -> None:
    for part in (page.locator("html"), *page.get_by_role("log").all()):
        assert _overhang(part) == 0


def assert_good_in_all_looks(page: Page) -> None:
    """Light and dark, narrow and wide; stays in the last of them."""
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 640})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert_accessible(page)
        assert_no_sideways_scrolling(page)


def _overhang(part: Locator) -> int:
    return int(part.evaluate("part => part.scrollWidth - part.clientWidth"))


# What a network or a server may do, as handlers of Playwright's routes.


def hold_the_answer(held: list[Route]) -> Callable[[Route], None]:
    """The server gets the request; the page hears of it when the test says so, or never."""

    def handle(route: Route) -> None:
        route.fetch()
        held.append(route)

    return handle


def answer_twice() -> Callable[[Route], None]:
    """The first answer is given to the request after it as well."""
    answers: list[APIResponse] = []

    def handle(route: Route) -> None:
        if len(answers) == 2:
            return route.continue_()
        answers.append(answers[0] if answers else route.fetch())
        return route.fulfill(response=answers[0])

    return handle


def miss_seven(route: Route) -> None:
    """The server has had to let seven messages go before those that it sends."""
    answer = route.fetch()
    body = answer.json()
    for message in body["messages"]:
        body["gaps"][message["room"]] = {"missed": 7, "restarted": False}
    route.fulfill(response=answer, json=body)


def flood(count: int) -> Callable[[Route], None]:
    """One answer brings so many lines, and a message to all at their end; the others nothing."""

    def handle(route: Route) -> None:
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(route.request.url).query)
        place, _, seq = asked["cursor"][0].partition(".")
        message = {"room": int(asked["rooms"][0]), "time": 1_763_630_000_123_456, "sender": "eve"}
        said = [
            {**message, "seq": int(seq) + n, "kind": "say", "text": f"line {n}"}
            for n in range(1, count + 1)
        ]
        end = int(seq) + count + 1
        said.append({**message, "seq": end, "kind": "wall", "text": "tea is ready"})
        if asked.get("wait") != ["0"]:  # nor who only looks what is unread
            said, end = [], int(seq)
        route.fulfill(json={"messages": said, "cursor": f"{place}.{end}", "gaps": {}})

    return handle


# Playwright's loop runs in this thread while it is open, and asyncio tests of other modules
# would not start under it: no wider scope than a module.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def room(chat_server: ChatServer, chromium: Browser) -> Iterator[Room]:
    room = Room(chat_server, chromium)
    yield room
    room.close()
    assert room.complaints == []
