"""The documents tell the truth: nothing that can be set or asked for is missing in them."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from chatapp.config.routing import chat_routes
from chatapp.config.settings import ChatSettings
from cogen.web.gate import Gate, install
from cogen.web.request import Request
from cogen.web.settings import ServerSettings, describe

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def rows(text: str, heading: str) -> dict[str, str]:
    """The first table below a heading: first column to second."""
    section = text.split(heading, 1)[1].split("\n## ", 1)[0]
    cells = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    return {name.strip(" `"): value.strip(" `") for name, value in cells}


@pytest.mark.parametrize(
    ("table", "prefix", "heading"),
    [(ChatSettings, "chat.", "## The chat"), (ServerSettings, "", "## The server")],
)
def test_every_setting_stands_in_the_docs_with_its_default(table, prefix, heading):
    documented = rows((DOCS / "settings.md").read_text(), heading)
    expected = {}
    for name, default, reason in describe(table):
        assert reason, name
        shown = str(default).lower() if isinstance(default, bool) else f"{default}"
        expected[prefix + name] = shown.removesuffix(".0")
    assert documented == expected


def test_every_route_has_a_heading():
    text = (DOCS / "http.md").read_text()
    headings = " ".join(re.findall(r"^#+ .*$", text, re.MULTILINE))
    for path in [*chat_routes(), "/", "/chat/"]:
        assert re.search(re.escape(path.rstrip("/")) + r"[/`<]", headings), path


def test_every_environ_key_has_a_heading():
    text = (DOCS / "cogen.md").read_text()
    environ = {}
    install(environ, Gate(), Request().body)
    for key in environ:
        assert f"### `{key}`" in text, key


@pytest.mark.parametrize("name", ["README.md", "docs/http.md", "docs/settings.md", "docs/cogen.md"])
def test_links_lead_somewhere(name):
    page = ROOT / name
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("name", ["test.ini", "development.ini"])
def test_the_ini_files_name_only_settings_that_there_are(name):
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / name)
    chat = {f"chat.{field}" for field, _, _ in describe(ChatSettings)}
    server = {field for field, _, _ in describe(ServerSettings)}
    for key in parser["app:main"]:
        assert key in chat | {"use"} or key.startswith("pyramid."), key
    assert set(parser["server:main"]) <= server | {"use"}


def test_the_readme_begins_with_the_two_commands_and_curl():
    first_screen = (ROOT / "README.md").read_text().splitlines()[:25]
    text = "\n".join(first_screen)
    for words in ("make serve", "make test", "/chat/pull", "/chat/push", "docs/page.png"):
        assert words in text, words
