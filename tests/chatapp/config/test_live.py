"""``egg:ChatApp#live``, alone and in the chat."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from chatapp.config.live import make_live
from chatapp.config.middleware import make_app, make_composite
from chatapp.config.settings import LiveSettings, read_live
from cogen.errors import SettingsError
from cogen.web.settings import describe
from tests.chatapp.harness import Site
from tests.chatapp.live.stage import StandIn

ROOT = Path(__file__).parents[3]
ECHO = "tests.chatapp.live.stage.Echo"
NUMBER = 5


class Two(StandIn):
    """Beside Echo."""


def factory() -> StandIn:
    return Two()


def served(**conf: str) -> Site:
    site = Site()
    site.service.application = make_live({}, **conf)
    return site


def test_alone_it_has_sessions_of_its_own_and_no_chat():
    curl = served(element=ECHO, title="Alone").curl()
    page = curl.get("/")
    assert "<title>Alone</title>" in page.text
    assert 'src="/athena/page.js"' in page.text
    opened = curl.post("/open", {})
    assert opened.status == 201
    body = {
        "channel": opened.json["channel"],
        "first": 1,
        "messages": [["call", 1, 0, "say", ["x"]]],
    }
    assert curl.post("/send", body).json["ack"] == 1
    assert curl.post("/poll", {"channel": opened.json["channel"]}).json["messages"] == [
        ["result", 1, "x"]
    ]


def test_several_elements_are_on_one_page():
    site = served(element=f"{ECHO}\n  tests.chatapp.config.test_live.factory")
    page = site.curl().get("/").text
    assert page.count("data-athena=") == 2


@pytest.mark.parametrize("path", ["/stand_in.js", "/backoff.js"])
def test_its_files_are_served_to_be_asked_for_each_time(path):
    curl = served(element=ECHO).curl()
    answer = curl.get(path)
    assert answer.status == 200
    assert "javascript" in answer.header("content-type")
    assert answer.header("cache-control") == "no-cache"
    assert "default-src 'none'" in answer.header("content-security-policy")
    again = curl.get(
        path,
        If_None_Match=answer.header("etag") or "",
        If_Modified_Since=(answer.header("last-modified") or ""),
    )
    assert again.status == 304


OUTSIDE = [
    "/stage.py",
    "/../page.py",
    "/%2e%2e/page.py",
    "/stand_in.js/",
    "/athena/",
    "//stand_in.js",
]


@pytest.mark.parametrize("path", [*OUTSIDE, "/athena/", "/nothing", "/%ff", "/%00"])
def test_nothing_else_is(path):
    answer = served(element=ECHO).curl().get(path)
    assert answer.status in (400, 404)
    assert "import" not in answer.text


@pytest.mark.parametrize(
    "conf, said",
    [
        ({}, "element"),
        ({"element": "  "}, "element"),
        ({"element": "Echo"}, "element"),
        ({"element": "no.such.module.Echo"}, "no.such.module"),
        ({"element": "tests.chatapp.live.stage.Nothing"}, "Nothing"),
        ({"element": "tests.chatapp.config.test_live.NUMBER"}, "NUMBER"),
        ({"element": "builtins.dict"}, "no LiveElement"),
        ({"element": ECHO, "live.idel": "5"}, "live.idel"),
        ({"element": ECHO, "live.idle": "0"}, "live.idle"),
        ({"element": ECHO, "live.max_message": "10"}, "live.max_message"),
        ({"element": ECHO, "titel": "x"}, "titel"),
        ({"element": ECHO, "chat.window": "5"}, "chat.window"),
    ],
)
def test_a_bad_setting_ends_the_start_with_one_line(conf, said):
    with pytest.raises(SystemExit, match=r"^egg:ChatApp#live [^\n]*$") as info:
        make_live({}, **conf)
    assert said in str(info.value.code)


def test_a_variable_has_the_last_word():
    section = {"element": ECHO, "live.idle": "7"}
    assert read_live(section, {"LIVE_IDLE": "9"}).live == LiveSettings(idle=9.0)
    assert read_live(section, {}).live == LiveSettings(idle=7.0)
    with pytest.raises(SettingsError, match="LIVE_IDEL"):
        read_live(section, {"LIVE_IDEL": "9"})


def test_every_setting_says_in_one_line_what_it_is():
    assert all(reason for _, _, reason in describe(LiveSettings))


@pytest.mark.parametrize("name", ["development.ini", "test.ini"])
def test_the_pages_of_our_own_files_are_read(name):
    file = configparser.ConfigParser(interpolation=None)
    file.optionxform = str  # type: ignore[method-assign, assignment]
    file.read(ROOT / name)
    pages = [section for section in file.values() if section.get("use") == "egg:ChatApp#live"]
    assert pages
    for section in pages:
        read_live({key: value for key, value in section.items() if key != "use"}, {})


class Loader:
    """Of a file with one page."""

    def app_context(self, name: str, global_conf: object = None) -> Loader:
        if name != "echo":
            raise LookupError(f"No section {name!r}")
        return self

    def create(self) -> object:
        return make_live({}, element=ECHO)


def test_in_the_chat_it_has_the_chats_sessions(tmp_path):
    site = Site()
    conf = {"chat.data": str(tmp_path), "/echo/": "echo"}
    site.service.application = make_composite(Loader(), {}, **conf)
    curl = site.curl()
    curl.pull("/chat/pull?timeout=0")
    cookie = curl.cookie
    assert 'src="/echo/athena/page.js"' in curl.get("/echo").text
    assert curl.post("/echo/open", {}).status == 201
    assert curl.cookie == cookie
    assert curl.get("/chat/").status == 200
    assert curl.get("/echoes").status == 404


@pytest.mark.parametrize(
    "path, name",
    [("/", "echo"), ("//", "echo"), ("/a//b", "echo"), ("/zürich", "echo"), ("/x", "no")],
)
def test_what_cannot_be_mounted_ends_the_start_with_one_line(tmp_path, path, name):
    with pytest.raises(SystemExit, match=r"^\[app:main\] [^\n]*$"):
        make_composite(Loader(), {}, **{"chat.data": str(tmp_path), path: name})
    assert list(tmp_path.iterdir()) == []


def test_without_a_file_nothing_can_be_mounted(tmp_path):
    with pytest.raises(SystemExit, match="cannot be mounted"):
        make_app({}, **{"chat.data": str(tmp_path), "/echo": "echo"})
