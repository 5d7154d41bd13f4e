"""examples/django.ini as a user starts it: a Django project and the chat in one process."""

import asyncio
import http.client
import json
import re
import shutil
import subprocess
import sys
import urllib.parse
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.functional.chat_server import ROOT, ChatServer, python_path
from tests.functional.wire import Wire

PASSWORD = "a password of the test"


class Site(ChatServer):
    """A copy of the examples, with data of its own."""

    def __init__(self, folder: Path) -> None:
        self.examples = folder / "examples"
        shutil.copytree(
            ROOT / "examples", self.examples, ignore=shutil.ignore_patterns("data", "__pycache__")
        )
        django = {"DJANGO_DATA": str(folder / "django"), "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        super().__init__(folder, django, ini=str(self.examples / "django.ini"))
        self.manage("migrate", "--verbosity=0")
        self.manage("createsuperuser", "--noinput", "--username=ada", "--email=ada@example.org")

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "django", *arguments, "--settings=django_site.settings"],
            env={**self._environment, "PYTHONPATH": python_path(self.examples)},
            check=True,
            cwd=self.examples,
            capture_output=True,
        )


class Browser:
    """Keeps cookies, and sends forms with the token that stands in them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection.request(method, path, body, {"Cookie": cookies, **dict(headers)})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            for morsel in SimpleCookie(cookie).values():
                self._cookies[morsel.key] = morsel.value
        return response, text

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def submit(self, path, fields, token=True):
        """Get a form's page, and send it."""
        _, page = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None, page
        if token:
            fields = {**fields, "csrfmiddlewaretoken": found[1]}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urllib.parse.urlencode(fields), kind)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    assert site.stop() == 0
    assert "Traceback" not in site.log.read_text()


@pytest.fixture
def browser(site):
    return Browser(site.port)


def test_the_admin_adds_a_row_that_the_site_shows(browser):
    response, _ = browser.get("/site/admin/")
    assert response.status == 302
    assert response.headers["Location"] == "/site/admin/login/?next=/site/admin/"
    login = {"username": "ada", "password": PASSWORD, "next": "/site/admin/"}
    assert browser.submit("/site/admin/login/", login, token=False)[0].status == 403
    response, _ = browser.submit("/site/admin/login/", {**login, "password": "wrong"})
    assert response.status == 200
    response, _ = browser.submit("/site/admin/login/", login)
    assert (response.status, response.headers["Location"]) == (302, "/site/admin/")
    assert "Notes" in browser.get("/site/admin/")[1]
    response, _ = browser.submit("/site/admin/notes/note/add/", {"text": "hällo <b>"})
    assert response.headers["Location"] == "/site/admin/notes/note/"
    assert "hällo &lt;b&gt;" in browser.get("/site/admin/notes/note/")[1]
    assert "hällo &lt;b&gt;" in browser.get("/site/")[1]


def test_the_first_folder_that_has_a_file_wins(site, browser):
    page = browser.get("/site/")[1]
    assert re.findall(r'href="([^"]+css)"', page) == [
        "/site/static/base.css",
        "/site/static/notes.css",
    ]
    static = site.examples / "django_site" / "static"
    for name, folder in (("base.css", "shared"), ("notes.css", "own")):
        response, text = browser.get(f"/site/static/{name}")
        assert response.status == 200
        assert response.headers["Content-Type"] == 'text/css; charset="utf-8"'
        assert text == (static / folder / name).read_text()
    assert "DJANGO Admin" in browser.get("/site/static/admin/css/base.css")[1]


def test_a_file_that_the_client_has_is_not_sent_again(browser):
    response, text = browser.get("/site/static/base.css")
    modified, tag = response.headers["Last-Modified"], response.headers["ETag"]
    assert modified.endswith("GMT")
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": '"another"'}, 200),
        ({"If-Modified-Since": modified}, 304),
        ({"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
        ({"Range": "bytes=0-1"}, 206),
    ):
        again, body = browser.get("/site/static/base.css", **headers)
        assert (again.status, body) == (status, {200: text, 206: text[:2], 304: ""}[status])


@pytest.mark.parametrize(
    "path",
    [
        "../settings.py",
        "%2e%2e/settings.py",
        "..%2fsettings.py",
        "admin/../../settings.py",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "base.css%00",
        "..\\settings.py",
        "",
    ],
)
def test_no_address_leads_out_of_the_folders(browser, path):
    assert browser.get(f"/site/static/{path}")[0].status in (400, 404)


@pytest.mark.asyncio
async def test_the_chat_goes_on_while_django_sleeps(site):
    """What is said arrives before any of those that sleep is answered."""
    order = []
    sleepers = [Wire(site.port, "localhost") for _ in range(5)]
    for sleeper in sleepers:
        await sleeper.send("GET", "/site/slow")

    async def slept(sleeper):
        answer = await sleeper.answer()
        assert (answer.status, answer.body) == (200, b"slept\n")
        order.append("slept")

    sleeping = [asyncio.create_task(slept(each)) for each in sleepers]
    reader, writer = Wire(site.port), Wire(site.port)
    await reader.ask("GET", "/chat/pull/bob")
    json_please = "Accept: application/json\r\n"
    for number in range(20):
        await reader.send("GET", "/chat/pull", headers=json_please)
        answer = await writer.ask("POST", "/chat/push", b"message %d" % number)
        assert answer.body.startswith(b"ok ")
        heard = json.loads((await reader.answer()).body)
        assert [message["text"] for message in heard["messages"]] == [f"message {number}"]
        order.append("heard")
    await asyncio.gather(*sleeping)
    assert order == ["heard"] * 20 + ["slept"] * 5
    for wire in (*sleepers, reader, writer):
        wire.close()


def test_a_stop_waits_for_a_view_that_was_begun(tmp_path):
    site = Site(tmp_path)
    site.start()
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    connection.request("GET", "/site/slow")
    assert Browser(site.port).get("/site/")[0].status == 200  # it has been begun, before this one
    assert site.stop() == 0
    assert connection.getresponse().read() == b"slept\n"
    connection.close()


def test_a_bad_section_is_one_line(tmp_path):
    site = Site(tmp_path)
    ini = (site.examples / "django.ini").read_text()
    for line, bad, words in (
        ("threads = 10", "threads = none", "threads = 'none'"),
        ("threads = 10", "thread = 10", "unknown setting 'thread'"),
        ("settings = django_site.settings", "settings = nowhere", "there is no such module"),
        ("static/shared", "static/nowhere", "there is no such folder"),
    ):
        (site.examples / "django.ini").write_text(ini.replace(line, bad))
        done = subprocess.run(
            site._command, env=site._environment, capture_output=True, timeout=20, text=True
        )
        assert done.returncode != 0
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        said = [line for line in done.stderr.splitlines() if " INFO chatapp.store" not in line]
        assert len(said) == 1
