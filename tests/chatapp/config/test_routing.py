"""Where each address leads."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])
def test_one_can_only_post_to_push(site, method):
    answer = site.curl().take(site.curl().ask(method, "/chat/push"))
    assert (answer.status, answer.header("allow")) == (405, "POST")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("path", ["/chat/pull", "/chat/pull/bob"])
def test_one_can_only_get_a_pull(site, method, path):
    answer = site.curl().take(site.curl().ask(method, path))
    assert (answer.status, answer.header("allow")) == (405, "GET")
    assert len(site.roster) == 0


def test_a_method_refused_in_json_and_in_text(site):
    curl = site.curl()
    answer = curl.take(curl.ask("PUT", "/chat/push", Accept="application/json"))
    assert answer.header("content-type") == "application/problem+json"
    assert answer.json["status"] == 405
    answer = curl.take(curl.ask("PUT", "/chat/push"))
    assert answer.text.startswith("405 Method Not Allowed: ")


@pytest.mark.parametrize(
    "path", ["/chat/push/", "/chat/pullx", "/chat/Push", "/push", "//chat/push"]
)
def test_everything_else_is_the_pages(site, path):
    assert site.curl().pull(path).status == 404


def test_a_name_may_hold_what_a_path_may(site):
    site.curl().pull("/chat/pull/AC%2FDC")
    site.curl().pull("/chat/pull/a%20b?tab=x")
    assert site.roster.people.holder("AC/DC")
    assert site.roster.people.holder("a b")


def test_a_name_that_is_not_utf_8_is_refused(site):
    assert site.curl().pull("/chat/pull/%ff").status == 400
    answer = site.curl().pull("/chat/pull/%c3", Accept="application/json")
    assert answer.header("content-type") == "application/problem+json"
