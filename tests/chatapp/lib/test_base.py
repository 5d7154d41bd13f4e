"""Whatever comes in, the answer is one of ours and never 500."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.lib.base import ACTION, BaseController, Request, Response
from chatapp.lib.refusal import Refusal
from cogen.web.gate import Gate
from tests.chatapp.harness import Site

QUERIES = ["%zz", "%ff", "since=%ff&tab=%00", "timeout=%", "&&&&", "=", "since", "tab=%F0%9F%90%9D"]


@pytest.mark.case(39)
@pytest.mark.parametrize("query", QUERIES)
def test_a_broken_query_is_no_failure_of_ours(site, query):
    assert site.curl().read(f"/chat/pull?{query}").status in (200, 400)


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=60))
def test_nor_is_any_path_query_or_body(path, query, body):
    curl = Site().curl()
    target = f"/chat/pull/{quote_from_bytes(path)}?timeout=0&{quote_from_bytes(query, '=&+%')}"
    line = curl.ask("GET", target)
    curl.site.advance(0)
    assert curl.take(line).status in (200, 400, 409)
    assert curl.push(body).status in (200, 400)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_nor_is_any_header(value):
    value = value.strip()
    curl = Site().curl()
    curl.cookie = value
    headers = {"Accept": value, "Origin": value, "Sec_Fetch_Site": value}
    assert curl.pull(**headers).status in (200, 403)
    assert curl.push("hello", Content_Encoding=value).status in (200, 415)


@pytest.mark.parametrize("fault", [None, Refusal(503, "No more."), LookupError("ours")])
def test_what_fails_after_an_answer_has_begun_ends_it(fault):
    class Controller(BaseController):
        def stream(self, request: Request):
            request.begin([("Content-Type", "text/event-stream")])
            yield b"one"
            if fault is not None:
                raise fault

    started = []
    environ = {ACTION: ("stream", {}), "cogen.wsgi": Gate()}
    body = Controller()(environ, lambda status, headers: started.append((status, headers)))
    if isinstance(fault, LookupError):
        with pytest.raises(LookupError):
            list(body)
    else:
        assert list(body) == [b"one"]
    assert started == [("200 OK", [("Content-Type", "text/event-stream")])]


def test_an_answer_without_a_body_describes_none():
    headers = dict(Response(b"", "", status="204 No Content").headers)
    assert not {"Content-Type", "Content-Length"} & set(headers)


def test_an_action_that_does_not_wait_is_a_plain_method():
    class Controller(BaseController):
        def hello(self, request: Request, name: str) -> Response:
            return Response(b"hello " + name.encode(), "text/plain", ("X-More", "yes"))

    started = []
    environ = {ACTION: ("hello", {"name": "bob"}), "cogen.wsgi": Gate()}
    body = Controller()(environ, lambda status, headers: started.append((status, dict(headers))))
    assert b"".join(body) == b"hello bob"
    ((status, headers),) = started
    assert status == "200 OK"
    assert (headers["Content-Length"], headers["X-More"]) == ("9", "yes")
