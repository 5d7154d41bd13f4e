"""The administrator in a browser, of a server that ``paster setup-app`` has prepared."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.functional.browser import Room
from tests.functional.chat_server import SCRIPTS, ChatServer

PASSWORD = "correct horse battery"
INI = "[app:main]\nuse = egg:ChatApp\nchat.data = %(here)s/data\n"
VIEWS = ["Rooms", "People", "Wall", "Server", "Audit log"]
# What the browser itself says of an answer that a test has asked for.
REFUSED = re.compile(r"error: Failed to load resource: .* status of (401|403|404|409|429)\b")
# Milliseconds from one refresh to the next, and a little.
TICK = 4_100


class Admin:
    """One tab with the administrator's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.name = page.get_by_label("Name", exact=True)
        self.password = page.get_by_label("Password")
        self.said = page.locator("#said")
        self.state = page.locator("#state")
        self.alert = page.locator("[role=alert]:visible")
        self.dialog = page.get_by_role("dialog")

    def log_in(self, password: str = PASSWORD, name: str = "admin") -> None:
        self.name.fill(name)
        self.password.fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def is_in(self) -> None:
        expect(self.page.get_by_role("button", name="Log out")).to_be_visible()
        expect(self.state).to_contain_text("As of")

    def is_out(self) -> None:
        expect(self.password).to_be_visible()
        expect(self.page.get_by_role("navigation")).to_be_hidden()

    def view(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()
        expect(self.page.get_by_role("heading", name=name, exact=True)).to_be_focused()
        self.refreshed()

    def refreshed(self) -> None:
        """What is shown is newer than this call: the page's clock has moved to its next refresh."""
        self.state.evaluate("state => { state.textContent = '' }")
        self.page.clock.fast_forward(TICK)
        expect(self.state).to_contain_text("As of", timeout=10_000)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def rows(self, caption: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("table", name=caption).locator("tbody tr")

    def notes(self) -> list[tuple[str, str]]:
        """What the audit log has of them: action and target, the oldest first."""
        first, *notes = reversed(self.page.request.get("/api/audit").json()["notes"])
        assert first["action"] == "administrator.appoint"
        assert {note["who"] for note in notes if note["action"] != "login.refused"} == {"admin"}
        return [(note["action"], note["target"]) for note in notes]


class Site(Room):
    """The room of an administrator, whose pages have a clock that a test can move."""

    def log_in(self, **options: Any) -> Admin:
        admin = self.come(**options)
        admin.log_in()
        admin.is_in()
        return admin

    def come(self, **options: Any) -> Admin:
        context = self.context(**options)
        context.clock.install()
        return Admin(self._go(context.new_page(), "/admin/"))

    def another_tab(self, admin: Admin) -> Admin:
        return Admin(self._go(admin.page.context.new_page(), "/admin/"))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a server that ``paster setup-app`` has prepared, once for all."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "password").write_text(PASSWORD)
    (folder / "some.ini").write_text(INI)
    subprocess.run(
        [str(SCRIPTS / "paster"), "setup-app", str(folder / "some.ini")],
        env={**os.environ, "CHATAPP_ADMIN_PASSWORD_FILE": str(folder / "password")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return folder / "data"


@contextlib.contextmanager
def serving(folder: Path, prepared: Path, chromium: Browser) -> Iterator[Site]:
    """In this folder, with what is prepared; nobody complains but of refusals."""
    shutil.copytree(prepared, folder / "data")
    server = ChatServer(folder)
    server.start()
    site = Site(server, chromium)
    yield site
    site.close()
    server.stop()
    assert [each for each in site.complaints if not REFUSED.match(each)] == []


@pytest.fixture
def site(tmp_path: Path, prepared: Path, chromium: Browser) -> Iterator[Site]:
    with serving(tmp_path, prepared, chromium) as site:
        yield site
