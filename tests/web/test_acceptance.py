"""The acceptance list of the design, case by case, on raw bytes: what is refused, and what is not.

Each refused request is followed by a second one, which must never reach the application. (28 to 36
and 38: test_acceptance_answers.py; harder ways to send the same: test_acceptance_hard.py.)
"""

import pytest

from tests.web.harness import GET, Hello, Served, status
from tests.web.refused import REFUSED, SMUGGLED, check_refusal, chunked, head, numbered, trailer

case = pytest.mark.case


@pytest.mark.parametrize("step", [None, 997, 1])
@pytest.mark.parametrize("name", numbered(REFUSED))
def test_is_refused_and_closed_and_nothing_behind_it_is_served(name, step):
    data, expected = REFUSED[name]
    data += SMUGGLED
    application = Hello()
    client = Served(application).client()
    if step is None:
        step = len(data)
    elif len(data) > 20_000:
        step = 997  # a byte at a time, a long one says nothing more
    client.send(*[data[n : n + step] for n in range(0, len(data), step)])
    check_refusal(client, expected)
    assert application.environs == []


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


@pytest.mark.parametrize("name", numbered(ACCEPTED))
def test_is_served(name):
    application = Hello()
    answer = Served(application).ask(ACCEPTED[name])
    assert status(answer) == 200, answer
    assert len(application.environs) == 1


@case(27)
def test_27_a_body_is_never_read_as_a_request():
    application = Hello()
    body = SMUGGLED
    data = head(b"Content-Length: %d" % len(body)) + body
    data += chunked(b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
    Served(application).ask(data + GET)
    assert [environ["PATH_INFO"] for environ in application.environs] == ["/", "/", "/"]
    assert application.bodies == [body, body, b""]


@case(27)
def test_27_nothing_is_served_behind_a_connection_that_was_to_close():
    application = Hello()
    client = Served(application).client()
    client.send(head(b"Connection: close", line=b"GET / HTTP/1.1") + SMUGGLED)
    assert len(application.environs) == 1
    assert client.closed


@case(27)
def test_27_a_violation_behind_a_good_request_is_answered_after_it():
    application = Hello()
    client = Served(application).client()
    client.send(GET + b"GET / HTTP/9.9\r\n\r\n" + SMUGGLED)
    first, second = client.take().split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"200 OK")
    assert second.startswith(b"400 ")
    assert len(application.environs) == 1
