"""When a connection is given up: silent, stalled and dripping clients, those that do not read."""

import pytest

from cogen.core.queue import Queue
from tests.web.harness import GET, HIGH_WATER, Hello, Served, status

case = pytest.mark.case

POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"
MEGABYTE = 1024 * 1024


def page(size):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", str(size))])
        return [b"a" * size]

    return application


# What the client is to send (33, 34)


@case(33)
def test_a_silent_connection_is_closed():
    served = Served(Hello())
    client = served.client()
    served.advance(9)
    assert not client.closed
    served.advance(2)
    assert client.take() == b""
    assert client.gone


@case(33)
@pytest.mark.parametrize("first", [b"G", b"GET / HTTP/1.1\r\nHost: a\r\nA: b"])
def test_a_head_that_stalls_is_answered_408(first):
    served = Served(Hello())
    client = served.client().send(first)
    served.advance(12)
    assert status(client.take()) == 408
    assert client.closed


@case(33)
def test_a_dripping_head_is_answered_408():
    served = Served(Hello())
    client = served.client()
    for byte in GET[:15]:
        client.send(bytes([byte]))
        served.advance(1)
    assert status(client.take()) == 408


@case(33)
def test_empty_lines_do_not_count_as_a_head():
    served = Served(Hello())
    client = served.client()
    for _ in range(13):
        client.send(b"\r\n")
        served.advance(1)
    assert client.gone


@case(33)
def test_a_later_head_has_the_same_time_as_the_first():
    served = Served(Hello())
    client = served.client().send(GET)
    served.advance(60)
    client.send(GET[:5])
    client.take()
    served.advance(9)
    assert client.take() == b""
    served.advance(3)
    assert status(client.take()) == 408


@case(33)
def test_a_head_that_begins_in_the_pipeline_has_it_too():
    served = Served(Hello())
    client = served.client().send(GET + GET[:5])
    assert status(client.take()) == 200
    served.advance(12)
    assert status(client.take()) == 408


def test_an_idle_connection_is_closed_after_keep_alive():
    served = Served(Hello(), keep_alive=20)
    client = served.client().send(GET)
    client.take()
    served.advance(19)
    assert not client.closed
    served.advance(2)
    assert client.take() == b""
    assert client.gone


@case(34)
@pytest.mark.parametrize(
    "head", [POST, POST.replace(b"Content-Length: 10000", b"Transfer-Encoding: chunked")]
)
def test_a_stalled_body_is_answered_408(head):
    served = Served(Hello())
    client = served.client().send(head)
    served.advance(28)
    assert not client.closed
    served.advance(4)
    assert status(client.take()) == 408
    assert client.closed


@case(34)
def test_a_dripping_body_is_answered_408():
    served = Served(Hello())
    client = served.client().send(POST)
    for _ in range(35):
        client.send(b"a" * 10)
        served.advance(1)
    assert status(client.take()) == 408


@case(34)
def test_a_slow_body_that_comes_on_is_not():
    application = Hello()
    served = Served(application)
    client = served.client().send(POST)
    for _ in range(10):
        served.advance(25)
        client.send(b"a" * 1024)
    assert status(client.take()) == 200


def test_a_parked_request_has_all_the_time_it_wants():
    queue = Queue()

    def application(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.call"](queue.get)()

    served = Served(application)
    client = served.client().send(GET)
    served.advance(10_000)
    assert not client.closed


@case(34)
def test_an_application_that_reads_a_body_that_stalls_hears_of_it():
    def application(environ, start_response):
        yield environ["cogen.input"].read(100)
        yield environ["cogen.input"].read()
        environ["cogen.wsgi"].take()
        start_response("200 OK", [])

    served = Served(application, stream_bodies=True)
    client = served.client().send(POST + b"a" * 100)
    served.advance(32)
    assert status(client.take()) == 408
    assert client.closed


# What it is to read (35)


@case(35)
def test_a_client_that_never_reads_is_asked_for_no_more_and_closed():
    produced = 0

    def application(environ, start_response):
        nonlocal produced
        start_response("200 OK", [])
        while True:
            produced += 10_000
            yield b"a" * 10_000

    served = Served(application)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    assert produced < 2 * HIGH_WATER
    served.advance(59)
    assert not client.gone
    assert produced < 2 * HIGH_WATER
    served.advance(3)
    assert client.transport.aborted
    assert client.connection.exchange is None


def test_the_answer_goes_on_when_the_client_reads_again():
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", str(MEGABYTE))])
        for _ in range(64):
            yield b"a" * (MEGABYTE // 64)

    served = Served(application)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    while client.transport.unwritten:
        client.transport.read(10_000)
        served.settle()
    assert client.take().count(b"a") >= MEGABYTE
    assert not client.closed


@case(35)
def test_a_client_that_reads_slowly_is_not_taken_for_one_that_does_not_read():
    served = Served(page(MEGABYTE), keep_alive=75)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    for _ in range(20):
        served.advance(30)
        client.transport.read(MEGABYTE // 19)
    assert not client.closed
    assert len(client.take()) > MEGABYTE


@case(35)
def test_a_client_that_does_not_read_the_last_of_an_answer_is_closed_too():
    served = Served(page(MEGABYTE))
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    client.transport.read(100_000)
    served.advance(122)
    assert client.transport.aborted


@case(35)
def test_a_client_that_does_not_read_before_the_end_is_closed():
    served = Served(page(1000))
    client = served.client()
    client.transport.client_reads = False
    client.send(b"GET / HTTP/1.0\r\n\r\n")
    assert client.transport.closing
    assert not client.transport.aborted, "it may still read"
    served.advance(63)
    assert client.transport.aborted


@case(35)
def test_a_client_that_pipelines_and_never_reads_costs_one_answer():
    served = Served(page(MEGABYTE))
    client = served.client()
    client.transport.client_reads = False
    client.send(GET * 100)
    assert len(client.transport.unwritten) < 2 * MEGABYTE
    assert served.service.requests == 1
    client.transport.client_reads = True
    client.transport.read(2 * MEGABYTE)
    served.settle()
    assert served.service.requests == 100, "it gets the others when it reads"


def test_a_request_behind_an_unread_answer_is_answered_when_that_is_read():
    served = Served(page(MEGABYTE))
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    client.send(GET)
    assert served.service.requests == 1
    served.advance(50)
    client.transport.client_reads = True
    client.transport.read(2 * MEGABYTE)
    served.settle()
    assert served.service.requests == 2
    assert not client.closed


def test_a_refusal_does_not_cut_off_the_answer_before_it():
    served = Served(page(MEGABYTE // 20))
    client = served.client()
    client.transport.client_reads = False
    client.send(GET + b"nonsense\r\n\r\n")
    assert client.transport.ended
    for _ in range(4):
        served.advance(5)
        client.transport.read(20_000)
    assert client.take().endswith(b"not known.\r\n")


@case(34)
def test_a_body_that_stalls_is_noticed_though_the_client_has_been_slow_to_read():
    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"a" * 100_000
        yield environ["cogen.input"].read()
        environ["cogen.wsgi"].take()

    served = Served(application, stream_bodies=True)
    client = served.client()
    client.transport.client_reads = False
    client.send(POST)
    served.advance(20)
    client.transport.read(200_000)
    served.advance(32)
    assert client.closed
