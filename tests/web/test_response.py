"""From start_response and chunks to bytes."""

from http import HTTPStatus

import pytest

from cogen.errors import ApplicationError, RequestError
from cogen.web.request import Request
from cogen.web.response import Response, error_response

STANDARD = b"Date: now\r\nServer: cogen\r\n"


def response(method="GET", version="1.1", keep_alive=True):
    request = Request()
    request.method, request.version = method, version
    return Response(request, STANDARD, keep_alive, [0] * 6)


def whole(headers, body, status="200 OK", **options):
    answer = response(**options)
    answer.start(status, headers)
    return answer.send(body, whole=True) + answer.finish(), answer


def test_a_whole_body_has_its_length():
    data, answer = whole([("A", "b")], b"abc")
    assert data == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nDate: now\r\nServer: cogen\r\nContent-Length: 3\r\n\r\nabc"
    )
    assert answer.keep_alive
    assert answer.sent


def test_an_empty_body_too():
    assert b"Content-Length: 0\r\n\r\n" in whole([], b"")[0]
    answer = response()
    answer.start("200 OK", [])
    assert answer.finish().endswith(b"Content-Length: 0\r\n\r\n")


def test_a_body_in_pieces_is_chunked():
    answer = response()
    answer.start("200 OK", [])
    data = answer.send(b"a" * 17) + answer.send(b"b") + answer.finish()
    assert b"Transfer-Encoding: chunked\r\n\r\n11\r\n" in data
    assert data.endswith(b"\r\n1\r\nb\r\n0\r\n\r\n")
    assert answer.delimited


def test_an_applications_length_is_kept_and_enforced():
    answer = response()
    answer.start("200 OK", [("Content-Length", "3")])
    data = answer.send(b"ab") + answer.send(b"cd") + answer.send(b"e") + answer.finish()
    assert data.endswith(b"\r\n\r\nabc")
    assert answer.overrun
    assert not answer.keep_alive
    answer = response()
    answer.start("200 OK", [("Content-Length", "3")])
    answer.send(b"ab")
    answer.finish()
    assert not answer.keep_alive


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_some_have_no_body(status):
    data, answer = whole([("Content-Length", "3")], b"abc", status=status)
    assert data.endswith(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in data
    assert (b"Content-Length" in data) == (status[:3] == "304")
    assert answer.keep_alive


def test_head_has_the_headers_and_no_body():
    data, answer = whole([("Content-Length", "3")], b"abc", method="HEAD")
    assert data.endswith(b"Content-Length: 3\r\nDate: now\r\nServer: cogen\r\n\r\n")
    assert answer.keep_alive


def test_1_0_is_not_chunked_and_closes_where_the_length_is_unknown():
    answer = response(version="1.0")
    answer.start("200 OK", [])
    assert b"Connection: close\r\n" in answer.send(b"a")
    assert not answer.delimited
    assert b"Connection: keep-alive\r\n" in whole([], b"a", version="1.0")[0]


def test_the_applications_date_and_server_replace_ours():
    data, _ = whole([("date", "then"), ("SERVER", "mine")], b"")
    assert data.lower().count(b"\r\ndate:") == 1
    assert data.lower().count(b"\r\nserver:") == 1


def test_connection_close_is_heeded_and_said_once():
    data, answer = whole([("Connection", "close")], b"")
    assert data.count(b"Connection: close") == 1
    assert not answer.keep_alive


def test_repeated_headers_stay_apart():
    data, _ = whole([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], b"")
    assert data.count(b"Set-Cookie: ") == 2


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200", []),
        ("OK", []),
        ("20 OK", []),
        ("100 Continue", []),
        ("101 Switching Protocols", []),
        ("200 OK\r\nA: b", []),
        ("200 OK\n", []),
        (b"200 OK", []),
        (200, []),
        ("200 OK", [("A", "b\r\nc: d")]),
        ("200 OK", [("A", "b\n")]),
        ("200 OK", [("A", "b\0")]),
        ("200 OK", [("A", "b\x7f")]),
        ("200 OK", [("A\r\n", "b")]),
        ("200 OK", [("A b", "c")]),
        ("200 OK", [("A:", "b")]),
        ("200 OK", [("", "b")]),
        ("200 OK", [("Ä", "b")]),
        ("200 OK", [("A", "\u20ac")]),
        ("200 OK", [("A", "b" * 200 + "\r\n")]),
        ("200 OK", [("A", b"b")]),
        ("200 OK", [("A", 1)]),
        ("200 OK", [["A", "b"]]),
        ("200 OK", [("A", "b", "c")]),
        ("200 OK", (("A", "b"),)),
        ("200 OK", None),
        ("200 OK", [("Content-Length", "a")]),
        ("200 OK", [("Content-Length", "-1")]),
        ("200 OK", [("Content-Length", "1"), ("Content-Length", "1")]),
        *[
            ("200 OK", [(name, "a")])
            for name in (
                "Transfer-Encoding",
                "TE",
                "Trailer",
                "Upgrade",
                "Keep-Alive",
                "Proxy-Authenticate",
                "Proxy-Authorization",
            )
        ],
    ],
)
def test_what_would_break_the_framing_or_pep_3333_is_refused(status, headers):
    answer = response()
    with pytest.raises(ApplicationError):
        answer.start(status, headers)
    assert not answer.started
    assert not answer.sent


def test_values_may_have_tabs_and_latin_1():
    data, _ = whole([("A", "b\tc ä")], b"")
    assert b"A: b\tc \xe4\r\n" in data


def test_start_response_again_needs_exc_info():
    answer = response()
    answer.start("200 OK", [("A", "b")])
    with pytest.raises(ApplicationError):
        answer.start("200 OK", [])
    error = ValueError()
    answer.start("503 Oh", [("C", "d")], (ValueError, error, None))
    data = answer.send(b"a", whole=True)
    assert data.startswith(b"HTTP/1.1 503 Oh\r\nC: d\r\n")
    with pytest.raises(ValueError) as raised:
        answer.start("500 No", [], (ValueError, error, None))
    assert raised.value is error


@pytest.mark.parametrize("data", ["a", None, bytearray(b"a"), 1])
def test_a_body_is_bytes(data):
    answer = response()
    answer.start("200 OK", [])
    with pytest.raises(ApplicationError):
        answer.send(data)


def test_a_body_before_start_response():
    with pytest.raises(ApplicationError):
        response().send(b"a")


def test_an_error_of_the_servers_own():
    data = error_response(RequestError(414, "Too long."), STANDARD)
    head, body = data.split(b"\r\n\r\n")
    phrase = HTTPStatus(414).phrase.encode()  # another one in each Python
    assert head.startswith(b"HTTP/1.1 414 %b\r\nContent-Type: text/plain" % phrase)
    assert b"Connection: close" in head
    assert b"Content-Length: %d" % len(body) in head
    assert body.endswith(b"Too long.\r\n")
    assert error_response(RequestError(414, "Too long."), STANDARD, head=True) == head + b"\r\n\r\n"
