"""What is refused is refused in the form that was asked for."""

from __future__ import annotations

from chatapp.lib.refusal import Refusal


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
