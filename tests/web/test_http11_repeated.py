"""A request that is the same bytes as the last one is known, and never mistaken for another."""

from __future__ import annotations

import pytest

from cogen.web.http11 import Limits, RequestParser
from tests.web.harness import Hello, Served

GET = b"GET /poll?x=1 HTTP/1.1\r\nHost: a\r\nCookie: c=1\r\nConnection: keep-alive\r\n\r\n"


@pytest.fixture
def parser():
    return RequestParser(Limits())


def taken(parser):
    requests = list(parser.received)
    parser.received.clear()
    return requests


def test_the_same_poll_again_is_the_same_request(parser):
    seen = []
    for _ in range(3):
        parser.feed(GET)
        (request,) = taken(parser)
        seen.append((request.method, request.target, request.version, request.headers))
        assert request.body.complete
        assert request.keep_alive
        assert not request.expects_continue
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][:3] == ("GET", b"/poll?x=1", "1.1")


def test_what_one_run_does_to_its_environ_the_next_does_not_see():
    application = Hello()
    client = Served(application).client()
    for _ in range(3):
        client.send(GET)
        environ = application.environs.pop()
        assert "mine" not in environ
        assert environ["HTTP_COOKIE"] == "c=1"
        environ["mine"] = environ["HTTP_COOKIE"] = "changed"
        environ["cogen.wsgi"].result = "mine"


def test_another_request_in_between_is_read(parser):
    other = GET.replace(b"x=1", b"x=2")
    for data, target in ((GET, b"/poll?x=1"), (other, b"/poll?x=2"), (GET, b"/poll?x=1")):
        parser.feed(data)
        assert [request.target for request in taken(parser)] == [target]


def test_a_body_that_looks_like_the_last_request_stays_a_body(parser):
    parser.feed(GET)
    taken(parser)
    parser.feed(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(GET))
    parser.feed(GET)
    (post,) = taken(parser)
    assert post.method == "POST"
    assert post.body.open().read() == GET


def test_a_header_that_looks_like_the_last_request_is_no_request(parser):
    short = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    parser.feed(short)
    taken(parser)
    parser.feed(b"GET /other HTTP/1.1\r\nX: ")
    parser.feed(short)
    assert [request.target for request in taken(parser)] != [b"/"]


def test_a_post_is_read_each_time(parser):
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
    for _ in range(2):
        parser.feed(post)
        (request,) = taken(parser)
        assert request.body.open().read() == b"hi"


def test_two_in_one_piece_are_two_each_time(parser):
    for _ in range(3):
        parser.feed(GET + GET)
        assert len(taken(parser)) == 2


def test_one_and_the_beginning_of_the_next_are_not_taken_for_one(parser):
    for _ in range(2):
        parser.feed(GET + GET[:10])
        assert len(taken(parser)) == 1
        parser.feed(GET[10:])
        assert len(taken(parser)) == 1


def test_after_a_violation_nothing_is_known_any_more(parser):
    parser.feed(GET)
    taken(parser)
    parser.feed(b"nonsense\r\n\r\n")
    assert parser.failure is not None
    parser.feed(GET)
    assert taken(parser) == []


def test_a_request_that_asks_for_an_upgrade_is_read_each_time(parser):
    upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    for _ in range(3):
        parser.feed(upgrade)
        assert len(taken(parser)) == 1
    parser.feed(GET)
    assert [request.target for request in taken(parser)] == [b"/poll?x=1"]
