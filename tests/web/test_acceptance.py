"""The acceptance list of the design (limits.md), case by case, on raw bytes.

Each refused request is followed by a second one, which must never reach the application.
"""

import re

import pytest

from tests.web.harness import GET, Hello, Served, split, status

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def head(*fields, line=b"POST / HTTP/1.1", host=b"Host: a"):
    return b"\r\n".join([line, *([host] if host else []), *fields]) + b"\r\n\r\n"


def chunked(body):
    return head(b"Transfer-Encoding: chunked") + body


def trailer(field):
    return chunked(b"1\r\na\r\n0\r\n" + field + b"\r\n\r\n")


REFUSED = {
    "1 no Host": (head(line=b"GET / HTTP/1.1", host=None), 400),
    "1 no Host, absolute target": (head(line=b"GET http://a/ HTTP/1.1", host=None), 400),
    "2 two Hosts": (head(b"Host: b"), 400),
    "2 the same Host twice": (head(b"Host: a"), 400),
    "3 Host empty": (head(host=b"Host:"), 400),
    "3 Host a,b": (head(host=b"Host: a,b"), 400),
    "3 Host u@h": (head(host=b"Host: u@h"), 400),
    "3 Host h/p": (head(host=b"Host: h/p"), 400),
    "3 Host with a space": (head(host=b"Host: a b"), 400),
    "3 Host in an absolute target": (head(line=b"GET http://u@h/ HTTP/1.1"), 400),
    "4 GET *": (head(line=b"GET * HTTP/1.1"), 400),
    "5 GET foo": (head(line=b"GET foo HTTP/1.1"), 400),
    "6 CONNECT": (head(line=b"CONNECT a:443 HTTP/1.1"), (405, 501)),
    "7 HTTP/2.0": (head(line=b"GET / HTTP/2.0"), (400, 505)),
    "7 HTTP/1.32": (head(line=b"GET / HTTP/1.32"), (400, 505)),
    "7 HTTP/1.2": (head(line=b"GET / HTTP/1.2"), (400, 505)),
    "7 RTSP/1.0": (head(line=b"GET / RTSP/1.0"), (400, 505)),
    "7 RTSP/1.1": (head(line=b"GET / RTSP/1.1"), (400, 505)),
    "7 RTSP's own method": (head(line=b"DESCRIBE / RTSP/1.0"), (400, 501, 505)),
    "7 RTSP's method over HTTP": (head(line=b"SETUP / HTTP/1.1"), (400, 501)),
    "7 preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 501, 505)),
    "8 no version": (b"GET /\r\n\r\n", 400),
    "9 NUL in target": (head(line=b"GET /\0 HTTP/1.1"), 400),
    "10 raw non-ASCII path": (head(line=b"GET /\xc3\xa4 HTTP/1.1"), 400),
    "10 raw non-ASCII query": (head(line=b"GET /?\xc3\xa4 HTTP/1.1"), 400),
    "11 //[bad": (head(line=b"GET //[bad HTTP/1.1"), 400),
    "12 line over the limit": (head(line=b"GET /" + b"a" * 8192 + b" HTTP/1.1"), 414),
    "13 header over the limit": (head(b"A: " + b"a" * 8192), 431),
    "13 header's name over the limit": (head(b"a" * 8192 + b": a"), 431),
    "13 header without end": (b"GET / HTTP/1.1\r\nA: " + b"a" * 100_000, 431),
    "13 headers together over the limit": (
        head(*[b"A%d: " % n + b"a" * 8000 for n in range(12)]),
        431,
    ),
    "14 one header too many": (head(*[b"A%d: a" % n for n in range(100)]), 431),
    "15 folded header": (head(b"A: a\r\n b"), 400),
    "15 folded with a tab": (head(b"A: a\r\n\tb"), 400),
    "16 space before the colon": (head(b"A : a"), 400),
    "16 tab before the colon": (head(b"A\t: a"), 400),
    "16 space before the first header": (head(host=b" Host: a"), 400),
    "17 NUL in a value": (head(b"A: \0"), 400),
    "17 bare CR in a value": (head(b"A: a\rb"), 400),
    "17 BEL in a value": (head(b"A: \x07"), 400),
    "17 bare LF as a line's end": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "18 Content-Length +1": (head(b"Content-Length: +1") + b"a", 400),
    "18 Content-Length -1": (head(b"Content-Length: -1") + b"a", 400),
    "18 Content-Length 1_0": (head(b"Content-Length: 1_0") + b"a" * 10, 400),
    "18 Content-Length 0x1": (head(b"Content-Length: 0x1") + b"a", 400),
    "18 Content-Length empty": (head(b"Content-Length:"), 400),
    "18 Content-Length 1 1": (head(b"Content-Length: 1 1") + b"a", 400),
    "18 Content-Length 1,1": (head(b"Content-Length: 1,1") + b"a", 400),
    "18 Content-Length of 5000 digits": (head(b"Content-Length: " + b"9" * 5000), (400, 413)),
    "19 two Content-Lengths": (head(b"Content-Length: 1", b"Content-Length: 2") + b"aa", 400),
    "19 the same one twice": (head(b"Content-Length: 1", b"Content-Length: 1") + b"a", 400),
    "20 Content-Length and Transfer-Encoding": (
        head(b"Content-Length: 5", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
        400,
    ),
    "20 the other way round": (
        head(b"Transfer-Encoding: chunked", b"Content-Length: 5") + b"0\r\n\r\n",
        400,
    ),
    "21 xchunked": (head(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n", (400, 501)),
    "21 ,chunked": (head(b"Transfer-Encoding: ,chunked") + b"0\r\n\r\n", (400, 501)),
    "21 chunked twice": (
        head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
        (400, 501),
    ),
    "21 chunked, chunked": (
        head(b"Transfer-Encoding: chunked, chunked") + b"0\r\n\r\n",
        (400, 501),
    ),
    "21 gzip, chunked": (head(b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", (400, 501)),
    "21 chunked, identity": (
        head(b"Transfer-Encoding: chunked, identity") + b"0\r\n\r\n",
        (400, 501),
    ),
    "21 quoted": (head(b'Transfer-Encoding: "chunked"') + b"0\r\n\r\n", (400, 501)),
    "21 vertical tab": (head(b"Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n", (400, 501)),
    "22 Transfer-Encoding on 1.0": (
        head(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0") + b"0\r\n\r\n",
        400,
    ),
    "23 chunk size 0x5": (chunked(b"0x5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size 5_": (chunked(b"5_\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size ' 5'": (chunked(b" 5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size '5 '": (chunked(b"5 \r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size +5": (chunked(b"+5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size -5": (chunked(b"-5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size empty": (chunked(b"\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size overflowing": (chunked(b"f" * 17 + b"\r\naaaaa\r\n0\r\n\r\n"), 400),
    "24 chunk without CRLF": (chunked(b"1\r\naXX0\r\n\r\n"), 400),
    "24 chunk with LF": (chunked(b"1\r\na\n0\r\n\r\n"), 400),
    "24 chunk size ended by LF": (chunked(b"1\na\r\n0\r\n\r\n"), 400),
    "24 chunk extension without end": (chunked(b"1;" + b"a" * 100_000), 400),
    "25 Content-Length in a trailer": (trailer(b"Content-Length: 5"), 400),
    "25 Transfer-Encoding in a trailer": (trailer(b"Transfer-Encoding: chunked"), 400),
    "25 Host in a trailer": (trailer(b"Host: b"), 400),
    "25 trailer without end": (chunked(b"0\r\nA: " + b"a" * 100_000), (400, 431)),
    "25 too many trailers": (chunked(b"0\r\n" + b"A: a\r\n" * 101 + b"\r\n"), 431),
    "26 declared body over the limit": (head(b"Content-Length: 1048577"), 413),
    "26 chunked body over the limit": (chunked(b"100001\r\n" + b"a" * 0x100001), 413),
    "417 unknown expectation": (head(b"Expect: 200-ok", b"Content-Length: 0"), 417),
    "unknown method": (head(line=b"BREW / HTTP/1.1"), (400, 501)),
    "method in small letters": (head(line=b"get / HTTP/1.1"), (400, 501)),
    "not HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400, 501)),
}


# A byte at a time the long ones say nothing more.
WAYS = [
    (case, step)
    for case, (data, _) in REFUSED.items()
    for step in (None, 997, 1)
    if step != 1 or len(data) < 20_000
]


@pytest.mark.parametrize(("case", "step"), WAYS)
def test_is_refused_and_closed_and_nothing_behind_it_is_served(case, step):
    data, expected = REFUSED[case]
    application = Hello()
    client = Served(application).client()
    data += SMUGGLED
    client.send(
        *([data] if step is None else [data[n : n + step] for n in range(0, len(data), step)])
    )
    answer = client.take()
    assert status(answer) in (expected if isinstance(expected, tuple) else (expected,)), answer
    assert len(re.findall(rb"HTTP/1.1 [0-9]{3} ", answer)) == 1
    assert client.closed
    assert application.environs == []
    line, headers, body = split(answer)
    assert headers["connection"] == "close"
    assert headers["content-length"] == str(len(body))
    assert body.startswith(line.encode()), "a short text says what was wrong"


ACCEPTED = {
    "Host with a port": head(host=b"Host: a:8080"),
    "Host as an address": head(host=b"Host: [::1]:8080"),
    "1.0 without Host": head(line=b"GET / HTTP/1.0", host=None),
    "absolute target": head(line=b"GET http://b/ HTTP/1.1"),
    "OPTIONS *": head(line=b"OPTIONS * HTTP/1.1"),
    "12 line at the limit": head(line=b"GET /" + b"a" * (8192 - 14) + b" HTTP/1.1"),
    "13 header at the limit": head(b"A: " + b"a" * (8192 - 3)),
    "14 headers at the limit": head(*[b"A%d: a" % n for n in range(99)]),
    "26 body at the limit": head(b"Content-Length: 1048576") + b"a" * 1048576,
    "26 chunked body at the limit": chunked(b"100000\r\n" + b"a" * 0x100000 + b"\r\n0\r\n\r\n"),
    "Chunked in capitals": head(b"Transfer-Encoding: Chunked") + b"0\r\n\r\n",
    "chunk extension": chunked(b"1;a=b\r\na\r\n0\r\n\r\n"),
    "trailer": trailer(b"A: b"),
    "empty lines before": b"\r\n\r\n" + GET,
    "39 %zz in a query": head(line=b"GET /?q=%zz HTTP/1.1"),
    "39 %ff in a query": head(line=b"GET /?q=%ff HTTP/1.1"),
    "39 %ff in a path": head(line=b"GET /%ff%zz% HTTP/1.1"),
    "RTSP in the body": head(b"Content-Length: 20", line=b"POST /a HTTP/1.0")
    + b"GET / RTSP/1.0\r\n\r\n  ",
    "an upgrade, which is not taken": head(
        b"Upgrade: h2c", b"Connection: Upgrade", line=b"GET / HTTP/1.1"
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_is_served(case):
    application = Hello()
    answer = Served(application).ask(ACCEPTED[case])
    assert status(answer) == 200, answer
    assert len(application.environs) == 1


def test_27_a_body_is_never_read_as_a_request():
    application = Hello()
    body = SMUGGLED
    data = head(b"Content-Length: %d" % len(body)) + body
    data += chunked(b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    Served(application).ask(data + GET)
    assert [environ["PATH_INFO"] for environ in application.environs] == ["/", "/", "/"]
    assert application.bodies == [body, body, b""]


def test_27_nothing_is_served_behind_a_connection_that_was_to_close():
    application = Hello()
    client = Served(application).client()
    client.send(head(b"Connection: close", line=b"GET / HTTP/1.1") + SMUGGLED)
    assert len(application.environs) == 1
    assert client.closed


def test_27_a_violation_behind_a_good_request_is_answered_after_it():
    application = Hello()
    client = Served(application).client()
    client.send(GET + b"GET / HTTP/9.9\r\n\r\n" + SMUGGLED)
    first, second = client.take().split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"200 OK")
    assert second.startswith(b"400 ")
    assert len(application.environs) == 1


def test_28_25_pipelined_requests_get_25_answers_in_order():
    application = Hello()
    data = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(25))
    answer = Served(application).ask(data)
    bodies = [part.split(b"\r\n\r\n")[1] for part in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"GET /%d " % n for n in range(25)]


def test_29_expect_on_1_0_gets_no_1xx():
    data = head(b"Expect: 100-continue", b"Content-Length: 1", line=b"POST / HTTP/1.0")
    client = Served(Hello()).client().send(data)
    assert client.take() == b""
    assert status(client.send(b"a").take()) == 200


def test_30_head_has_no_body():
    answer = Served(Hello()).ask(head(line=b"HEAD / HTTP/1.1"))
    assert split(answer)[2] == b""


def test_30_nor_has_an_error_to_head():
    def fails(environ, start_response):
        raise ValueError

    answer = Served(fails).ask(head(line=b"HEAD / HTTP/1.1"))
    assert status(answer) == 500
    assert split(answer)[2] == b""
    answer = Served(Hello()).ask(head(line=b"HEAD / HTTP/1.1", host=None))
    assert status(answer) == 400
    assert split(answer)[2] == b""


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\r\nSet-Cookie: b", "a\0b"])
def test_31_cr_or_lf_in_an_applications_header_injects_nothing(bad):
    def value(environ, start_response):
        start_response("200 OK", [("X-A", bad)])
        return [b"a"]

    def name(environ, start_response):
        start_response("200 OK", [(bad, "a")])
        return [b"a"]

    def reason(environ, start_response):
        start_response(f"200 {bad}", [])
        return [b"a"]

    for application in (value, name, reason):
        answer = Served(application).ask(GET)
        assert status(answer) == 500
        assert b"Set-Cookie" not in answer
        assert b"ValueError" not in answer


def test_32_more_than_content_length_is_cut_and_closed():
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "3")])
        return iter([b"ab", b"cd", b"ef"])

    client = Served(application).client().send(GET + SMUGGLED)
    assert client.take().endswith(b"\r\n\r\nabc")
    assert client.closed


def test_32_less_than_content_length_is_closed():
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "3")])
        return [b"ab"]

    client = Served(application).client().send(GET + SMUGGLED)
    assert client.take().endswith(b"\r\n\r\nab")
    assert client.closed


def test_36_1000_slow_heads_keep_nobody_waiting():
    served = Served(Hello(), max_connections=2000)
    slow = [served.client() for _ in range(1000)]
    for _ in range(5):
        for client in slow:
            client.send(b"GET / HTTP/1.1\r\nX-A: "[:1], settle=False)
        assert status(served.ask(GET)) == 200
    served.advance(12)
    assert all(client.closed for client in slow)
