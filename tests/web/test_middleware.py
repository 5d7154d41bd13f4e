"""LazyStartResponse and SynchronousInput."""

import pytest

from cogen.core.queue import Queue
from cogen.web.middleware import LazyStartResponse, SynchronousInput
from tests.web.harness import GET, Served, dechunk, split, status


@pytest.fixture
def queues():
    return {"/a": Queue(), "/b": Queue()}


def test_two_interleaved_requests_keep_their_own_status_and_headers(queues):
    """Fault 6 of the original: each got what the other had said last."""

    def application(environ, start_response):
        me = environ["PATH_INFO"]
        start_response("200 OK", [("X-Me", me)])
        yield environ["cogen.call"](queues[me].get)()
        start_response("404 Not Found" if me == "/b" else "202 Accepted", [("X-Me", me * 2)])
        yield me.encode()

    served = Served(LazyStartResponse(application))
    first = served.client().send(GET.replace(b"/ ", b"/a "))
    second = served.client().send(GET.replace(b"/ ", b"/b "))
    queues["/b"].put_nowait(1)
    served.settle()
    queues["/a"].put_nowait(1)
    served.settle()
    for client, expected, me in ((first, "202 Accepted", "/a"), (second, "404 Not Found", "/b")):
        line, headers, body = split(client.take())
        assert (line, headers["x-me"], dechunk(body)) == (expected, me * 2, me.encode())


def test_the_last_word_before_the_first_byte_counts():
    def application(environ, start_response):
        start_response("200 OK", [])
        yield b""
        start_response("404 Not Found", [])

    assert status(Served(LazyStartResponse(application)).ask(GET)) == 404


def test_write_comes_before_the_body():
    def application(environ, start_response):
        write = start_response("200 OK", [("Content-Length", "4")])
        write(b"ab")
        return [b"cd"]

    assert Served(LazyStartResponse(application)).ask(GET).endswith(b"\r\n\r\nabcd")


def test_too_late_is_too_late(caplog):
    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"a"
        try:
            raise ValueError("the cause")
        except ValueError as error:
            start_response("500 Oh", [], (ValueError, error, error.__traceback__))

    client = Served(LazyStartResponse(application)).client().send(GET)
    assert client.gone
    assert "the cause" in caplog.text


def test_an_application_that_says_nothing_is_at_fault(caplog):
    assert status(Served(LazyStartResponse(lambda environ, start: [])).ask(GET)) == 500


def test_the_applications_iterator_is_closed(queues):
    closed = []

    def application(environ, start_response):
        try:
            yield environ["cogen.call"](queues["/a"].get)()
        finally:
            closed.append(1)

    Served(LazyStartResponse(application)).client().send(GET).reset()
    assert closed == [1]


def test_factories_for_paste():
    def application(environ, start_response):
        start_response("200 OK", [])
        return [b"a"]

    for kind in (LazyStartResponse, SynchronousInput):
        assert status(Served(kind.factory(application, {})).ask(GET)) == 200


def echo(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("size", [0, 3, 100_000])
@pytest.mark.parametrize("stream_bodies", [True, False])
def test_an_ordinary_application_reads_its_body_whole(stream_bodies, size):
    served = Served(SynchronousInput(echo), stream_bodies=stream_bodies)
    client = served.client().send(POST % size)
    body = b"a" * size
    client.send(body[:2], body[2:])
    assert client.take().endswith(b"\r\n\r\n" + body)


def test_a_chunked_one_too():
    served = Served(SynchronousInput(echo), stream_bodies=True)
    client = served.client().send(CHUNKED, b"2\r\nab\r\n", b"1\r\nc\r\n0\r\n\r\n")
    assert client.take().endswith(b"\r\n\r\nabc")


def test_two_bodies_that_come_at_once_stay_apart():
    served = Served(SynchronousInput(echo), stream_bodies=True)
    clients = [served.client().send(POST % 4) for _ in range(2)]
    for piece in (b"12", b"34"):
        for number, client in enumerate(clients):
            client.send(bytes(each + number for each in piece))
    assert [client.take()[-4:] for client in clients] == [b"1234", b"2345"]


def test_a_body_that_breaks_off_is_the_clients_fault(caplog):
    served = Served(SynchronousInput(echo), stream_bodies=True)
    client = served.client().send(CHUNKED, b"nonsense\r\n")
    assert status(client.take()) == 400
    assert caplog.text == ""
    client = served.client().send(POST % 5)
    served.advance(32)
    assert status(client.take()) == 408


def test_elsewhere_it_lets_requests_through():
    def start_response(status, headers):
        pass

    seen = []
    SynchronousInput(lambda environ, start: seen.append(environ))({"a": 1}, start_response)
    assert seen == [{"a": 1}]
