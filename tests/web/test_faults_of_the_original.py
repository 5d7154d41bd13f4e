"""The faults of the original that concern the server (mission.md, section 1), one test each.

The eighth, its speed, is a matter of measuring, not of a test.
"""

from __future__ import annotations

import pytest

from cogen.core.queue import Queue
from cogen.web.middleware import LazyStartResponse
from tests.web.harness import GET, Served


def test_6_two_interleaved_requests_keep_each_its_status():
    queues = {"/a": Queue(), "/b": Queue()}

    def application(environ, start_response):
        path = environ["PATH_INFO"]
        start_response("202 Accepted", [("X-Path", path)])
        yield environ["cogen.call"](queues[path].get)()
        start_response("200 OK" if path == "/a" else "404 Not Found", [("X-Path", path)])
        yield b"done"

    served = Served(LazyStartResponse(application))
    first = served.client().send(GET.replace(b" / ", b" /a "))
    second = served.client().send(GET.replace(b" / ", b" /b "))
    queues["/b"].put_nowait("now")
    queues["/a"].put_nowait("now")
    served.settle()
    assert first.take().startswith(b"HTTP/1.1 200 OK\r\nX-Path: /a\r\n")
    assert second.take().startswith(b"HTTP/1.1 404 Not Found\r\nX-Path: /b\r\n")


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 9000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: a\r\n" * 100 + b"\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", b"413"),
        (CHUNKED, b"200"),
    ],
    ids=["request line", "header", "headers", "body", "chunked is no error"],
)
def test_7_what_a_client_sends_has_limits(data, status):
    assert Served(hello).ask(data)[9:12] == status


def test_7_connections_have_a_limit():
    served = Served(hello, max_connections=1)
    first = served.client()
    assert served.client().take().startswith(b"HTTP/1.1 503 ")
    assert first.send(GET).take().startswith(b"HTTP/1.1 200 ")


def test_7_a_traceback_stays_in_the_log(caplog):
    def application(environ, start_response):
        raise ValueError("the secret of this place")

    answer = Served(application).ask(GET)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in answer
    assert b"Traceback" not in answer
    assert "the secret of this place" in caplog.text


def test_7_a_header_cannot_carry_another():
    def application(environ, start_response):
        start_response("200 OK", [("X-Name", "bob\r\nSet-Cookie: stolen=1")])
        return [b"hello"]

    answer = Served(application).ask(GET)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"stolen" not in answer
