"""What is refused, as bytes: the names begin with the case's number in the acceptance list."""

import re

import pytest

from tests.web.harness import GET, split, status

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def head(*fields, line=b"POST / HTTP/1.1", host=b"Host: a"):
    return b"\r\n".join([line, *([host] if host else []), *fields]) + b"\r\n\r\n"


def chunked(body):
    return head(b"Transfer-Encoding: chunked") + body


def trailer(field):
    return chunked(b"1\r\na\r\n0\r\n" + field + b"\r\n\r\n")


def record(kind, content):
    """One of TLS: its head, and the content."""
    return bytes((kind, 3, 1)) + len(content).to_bytes(2, "big") + content


# The beginning of a client's hello (RFC 8446 4.1.2): type, length, version, random, session.
TLS_HELLO = record(22, b"\x01\x00\x00\xf4\x03\x03" + bytes(range(32)) + b"\x20" + b"GET " * 8)

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
    "3 Host with two ports": (head(host=b"Host: a:80:80"), 400),
    "3 Host with a port that is no number": (head(host=b"Host: a:b"), 400),
    "3 Host is a port": (head(host=b"Host: :80"), 400),
    "3 Host is a bare IPv6 address": (head(host=b"Host: ::1"), 400),
    "3 Host in brackets that do not close": (head(host=b"Host: [::1"), 400),
    "3 Host is a URL": (head(host=b"Host: http://a"), 400),
    "3 Host is not ASCII": (head(host=b"Host: \xe4"), 400),
    "3 Host in an absolute target": (head(line=b"GET http://u@h/ HTTP/1.1"), 400),
    "4 GET *": (head(line=b"GET * HTTP/1.1"), 400),
    "4 POST *": (head(line=b"POST * HTTP/1.1"), 400),
    "5 GET foo": (head(line=b"GET foo HTTP/1.1"), 400),
    "5 GET a:80": (head(line=b"GET a:80 HTTP/1.1"), 400),
    "5 GET ?a": (head(line=b"GET ?a HTTP/1.1"), 400),
    "5 another scheme": (head(line=b"GET ftp://a/ HTTP/1.1"), 400),
    "5 absolute without a host": (head(line=b"GET http:///a HTTP/1.1"), 400),
    "6 CONNECT": (head(line=b"CONNECT a:443 HTTP/1.1"), (405, 501)),
    "7 HTTP/2.0": (head(line=b"GET / HTTP/2.0"), (400, 505)),
    "7 HTTP/1.32": (head(line=b"GET / HTTP/1.32"), (400, 505)),
    "7 HTTP/1.2": (head(line=b"GET / HTTP/1.2"), (400, 505)),
    "7 HTTP/1.11": (head(line=b"GET / HTTP/1.11"), (400, 505)),
    "7 HTTP/01.1": (head(line=b"GET / HTTP/01.1"), (400, 505)),
    "7 HTTP/1": (head(line=b"GET / HTTP/1"), (400, 505)),
    "7 HTTP/0.9": (head(line=b"GET / HTTP/0.9"), (400, 505)),
    "7 http/1.1": (head(line=b"GET / http/1.1"), (400, 505)),
    "7 HTTPS/1.1": (head(line=b"GET / HTTPS/1.1"), (400, 505)),
    "7 RTSP/1.0": (head(line=b"GET / RTSP/1.0"), (400, 505)),
    "7 RTSP/1.1": (head(line=b"GET / RTSP/1.1"), (400, 505)),
    "7 RTSP's own method": (head(line=b"DESCRIBE / RTSP/1.0"), (400, 501, 505)),
    "7 RTSP's method over HTTP": (head(line=b"SETUP / HTTP/1.1"), (400, 501)),
    "7 preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 501, 505)),
    "8 no version": (b"GET /\r\n\r\n", 400),
    "8 no version, 0.9": (b"GET /\n", 400),
    "8 no version, headers": (head(line=b"GET /"), 400),
    "9 NUL in target": (head(line=b"GET /\0 HTTP/1.1"), 400),
    "9 NUL in a query": (head(line=b"GET /?\0 HTTP/1.1"), 400),
    "9 DEL in target": (head(line=b"GET /\x7f HTTP/1.1"), 400),
    "10 raw non-ASCII path": (head(line=b"GET /\xc3\xa4 HTTP/1.1"), 400),
    "10 raw non-ASCII query": (head(line=b"GET /?\xc3\xa4 HTTP/1.1"), 400),
    "10 a lone byte": (head(line=b"GET /\xff HTTP/1.1"), 400),
    "11 //[bad": (head(line=b"GET //[bad HTTP/1.1"), 400),
    "11 //[bad in an absolute target": (head(line=b"GET http://[bad HTTP/1.1"), 400),
    "11 backslash": (head(line=b"GET /\\ HTTP/1.1"), 400),
    "12 line over the limit": (head(line=b"GET /" + b"a" * 8192 + b" HTTP/1.1"), 414),
    "12 line over the limit by one": (head(line=b"GET /" + b"a" * 8179 + b" HTTP/1.1"), 414),
    "12 by one, with a longer method": (head(line=b"OPTIONS /" + b"a" * 8175 + b" HTTP/1.1"), 414),
    "12 query over the limit": (head(line=b"GET /?" + b"a" * 8192 + b" HTTP/1.1"), 414),
    "12 line without end": (b"GET /" + b"a" * 100_000, 414),
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
    "16 space before Host's colon": (head(host=b"Host : a"), 400),
    "16 space in a name": (head(b"Content Length: 5"), 400),
    "17 NUL in a value": (head(b"A: \0"), 400),
    "17 bare CR in a value": (head(b"A: a\rb"), 400),
    "17 BEL in a value": (head(b"A: \x07"), 400),
    "17 bare LF as a line's end": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "17 bare LF behind a header": (b"GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
    "17 bare LF ends the head": (b"GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
    "17 bare LF in a value": (head(b"A: a\nB: b"), 400),
    "17 bare CR as a line's end": (b"GET / HTTP/1.1\rHost: a\r\r", 400),
    "17 bare CR before a value": (head(b"A:\rb"), 400),
    "17 ESC in a value": (head(b"A: \x1b[2J"), 400),
    "17 DEL in a value": (head(b"A: \x7f"), 400),
    "17 NUL in a name": (head(b"Content-Length\0: 5"), 400),
    "18 Content-Length +1": (head(b"Content-Length: +1") + b"a", 400),
    "18 Content-Length -1": (head(b"Content-Length: -1") + b"a", 400),
    "18 Content-Length 1_0": (head(b"Content-Length: 1_0") + b"a" * 10, 400),
    "18 Content-Length 0x1": (head(b"Content-Length: 0x1") + b"a", 400),
    "18 Content-Length empty": (head(b"Content-Length:"), 400),
    "18 Content-Length 1 1": (head(b"Content-Length: 1 1") + b"a", 400),
    "18 Content-Length 1,1": (head(b"Content-Length: 1,1") + b"a", 400),
    "18 Content-Length 5.0": (head(b"Content-Length: 5.0") + b"a" * 5, 400),
    "18 Content-Length with a vertical tab": (head(b"Content-Length: \x0b5") + b"a" * 5, 400),
    "18 Content-Length in other digits": (head("Content-Length: ٥".encode()) + b"a" * 5, 400),
    "18 Content-Length 2**64": (head(b"Content-Length: 18446744073709551616"), (400, 413)),
    "18 Content-Length 2**64 + 1": (head(b"Content-Length: 18446744073709551617") + b"a", 400),
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
    "21 empty": (head(b"Transfer-Encoding:") + b"0\r\n\r\n", (400, 501)),
    "21 chunked,": (head(b"Transfer-Encoding: chunked,") + b"0\r\n\r\n", (400, 501)),
    "21 chunked;q=1": (head(b"Transfer-Encoding: chunked;q=1") + b"0\r\n\r\n", (400, 501)),
    "21 identity": (head(b"Transfer-Encoding: identity") + b"0\r\n\r\n", (400, 501)),
    "21 identity, then chunked": (
        head(b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
        (400, 501),
    ),
    "21 vertical tab": (head(b"Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n", (400, 501)),
    "22 Transfer-Encoding on 1.0": (
        head(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0") + b"0\r\n\r\n",
        400,
    ),
    "23 chunk size 0x5": (chunked(b"0x5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size 5_": (chunked(b"5_\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size ' 5'": (chunked(b" 5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size +5": (chunked(b"+5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size -5": (chunked(b"-5\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size empty": (chunked(b"\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size '5 '": (chunked(b"5 \r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size g": (chunked(b"g\r\naaaaa\r\n0\r\n\r\n"), 400),
    "23 chunk size overflowing": (chunked(b"f" * 17 + b"\r\naaaaa\r\n0\r\n\r\n"), 400),
    "24 chunk without CRLF": (chunked(b"1\r\naXX0\r\n\r\n"), 400),
    "24 chunk with LF": (chunked(b"1\r\na\n0\r\n\r\n"), 400),
    "24 chunk size ended by LF": (chunked(b"1\na\r\n0\r\n\r\n"), 400),
    "24 chunk size ended by CR": (chunked(b"1\ra\r\n0\r\n\r\n"), 400),
    "24 chunk too long": (chunked(b"1\r\naa\r\n0\r\n\r\n"), 400),
    "24 chunk too short": (chunked(b"2\r\na\r\n0\r\n\r\n"), 400),
    "24 last chunk ended by LF": (chunked(b"1\r\na\r\n0\n\n"), 400),
    "24 bare LF in a chunk extension": (chunked(b"1;a\nb\r\na\r\n0\r\n\r\n"), 400),
    "24 bare CR in a chunk extension": (chunked(b"1;a\rb\r\na\r\n0\r\n\r\n"), 400),
    "24 NUL in a chunk extension": (chunked(b"1;\0\r\na\r\n0\r\n\r\n"), 400),
    "24 chunk extension without end": (chunked(b"1;" + b"a" * 100_000), 400),
    "25 Content-Length in a trailer": (trailer(b"Content-Length: 5"), 400),
    "25 Transfer-Encoding in a trailer": (trailer(b"Transfer-Encoding: chunked"), 400),
    "25 Host in a trailer": (trailer(b"Host: b"), 400),
    "25 Host in a trailer, in small letters": (trailer(b"host: b"), 400),
    "25 folded trailer": (trailer(b"A: a\r\n b"), 400),
    "25 trailer ended by LF": (trailer(b"A: a\nHost: b"), 400),
    "25 NUL in a trailer": (trailer(b"A: \0"), 400),
    "25 trailer without end": (chunked(b"0\r\nA: " + b"a" * 100_000), (400, 431)),
    "25 too many trailers": (chunked(b"0\r\n" + b"A: a\r\n" * 101 + b"\r\n"), 431),
    "26 declared body over the limit": (head(b"Content-Length: 1048577"), 413),
    "26 chunked body over the limit": (chunked(b"100001\r\n" + b"a" * 0x100001), 413),
    "unknown expectation": (head(b"Expect: 200-ok", b"Content-Length: 0"), 417),
    "unknown method": (head(line=b"BREW / HTTP/1.1"), 501),
    "method in small letters": (head(line=b"get / HTTP/1.1"), (400, 501)),
    "method of ICE": (head(line=b"SOURCE / ICE/1.0"), (400, 501)),
    "method that is no token": (head(line=b"G\xc9T / HTTP/1.1"), (400, 501)),
    "two Content-Types": (head(b"Content-Type: a/b", b"Content-Type: a/c"), 400),
    "header without a colon": (head(b"abc"), 400),
    "header without a name": (head(b": a"), 400),
    "header's name that is no token": (head(b"A(: a"), 400),
    "header's name that is not ASCII": (head(b"A\x80: a"), 400),
    "fragment": (head(line=b"GET /a#b HTTP/1.1"), 400),
    "fragment in a query": (head(line=b"GET /?a#b HTTP/1.1"), 400),
    "space in a path": (head(line=b"GET /a b HTTP/1.1"), 400),
    "space behind the version": (head(line=b"GET / HTTP/1.1 "), 400),
    "space before the method": (head(line=b" GET / HTTP/1.1"), (400, 501)),
    "TLS": (TLS_HELLO, 400),
    "TLS alert": (b"\x15\x03\x01\x00\x02\x02\x28", 400),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", (400, 501)),
    "SOCKS": (b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", 400),
    "telnet": (b"\xff\xfd\x03\xff\xfb\x18hello\r\n", 400),
    "Redis": (b"*1\r\n$4\r\nPING\r\n", (400, 501)),
    "PROXY protocol": (b"PROXY TCP4 192.0.2.1 192.0.2.2 50000 80\r\n" + GET, (400, 501)),
    "a response": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", (400, 501)),
}


def numbered(table):
    """Parameters: a table's names, with their case; ids as ``case-12-line-over-the-limit``."""
    parameters = []
    for name in table:
        number, _, rest = name.partition(" ")
        if number.isdigit():
            case = pytest.mark.case(int(number))
            parameters.append(pytest.param(name, marks=case, id=f"case-{number}-{dashed(rest)}"))
        else:
            parameters.append(pytest.param(name, id=dashed(name)))
    return parameters


def dashed(text):
    return re.sub(r"\s+", "-", text)


def check_refusal(client, expected):
    """What has come is one refusal: of this status (or one of them), a short text; and the end."""
    answer = client.take()
    assert len(re.findall(rb"HTTP/1.1 [0-9]{3} ", answer)) == 1, answer
    assert status(answer) in (expected if isinstance(expected, tuple) else (expected,)), answer
    line, headers, body = split(answer)
    assert headers["connection"] == "close"
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["content-length"] == str(len(body))
    assert body.startswith(line.encode()), "a short text says what was wrong"
    assert len(body) < 200
    assert b"Traceback" not in body
    assert client.closed
