"""The acceptance list of the design: what is answered, and how (28 to 32), and slow heads (36).

33 to 35 are test_connection_deadlines.py's, 38 is test_going_down.py's; on real sockets:
functional/test_acceptance.py.
"""

from io import BytesIO

import pytest

from cogen.core.queue import Queue
from cogen.web.middleware import LazyStartResponse
from tests.web.harness import GET, Hello, Served, dechunk, split, status
from tests.web.refused import SMUGGLED, chunked, head

case = pytest.mark.case


@case(28)
@pytest.mark.parametrize("step", [None, 1, 100])
def test_28_25_pipelined_requests_get_25_answers_in_order(step):
    application = Hello()
    data = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(25))
    step = step or len(data)
    answer = Served(application).ask(*[data[n : n + step] for n in range(0, len(data), step)])
    bodies = [part.split(b"\r\n\r\n")[1] for part in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"GET /%d " % n for n in range(25)]


@case(28)
def test_28_in_order_though_the_last_could_be_answered_first():
    queues = [Queue() for _ in range(25)]

    def application(environ, start_response):
        yield environ["cogen.call"](queues[int(environ["PATH_INFO"][1:])].get)()
        start_response("200 OK", [])
        yield environ["cogen.wsgi"].take()

    served = Served(application)
    data = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(25))
    client = served.client().send(data)
    for number in reversed(range(25)):
        assert client.take() == b""
        queues[number].put_nowait(b"<%d>" % number)
        served.settle()
    answer = client.take()
    places = [answer.index(b"<%d>" % number) for number in range(25)]
    assert places == sorted(places)
    assert answer.count(b"HTTP/1.1 200 OK") == 25


@case(28)
def test_28_of_every_kind():
    """With bodies and without, chunked, HEAD, an upgrade that is not taken, 1.0 kept alive."""
    one = (
        GET
        + head(b"Content-Length: 3")
        + b"abc"
        + chunked(b"3\r\nabc\r\n0\r\n\r\n")
        + head(line=b"HEAD / HTTP/1.1")
        + head(b"Upgrade: h2c", b"Connection: Upgrade", line=b"GET / HTTP/1.1")
        + head(b"Connection: keep-alive", line=b"GET / HTTP/1.0")
    )
    application = Hello()
    answer = Served(application).ask(one * 5)
    assert answer.count(b"HTTP/1.1 200 OK") == 30
    assert [environ["REQUEST_METHOD"] for environ in application.environs] == [
        *("GET", "POST", "POST", "HEAD", "GET", "GET")
    ] * 5
    assert application.bodies == [b"", b"abc", b"abc", b"", b"", b""] * 5


@case(29)
@pytest.mark.parametrize("stream_bodies", [False, True])
def test_29_expect_on_1_0_gets_no_1xx(stream_bodies):
    def application(environ, start_response):
        yield environ["cogen.input"].read(1)
        start_response("200 OK", [])
        yield environ["cogen.wsgi"].take()

    data = head(b"Expect: 100-continue", b"Content-Length: 1", line=b"POST / HTTP/1.0")
    client = Served(application, stream_bodies=stream_bodies).client().send(data)
    assert client.take() == b""
    answer = client.send(b"a").take()
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\na")


@case(29)
def test_29_an_expectation_that_1_1_would_not_know_is_none_of_1_0s():
    assert status(Served(Hello()).ask(head(b"Expect: x", line=b"GET / HTTP/1.0"))) == 200


def listed(environ, start_response):
    start_response("200 OK", [])
    return [b"body"]


def iterated(environ, start_response):
    start_response("200 OK", [])
    yield b"bo"
    yield b"dy"


def measured(environ, start_response):
    start_response("200 OK", [("Content-Length", "4")])
    return [b"body"]


def written(environ, start_response):
    start_response("200 OK", [])(b"bo")
    return [b"dy"]


def wrapped(environ, start_response):
    start_response("200 OK", [])
    return environ["wsgi.file_wrapper"](BytesIO(b"body"))


def failing(environ, start_response):
    raise ValueError


def failing_later(environ, start_response):
    start_response("200 OK", [])
    yield b""
    raise ValueError


@case(30)
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize(
    "application", [listed, iterated, measured, written, wrapped, failing, failing_later]
)
def test_30_head_has_no_body(application, version, caplog):
    answer = Served(application).ask(head(line=b"HEAD / HTTP/" + version))
    assert answer.count(b"\r\n\r\n") == 1
    assert answer.endswith(b"\r\n\r\n")
    assert status(answer) == (500 if "failing" in application.__name__ else 200)


@case(30)
@pytest.mark.parametrize("application", [listed, iterated, measured, written, wrapped])
def test_30_what_follows_head_begins_right_behind_it(application):
    answer = Served(application).ask(head(line=b"HEAD / HTTP/1.1") + GET)
    first, second = answer.split(b"HTTP/1.1 200 OK")[1:]
    assert first.endswith(b"\r\n\r\n")
    _, headers, body = split(b"HTTP/1.1 200 OK" + second)
    assert (dechunk(body) if "transfer-encoding" in headers else body) == b"body"


@case(30)
def test_30_nor_has_a_refusal_of_head():
    answer = Served(Hello()).ask(head(line=b"HEAD / HTTP/1.1", host=None))
    assert status(answer) == 400
    assert split(answer)[2] == b""


BAD = [
    "a\rb",
    "a\nb",
    "a\r\nSet-Cookie: b",
    "a\0b",
    "\n",
    "a\r\n\r\n<script>",
    "\r\n b",
    "a\x1b[2J",
]


@case(31)
@pytest.mark.parametrize("lazy", [False, True], ids=["", "lazy"])
@pytest.mark.parametrize("bad", BAD, ids=ascii)
@pytest.mark.parametrize("place", ["value", "name", "reason"])
def test_31_cr_or_lf_in_an_applications_header_injects_nothing(place, bad, lazy, caplog):
    says = {
        "value": ("200 OK", [("X-A", bad)]),
        "name": ("200 OK", [(bad, "a")]),
        "reason": (f"200 {bad}", []),
    }

    def application(environ, start_response):
        start_response(*says[place])
        return [b"a"]

    client = Served(LazyStartResponse(application) if lazy else application).client()
    answer = client.send(GET + SMUGGLED).take()
    assert status(answer) == 500
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"Set-Cookie" not in answer
    assert b"<script>" not in answer
    assert b"Error" not in split(answer)[2].replace(b"Internal Server Error", b"")
    assert client.closed


@case(31)
def test_31_nor_when_the_head_is_corrected(caplog):
    def application(environ, start_response):
        start_response("200 OK", [])
        try:
            raise ValueError
        except ValueError as error:
            start_response(
                "500 Oh", [("X", "a\r\nY: b")], (type(error), error, error.__traceback__)
            )
        return [b"a"]

    answer = Served(application).ask(GET)
    assert status(answer) == 500
    assert b"Y: b" not in answer


def answering(kind, length, *chunks):
    def application(environ, start_response):
        write = start_response("200 OK", [("Content-Length", str(length))])
        if kind == "write":
            for chunk in chunks:
                write(chunk)
            return []
        if kind == "list":
            return list(chunks)
        return iter(chunks)

    return application


def waiting(length, *chunks):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", str(length))])
        for chunk in chunks:
            yield environ["cogen.core"].events.Sleep(1)
            yield chunk

    return application


KINDS = ["list", "iterator", "write", "waiting"]


def served(kind, length, *chunks):
    """A client of an application that sends more or less than it said, and asks twice."""
    application = (
        waiting(length, *chunks) if kind == "waiting" else answering(kind, length, *chunks)
    )
    server = Served(application)
    client = server.client().send(GET + SMUGGLED)
    server.advance(5)
    return client


@case(32)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunks", [(b"ab", b"cd", b"ef"), (b"abc", b"d"), (b"abcd",)])
def test_32_more_than_content_length_is_cut_and_closed(kind, chunks, caplog):
    client = served(kind, 3, *chunks)
    answer = client.take()
    assert answer.endswith(b"\r\n\r\nabc")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert client.closed


@case(32)
@pytest.mark.parametrize("kind", KINDS)
def test_32_more_than_nothing_too(kind, caplog):
    client = served(kind, 0, b"a")
    answer = client.take()
    assert answer.endswith(b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert client.closed


@case(32)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunks", [(b"ab",), (b"a", b"b"), ()])
def test_32_less_than_content_length_is_closed(kind, chunks, caplog):
    client = served(kind, 3, *chunks)
    answer = client.take()
    assert answer.endswith(b"\r\n\r\n" + b"".join(chunks))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert client.closed


@case(32)
@pytest.mark.parametrize("kind", KINDS)
def test_32_just_as_much_keeps_the_connection(kind):
    client = served(kind, 3, b"ab", b"c")
    assert client.take().count(b"\r\n\r\nabc") == 2
    assert not client.closed


@case(36)
def test_36_1000_slow_heads_keep_nobody_waiting():
    server = Served(Hello(), max_connections=2000)
    slow = [server.client() for _ in range(1000)]
    for second in range(9):
        for client in slow:
            client.send(GET[second : second + 1], settle=False)
        assert status(server.ask(GET)) == 200
        server.advance(1)
    assert not any(client.closed for client in slow)
    server.advance(3)
    assert [status(client.take()) for client in slow] == [408] * 1000
    assert all(client.closed for client in slow)
    assert status(server.ask(GET)) == 200
