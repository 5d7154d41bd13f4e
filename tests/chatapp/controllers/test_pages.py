"""The pages' addresses and the headers that keep them safe."""

from __future__ import annotations

import pytest

from chatapp.config.middleware import make_app
from tests.chatapp.harness import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site()
    made.service.application = make_app({}, **{"chat.data": str(tmp_path_factory.mktemp("data"))})
    return made


PAGES = {
    "/": "text/html",
    "/chat/": "text/html",
    "/admin/": "text/html",
    "/admin": "text/html",
    "/chats/": "text/html",
    "/chats/1/": "text/html",
    "/chats/long_poll/1/": "text/html",
    "/public/chat.js": "javascript",
    "/public/chat.css": "text/css",
    "/favicon.ico": "image/svg+xml",
}


@pytest.mark.parametrize(("path", "kind"), list(PAGES.items()))
def test_each_file_comes_as_what_it_is(site, path, kind):
    answer = site.curl().pull(path)
    assert answer.status == 200
    assert kind in (answer.header("content-type") or "")
    assert answer.body


@pytest.mark.parametrize("path", list(PAGES))
def test_a_file_is_asked_for_each_time_and_sent_when_it_is_another_one(site, path):
    curl = site.curl()
    answer = curl.pull(path)
    assert answer.header("cache-control") == "no-cache"
    tag = answer.header("etag")
    again = curl.pull(path, **{"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert again.header("cache-control") == "no-cache"
    other = curl.pull(path, **{"If-None-Match": '"of-another-version"'})
    assert (other.status, other.body) == (200, answer.body)


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/public/nothing.js", "/chat"])
def test_every_page_and_every_404_is_protected(site, path):
    answer = site.curl().pull(path)
    policy = answer.header("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "same-origin"


def test_nothing_is_there_in_text_and_in_json(site):
    answer = site.curl().pull("/nothing")
    assert answer.text == "404 Not Found: There is nothing at this address.\r\n"
    answer = site.curl().pull("/nothing", Accept="application/json")
    assert answer.header("content-type") == "application/problem+json"
    assert answer.json["status"] == 404


@pytest.mark.parametrize("path", ["/chats/7/", "/chats/long_poll/7/", "/chats/x/", "/nothing"])
def test_who_asks_for_html_is_told_in_html_that_nothing_is_there(site, path):
    browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = site.curl().pull(path, Accept=browsers)
    assert (answer.status, answer.header("content-type")) == (404, "text/html; charset=UTF-8")
    assert 'href="/chats/"' in answer.text
    assert "default-src 'none'" in (answer.header("content-security-policy") or "")
    answer = site.curl().pull(path, Accept="application/json")
    assert answer.json["status"] == 404


@pytest.mark.parametrize("path", ["/", "/chat/", "/chats/", "/chats/1/", "/favicon.ico"])
def test_a_page_can_only_be_read(site, path):
    curl = site.curl()
    answer = curl.take(curl.ask("POST", path, b"x"))
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD")
    line = curl.ask("HEAD", path)
    assert b"200 OK" in line.transport.arrived
    assert line.transport.arrived.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("path", ["/chat", "/chat?nick=bob", "/chats/1", "/chats/long_poll/1"])
def test_the_chat_is_there_without_its_slash_too(site, path):
    curl = site.curl()
    assert curl.pull(path).body == curl.pull("/chat/").body


HOSTILE = ["/%ff", "/%00", "/public/%ff", "/public/%00", "/?%ff", "/%zz", "//[bad", "/public/"]
OUTSIDE = [
    "/public/../config/settings.py",
    "/public/%2e%2e/config/settings.py",
    "/public//etc/passwd",
]


@pytest.mark.case(39)
@pytest.mark.parametrize("path", HOSTILE + OUTSIDE)
def test_no_address_is_a_failure_of_ours_or_leads_outside(site, path):
    answer = site.curl().pull(path)
    assert answer.status in (200, 400, 403, 404)
    assert b"Meta(" not in answer.body
    assert b"root:" not in answer.body
