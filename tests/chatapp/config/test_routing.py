"""Where each address leads."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.config.routing import Router
from chatapp.lib.base import ACTION


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


TABLE = {
    "/": {"GET": ("web", "home")},
    "/rooms": {"GET": ("api", "list"), "HEAD": ("api", "list"), "POST": ("api", "create")},
    "/rooms/{room}": {"PATCH": ("api", "rename"), "DELETE": ("api", "remove")},
    "/rooms/{room}/messages": {"GET": ("api", "messages")},
    "/rooms/{room}/members/{name}": {"GET": ("api", "member")},
    "/rooms/all": {"GET": ("api", "all")},
    "/rooms/{room}/": {"GET": ("web", "room")},
    "/files/{path...}": {"GET": ("web", "file")},
}


class Controller:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[Any]:
        action, arguments = environ[ACTION]
        return [self.name, action, arguments]


def nobody(environ: dict[str, Any], start_response: Any) -> list[Any]:
    return ["fallback"]


ROUTER = Router({"api": Controller("api"), "web": Controller("web")}, TABLE, nobody)


def led(path: str, method: str = "GET", **headers: str) -> Any:
    """Controller, action and arguments; or what the refusal says."""
    said: list[Any] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, **headers}
    given = list(ROUTER(environ, lambda status, head: said.append((status, dict(head)))))
    return said[0] if said else given


LED = [
    ("/", ["web", "home", {}]),
    ("/rooms", ["api", "list", {}]),
    ("/rooms/7/messages", ["api", "messages", {"room": "7"}]),
    ("/rooms/x.y/members/ann", ["api", "member", {"room": "x.y", "name": "ann"}]),
    ("/rooms/{room}/messages", ["api", "messages", {"room": "{room}"}]),
    ("/rooms/7/", ["web", "room", {"room": "7"}]),
    ("/files/", ["web", "file", {"path": ""}]),
    ("/files/a", ["web", "file", {"path": "a"}]),
    ("/files//a/b/", ["web", "file", {"path": "/a/b/"}]),
    ("/files/{path...}", ["web", "file", {"path": "{path...}"}]),
    ("/rooms/\xc3\xa9/messages", ["api", "messages", {"room": "é"}]),
]


@pytest.mark.parametrize(("path", "expected"), LED)
def test_a_template_leads_to_an_action_with_its_arguments(path, expected):
    assert led(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/rooms/",
        "/rooms//messages",
        "/rooms/7/messages/",
        "/rooms/7/messages/8",
        "/rooms/7/members",
        "/rooms/all/messages",  # no way back from a segment that stands in a template
        "/files",
        "/other",
        "//",
        "*",
        "rooms/7/elsewhere",
    ],
)
def test_what_no_template_fits_is_the_fallback_s(path):
    assert led(path) == ["fallback"]


def test_a_segment_in_the_table_counts_more_than_an_argument():
    assert led("/rooms/all") == ["api", "all", {}]
    assert led("/rooms/any", "DELETE") == ["api", "remove", {"room": "any"}]


def test_each_method_has_its_action():
    assert led("/rooms", "POST") == ["api", "create", {}]
    assert led("/rooms", "HEAD") == ["api", "list", {}]
    assert led("/rooms/7", "PATCH") == ["api", "rename", {"room": "7"}]


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/rooms", "DELETE", "GET, HEAD, POST"),
        ("/rooms/7", "GET", "DELETE, PATCH"),
        ("/rooms/7", "OPTIONS", "DELETE, PATCH"),
        ("/files/a/b", "POST", "GET"),
        ("/rooms", "get", "GET, HEAD, POST"),
    ],
)
def test_any_other_method_is_told_those_that_there_are(path, method, allowed):
    status, headers = led(path, method)
    assert (status, headers["Allow"]) == ("405 Method Not Allowed", allowed)


def test_a_refusal_below_api_is_json_unless_text_is_asked_for():
    path = "/api/\xff"
    assert led(path)[1]["Content-Type"] == "application/problem+json"
    assert led(path, HTTP_ACCEPT="text/plain")[1]["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("other", ["/rooms/{id}/messages", "/files/{rest...}"])
def test_a_table_with_the_same_paths_twice_is_refused(other):
    with pytest.raises(ValueError, match="twice"):
        Router({"api": nobody, "web": nobody}, {**TABLE, other: {}}, nobody)
