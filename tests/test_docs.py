"""The documents tell the truth: nothing that can be set or asked for is missing in them."""

from __future__ import annotations

import re
from configparser import ConfigParser
from dataclasses import fields
from functools import reduce
from operator import or_
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chatapp.config.live import live_routes
from chatapp.config.routing import chat_routes
from chatapp.config.settings import (
    ChatSettings,
    DatabaseSettings,
    ElementSettings,
    LiveSettings,
    TelnetSettings,
)
from chatapp.controllers.live import CHAT
from chatapp.lib.schemas import ClientStatus, Status, Totals
from chatapp.lib.session import KEY
from chatapp.lib.socket_schemas import FROM_CLIENT, FROM_SERVER
from cogen.core.pubsub import LogStatistics
from cogen.core.queue import QueueStatistics
from cogen.core.schedulers import Statistics as SchedulerStatistics
from cogen.web.django import DjangoSettings
from cogen.web.flags import flag_names
from cogen.web.settings import ServerSettings, describe
from cogen.web.static import StaticSettings
from cogen.web.statistics import ServerStatistics
from cogen.web.threaded import ThreadedSettings
from cogen.web.websocket import KEY as WEBSOCKET
from tests.chatapp.harness import ADMIN, Site

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(["README.md", *(str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md"))])


def rows(text: str, heading: str) -> dict[str, str]:
    """The first table below a heading: first column to second."""
    section = re.split("\n##+ ", text.split(heading, 1)[1], maxsplit=1)[0]
    cells = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    return {name.strip(" `"): value.strip(" `") for name, value in cells}


@pytest.mark.parametrize(
    ("table", "prefix", "heading"),
    [
        (ChatSettings, "chat.", "## The chat"),
        (DatabaseSettings, "sqlalchemy.", "## The database"),
        (TelnetSettings, "telnet.", "## Telnet"),
        (ElementSettings, "", "## The application `live`"),
        (LiveSettings, "live.", "### Channels"),
        (ServerSettings, "", "## The server"),
        (ThreadedSettings, "", "## The filter `threaded`"),
        (StaticSettings, "", "## The filter `static`"),
        (DjangoSettings, "", "## The application `django`"),
    ],
)
def test_every_setting_stands_in_the_docs_with_its_default(table, prefix, heading):
    documented = rows((DOCS / "settings.md").read_text(), heading)
    expected = {}
    for name, default, reason in describe(table):
        assert reason, name
        shown = str(default).lower() if isinstance(default, bool) else f"{default}"
        expected[prefix + name] = shown.removesuffix(".0")
    assert documented == expected


def test_every_flag_stands_in_the_docs():
    text = (DOCS / "serving.md").read_text()
    listed = set(re.findall(r"`(--[a-z-]+)", text.split("## Flags", 1)[1].split("\n## ", 1)[0]))
    flags = {flag for each in flag_names() for flag in each if flag.startswith("--")}
    settings = {"--" + name.replace("_", "-") for name, _, _ in describe(ServerSettings)}
    assert flags - settings - {f"--no-{name[2:]}" for name in settings} <= listed
    assert listed <= flags


def test_every_figure_of_the_statistics_stands_in_the_docs():
    text = (DOCS / "cogen.md").read_text().split("## Statistics", 1)[1]
    for table in (ServerStatistics, SchedulerStatistics, QueueStatistics, LogStatistics):
        for field in fields(table):
            assert f"`{field.name}`" in text, (table, field.name)


def test_every_figure_of_the_metrics_stands_in_the_docs():
    text = (DOCS / "serving.md").read_text()
    answer = Site().curl().get("/metrics", **ADMIN).text
    for family in text_string_to_metric_families(answer):
        if family.name.startswith(("chat_", "cogen_")):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            assert re.search(f"`{name}[`{{]", text), name


def test_every_figure_that_an_alarm_looks_at_is_one():
    answer = Site().curl().get("/metrics", **ADMIN).text
    samples = {line.split("{")[0].split()[0] for line in answer.splitlines() if line[:1] != "#"}
    text = (DOCS / "howto" / "monitoring.md").read_text()
    named = set(re.findall(r"\b(?:chat|cogen)_\w+", text)) - {"chat_status_from"}
    assert len(named) > 5
    assert named - samples == set()


def test_the_status_in_the_docs_is_one_and_its_figures_are_told():
    section = (DOCS / "http.md").read_text().split("### `GET /status`", 1)[1].split("\n### ", 1)[0]
    (example,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    shown = msgspec.json.decode(example)
    assert msgspec.json.decode(example, type=Status, strict=True)
    assert set(shown["totals"]) == set(Totals.__struct_fields__)
    for field in {*ClientStatus.__struct_fields__} - {"room", "name"}:
        assert f"| `{field}`" in section or f"`, `{field}` |" in section, field


def test_every_route_has_a_heading():
    text = (DOCS / "http.md").read_text()
    headings = " ".join(re.findall(r"^#+ .*$", text, re.MULTILINE))
    routes = [re.sub(r"{(\w+)[.]*}", r"<\1>", template) for template in chat_routes()]
    for path in [*routes, "/", "/chat/"]:
        assert re.search(re.escape(path.rstrip("/")) + r"[/`<]", headings), path


def test_every_method_of_a_route_has_a_heading():
    text = (DOCS / "http.md").read_text()
    headings = "\n".join(re.findall(r"^#+ .*$", text, re.MULTILINE))
    for template, route in chat_routes().items():
        path = re.sub(r"{(\w+)[.]*}", r"<\1>", template)
        for method in {*route} - {"HEAD"}:
            assert f"`{method} {path}`" in headings, (method, path)


def test_every_address_of_a_live_page_stands_in_the_docs():
    section = (DOCS / "live.md").read_text().split("## The channel\n", 1)[1]
    told = set(re.findall(r"^\| `(\w+) (\w*)` \|", section, re.MULTILINE))
    routes = {
        (method, path[1:])
        for path, route in live_routes().items()
        for method in route
        if method != "HEAD"
    }
    assert told == routes - {("GET", "")}


def test_every_environ_key_has_a_heading():
    text = (DOCS / "cogen.md").read_text()
    source = "".join(path.read_text() for path in (ROOT / "cogen").rglob("*.py"))
    keys = set(re.findall(r'environ\["(cogen\.\w+)"\] = ', source))
    assert len(keys) > 5
    for key in keys | {WEBSOCKET}:
        assert f"### `{key}`" in text, key


def test_every_environ_key_of_a_mount_has_a_heading():
    text = (DOCS / "live.md").read_text()
    for key in (CHAT, KEY):
        assert f"### `{key}`" in text, key


@pytest.mark.parametrize("heading", ["Echo", "A chat"])
def test_the_ancestors_examples_are_short(heading):
    section = (DOCS / "live.md").read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```(?:python|js|html)\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 3
    assert sum(bool(line.strip()) for block in blocks for line in block.splitlines()) < 40


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    page = ROOT / name
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose):
        assert (page.parent / link).exists(), link


def test_the_examples_in_the_docs_are_the_files():
    for page, language, examples in (
        ("examples.md", "python", "longpoll_*.py"),
        ("websocket.md", "python", "chat_*.py"),
        ("howto/postgresql.md", "python", "copy_store.py"),
        ("howto/bots.md", "sh", "bot.sh"),
    ):
        blocks = re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
        files = [path.read_text() for path in (ROOT / "examples").glob(examples)]
        assert sorted(blocks) == sorted(files)


@pytest.mark.parametrize(
    ("heading", "types"), [("What you send", FROM_CLIENT), ("What you get", FROM_SERVER)]
)
def test_every_frame_stands_in_the_docs_with_an_example(heading, types):
    text = (DOCS / "websocket.md").read_text()
    section = re.split("\n##+ ", text.split(f"### {heading}\n", 1)[1])[0]
    blocks = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    frames = [line for block in blocks for line in block.splitlines()]
    decoder = msgspec.json.Decoder(reduce(or_, types))
    assert {type(decoder.decode(frame)) for frame in frames} == set(types)


def test_the_django_page_quotes_its_ini():
    quoted, ini = ConfigParser(interpolation=None), ConfigParser(interpolation=None)
    (block,) = re.findall(r"```ini\n(.*?)```", (DOCS / "django.md").read_text(), re.DOTALL)
    quoted.read_string(block)
    ini.read(ROOT / "examples" / "django.ini")
    for section in quoted.sections():
        assert dict(quoted[section]) == dict(ini[section]), section


def test_headings_that_are_linked_to_are_there():
    for page in [ROOT / name for name in PAGES]:
        for link, heading in re.findall(r"\]\(([^)#]*\.md)#([^)]+)\)", page.read_text()):
            text = (page.parent / link).read_text()
            anchors = {
                re.sub(r"[^a-z0-9_ -]", "", line.lower()).strip().replace(" ", "-")
                for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            }
            assert heading in anchors, (page.name, link, heading)


@pytest.mark.parametrize("name", ["test.ini", "development.ini", "production.ini"])
def test_the_ini_files_name_only_settings_that_there_are(name):
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / name)
    chat = {f"chat.{field}" for field, _, _ in describe(ChatSettings)} | {"sqlalchemy.url"}
    chat |= {f"telnet.{field}" for field, _, _ in describe(TelnetSettings)}
    server = {field for field, _, _ in describe(ServerSettings)}
    for key in parser["app:main"]:
        assert key in chat | {"use"} or key.startswith(("pyramid.", "/")), key
    live = {f"live.{field}" for field, _, _ in describe(LiveSettings)}
    live |= {field for field, _, _ in describe(ElementSettings)}
    assert set(parser["app:chatter"]) <= live | {"use"}
    assert set(parser["server:main"]) <= server | {"use"}


def test_every_picture_that_is_shown_is_there_and_made_by_the_script():
    shown = set()
    for page in map(ROOT.joinpath, PAGES):
        named = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text())
        shown |= {(page.parent / path).resolve() for path in named}
    assert all(path.is_file() for path in shown), shown
    pictures = {*(DOCS / "images").iterdir()}
    assert pictures <= shown
    script = (ROOT / "scripts" / "screenshots").read_text()
    assert {path.stem for path in pictures} <= {*re.findall('"([a-z-]+)"', script)}


def test_the_readme_begins_with_the_two_commands_curl_and_the_pages():
    first_screen = (ROOT / "README.md").read_text().splitlines()[:25]
    text = "\n".join(first_screen)
    commands = "make serve", "make test", "/chat/pull", "/chat/push"
    for words in (*commands, "/chats/", "/chatter", "/admin/", "docs/images/chat.png"):
        assert words in text, words
