"""What is refused is refused in the form that was asked for."""

from __future__ import annotations

import pytest

from chatapp.lib.refusal import Refusal, refused_in_json, wants_json


def test_text_for_who_asks_for_text(site):
    answer = site.curl().pull("/chat/pull?timeout=x")
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.text == "400 Bad Request: timeout is a number of seconds, 0 or more.\r\n"


def test_problem_json_for_who_asks_for_json(site):
    answer = site.curl().pull("/chat/pull?timeout=x", Accept="application/json")
    assert answer.header("content-type") == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "timeout is a number of seconds, 0 or more.",
    }


def test_no_refusal_is_kept_or_sniffed(site):
    answer = site.curl().push("")
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-content-type-options") == "nosniff"


def test_more_headers():
    status, headers, body = Refusal(405, "No.", ("Allow", "GET")).render(json=False)
    assert status == "405 Method Not Allowed"
    assert ("Allow", "GET") in headers
    assert ("Content-Length", str(len(body))) in headers


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

ASKED = [  # Accept; JSON where text is the default; JSON where JSON is
    (None, False, True),
    ("", False, True),
    ("*/*", False, True),
    (BROWSER, False, True),
    ("application/*", False, True),
    ("application/json", True, True),
    ("APPLICATION/JSON", True, True),
    ("application/json; charset=utf-8", True, True),
    ("application/problem+json", True, True),
    ("application/json, text/plain, */*", True, True),
    ("text/html, application/json;q=0.5", True, True),
    ("application/json;q=0.9, text/plain;q=0.8", True, True),
    ("text/plain, application/json;q=0.5", False, False),
    ("application/json;q=0.5, */*", False, False),
    ("text/plain", False, False),
    ("text/*", False, False),
    ("text/*;q=0.1, application/json", True, True),
    ("application/json;q=0", False, True),  # nothing is left: what the address is for
    ("application/json;q=0, */*", False, False),
    ("application/json;q=0.000, text/plain;q=0.1", False, False),
    ("text/plain;q=0, application/json", True, True),
    ("x/json", False, True),
    ("application/jsonp", False, True),
    ("application/json;q=2", False, True),  # malformed
    ("\xff,,;", False, True),
]


@pytest.mark.parametrize(("accept", "text_first", "json_first"), ASKED)
def test_who_asks_for_json(accept, text_first, json_first):
    assert wants_json(accept) is text_first
    assert wants_json(accept, by_default=True) is json_first


@pytest.mark.parametrize(
    ("path", "json"),
    [
        ("/api/rooms", True),
        ("/api/nothing/here", True),
        ("/chats/1/poll", True),
        ("/chat/push", False),
        ("/", False),
        ("/apix", False),
    ],
)
def test_the_default_goes_by_the_address(path, json):
    environ = {"PATH_INFO": path}
    assert refused_in_json(environ) is json
    assert refused_in_json({**environ, "HTTP_ACCEPT": "application/json"})
    assert not refused_in_json({**environ, "HTTP_ACCEPT": "text/plain"})
