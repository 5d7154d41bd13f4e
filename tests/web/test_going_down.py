"""What clients hear of requests that the server's end cuts short."""

from __future__ import annotations

import asyncio

import pytest

from cogen.core.queue import Queue
from cogen.web.service import MOMENT
from tests.web.harness import GET, Hello, Served, split

case = pytest.mark.case

POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"


@case(38)
def test_an_application_that_does_not_heed_the_end_is_unavailable_not_broken(caplog):
    def application(environ, start_response):
        yield environ["cogen.call"](Queue().get)(timeout=10)
        environ["cogen.wsgi"].take()

    served = Served(application)
    client = served.client().send(GET)
    served.shut()
    served.settle()
    assert client.take().startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in caplog.text


@case(38)
def test_who_waits_for_asyncio_hears_503_when_the_grace_is_over():
    def application(environ, start_response):
        gate = environ["cogen.wsgi"]
        gate.operation = Queue().get()
        yield b""
        gate.take()

    served = Served(application)
    client = served.client().send(GET)
    client.connection.give_up()
    served.settle()
    assert client.take().startswith(b"HTTP/1.1 503 ")
    assert client.closed


@case(38)
def test_what_has_begun_to_answer_is_cut_off():
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "10")])
        yield b"half "
        yield environ["cogen.call"](Queue().get)()

    served = Served(application)
    client = served.client().send(GET)
    client.connection.give_up()
    served.settle()
    assert client.take().endswith(b"half ")


@case(38)
@pytest.mark.parametrize("reads", [True, False])
def test_an_answer_without_an_end_is_told_to_end(reads):
    def application(environ, start_response):
        gate = environ["cogen.wsgi"]
        start_response("200 OK", [])
        while True:
            yield b"x" * 100_000
            if gate.closing:
                break
            yield environ["cogen.call"](Queue().get)(timeout=1)
        yield b"end"

    served = Served(application)
    client = served.client()
    client.transport.client_reads = reads
    client.send(GET)
    served.shut()
    for _ in range(2):
        client.transport.read(1_000_000)
        served.settle()
    assert client.take().endswith(b"3\r\nend\r\n0\r\n\r\n")
    assert client.closed


def test_applications_see_no_event_loop(run):
    """Django's database layer refuses to work where it sees one, and asgiref runs its own."""

    async def serve():
        seen = []

        def application(environ, start_response):
            seen.append(asyncio._get_running_loop())
            yield environ["cogen.yield"](asyncio.sleep(0))
            seen.append(asyncio._get_running_loop())
            start_response("200 OK", [("Content-Length", "0")])
            yield b""

        served = Served(application)
        loop = asyncio.get_running_loop()
        served.scheduler.loop = loop
        served.client().send(GET)
        for _ in range(5):
            await asyncio.sleep(0)
            served.settle()
        assert asyncio.get_running_loop() is loop
        return seen

    assert run(serve()) == [None, None]


@pytest.mark.parametrize("data", [POST, POST + b"a"])
@case(38)
def test_a_body_that_has_not_come_when_the_grace_is_over_is_answered_503(data):
    served = Served(Hello())
    client = served.client().send(data)
    served.shut()
    assert client.take() == b""
    client.connection.give_up()
    served.settle()
    assert client.take().startswith(b"HTTP/1.1 503 ")
    assert client.closed


@pytest.mark.parametrize("before", [b"", GET[:9], GET[:-1]], ids=["nothing", "a line", "a head"])
@case(38)
def test_who_has_just_come_is_answered(before):
    """What it says is on its way: were it turned away, its request would be lost."""
    served = Served(Hello())
    client = served.client()
    if before:
        client.send(before)
    served.shut()
    assert not client.closed
    served.advance(MOMENT / 2)
    served.shut()
    client.send(GET[len(before) :])
    line, headers, _ = split(client.take())
    assert line == "200 OK"
    assert headers["connection"] == "close"
    assert client.closed


@pytest.mark.parametrize(("before", "answer"), [(b"", b""), (GET[:9], b"HTTP/1.1 408 ")])
@case(38)
def test_who_has_just_come_and_says_nothing_does_not_keep_the_server(before, answer):
    served = Served(Hello())
    client = served.client()
    if before:
        client.send(before)
    served.advance(MOMENT)
    served.shut()
    assert client.closed
    assert client.take().startswith(answer)


@case(38)
def test_who_has_been_answered_and_is_silent_is_closed_at_once():
    served = Served(Hello())
    client = served.client().send(GET)
    assert client.take().startswith(b"HTTP/1.1 200 ")
    served.shut()
    assert client.closed
