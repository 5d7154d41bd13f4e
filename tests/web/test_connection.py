"""Connections on a fake transport: order, keep-alive, bodies, ends."""

import pytest

from cogen.core.queue import Queue
from tests.web.harness import GET, Hello, Served, split, status

POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\n\r\n"
OLD_KEPT = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def streamed(*chunks):
    def application(environ, start_response):
        start_response("200 OK", [])
        return iter(chunks)

    return application


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def polls(queue):
    def application(environ, start_response):
        yield environ["cogen.call"](queue.get)()
        start_response("200 OK", [])
        yield environ["cogen.wsgi"].take()

    return Served(application)


# Keep-alive


def test_several_requests_go_over_one_connection():
    client = Served(Hello()).client()
    for _ in range(3):
        line, headers, body = split(client.send(GET).take())
        assert (line, body) == ("200 OK", b"GET / ")
        assert "connection" not in headers
    assert not client.closed


def test_every_answer_has_date_and_server():
    _, headers, _ = split(Served(Hello()).ask(GET))
    assert headers["date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert headers["server"] == "cogen"


def test_1_0_without_a_length_ends_with_the_connection():
    client = Served(streamed(b"a", b"b")).client().send(OLD_KEPT)
    _, headers, body = split(client.take())
    assert (headers["connection"], body) == ("close", b"ab")
    assert "transfer-encoding" not in headers
    assert client.gone


def test_an_application_can_close_the_connection():
    def application(environ, start_response):
        start_response("200 OK", [("Connection", "close")])
        return [b"a"]

    client = Served(application).client().send(GET)
    assert split(client.take())[1]["connection"] == "close"
    assert client.gone


def test_keep_alive_can_be_switched_off():
    client = Served(Hello(), keep_alive=0).client().send(GET)
    assert split(client.take())[1]["connection"] == "close"
    assert client.gone


# Order


def test_a_request_behind_a_waiting_one_is_answered_after_it(polls, queue):
    client = polls.client().send(GET, GET)
    assert client.take() == b""
    queue.put_nowait(b"one")
    polls.settle()
    assert split(client.take())[2].startswith(b"3\r\none\r\n0\r\n\r\n")
    queue.put_nowait(b"two")
    polls.settle()
    assert b"two" in client.take()


@pytest.mark.parametrize("step", [1, 7, 100, 100_000])
def test_pipelined_bodies_keep_their_requests(step):
    application = Hello()
    bodies = [b"%d" % n * n for n in range(25)]
    data = b"".join(POST % len(body) + body for body in bodies)
    client = Served(application).client()
    client.send(*[data[n : n + step] for n in range(0, len(data), step)])
    assert application.bodies == bodies
    assert client.take().count(b"HTTP/1.1 200 OK") == 25


def test_a_flood_of_pipelined_requests_is_answered_in_order_and_not_all_at_once():
    application = Hello()
    served = Served(application)
    count = 5000
    data = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(count))
    client = served.client().send(data, settle=False)
    for turn in range(1, 4):
        served.loop.turn()
        assert len(application.environs) == turn + 1, "the others get their turn between them"
    assert len(client.connection._intake.parser.received) < 1000
    served.settle()
    assert [environ["PATH_INFO"] for environ in application.environs] == [
        f"/{n}" for n in range(count)
    ]


def test_what_comes_behind_a_waiting_request_is_bounded_and_goes_on_after_it(polls, queue):
    client = polls.client().send(GET)
    for _ in range(5):
        if client.transport.reading:
            client.send(GET * 1000)
    assert not client.transport.reading
    assert client.connection._intake.held < 64 * 1024 + len(GET * 1000)
    for _ in range(10_000):
        queue.put_nowait(b"a")
    polls.settle()
    assert client.transport.reading
    assert client.take().count(b"HTTP/1.1 200") % 1000 == 1


def test_a_large_body_behind_a_waiting_request_is_read_to_its_end(polls, queue):
    size = 300_000
    client = polls.client().send(GET + POST % size)
    sent = 0
    while sent < size and client.transport.reading:
        client.send(b"a" * 50_000)
        sent += 50_000
    assert not client.transport.reading
    queue.put_nowait(b"one")
    queue.put_nowait(b"two")
    polls.settle()
    assert client.transport.reading
    client.send(b"a" * (size - sent))
    assert client.take().count(b"HTTP/1.1 200") == 2


# Bodies


def test_a_chunked_body_is_read_whole():
    application = Hello()
    served = Served(application)
    served.ask(CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: trailer\r\n\r\n")
    assert application.bodies == [b"abcde"]
    assert application.environs[0]["CONTENT_LENGTH"] == "5", "frameworks read by it"
    assert "HTTP_TRANSFER_ENCODING" not in application.environs[0]
    assert "HTTP_A" not in application.environs[0]


def test_a_large_body_is_on_disk_while_it_comes():
    files = []

    def application(environ, start_response):
        files.append(environ["wsgi.input"])
        start_response("200 OK", [])
        return [b"%d" % len(environ["wsgi.input"].read())]

    served = Served(application)
    assert served.ask(POST % 65536 + b"a" * 65536).endswith(b"65536")
    assert served.ask(POST % 65537, b"a" * 65537).endswith(b"65537")
    assert not hasattr(files[0], "fileno") or type(files[0]).__name__ == "BytesIO"
    assert type(files[1]).__name__ != "BytesIO"
    assert all(file.closed for file in files), "and is given back after the request"


def test_100_continue_is_sent_when_the_body_is_wanted():
    expecting = POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n") % 3
    served = Served(Hello())
    client = served.client().send(expecting)
    assert client.take() == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert status(client.send(b"a", b"bc").take()) == 200
    assert status(served.ask(expecting + b"abc")) == 200, "a client that did not wait for it"


def test_a_body_too_large_is_refused_before_it_is_sent():
    data = POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n") % 2_000_000
    client = Served(Hello()).client().send(data)
    assert status(client.take()) == 413


# The client's end


def test_a_half_closed_connection_still_gets_its_answers():
    client = Served(Hello()).client()
    client.send(GET * 3, settle=False)
    client.end()
    assert client.take().count(b"HTTP/1.1 200") == 3
    assert client.gone


def test_a_request_that_breaks_off_is_refused_at_once():
    application = Hello()
    for data in (b"GET / HT", GET[:-2], POST % 5 + b"abc", CHUNKED + b"3\r\nab", CHUNKED):
        client = Served(application).client().send(data)
        client.end()
        assert status(client.take()) == 400
        assert client.gone
    assert application.environs == []


def test_answers_before_a_request_that_broke_off_are_given():
    client = Served(Hello()).client().send(GET + GET[:-2], settle=False)
    client.end()
    first, second = client.take().split(b"HTTP/1.1 ")[1:]
    assert (first[:3], second[:3]) == (b"200", b"400")
    assert client.gone


def test_an_idle_client_that_leaves_gets_nothing_more():
    client = Served(Hello()).client().send(GET)
    client.take()
    client.end()
    assert client.take() == b""
    assert client.gone


def test_a_refused_client_that_is_still_sending_can_read_why():
    client = Served(Hello()).client().send(POST % 2_000_000)
    assert client.transport.ended, "we have said our last word"
    assert not client.gone, "but a reset would destroy it before it is read"
    client.send(b"a" * 100_000)
    assert client.transport.reading
    client.end()
    assert client.gone


def test_a_client_that_never_stops_sending_is_closed_at_last():
    served = Served(Hello())
    client = served.client().send(POST % 2_000_000)
    served.advance(4)
    assert client.gone


def test_a_client_whose_held_data_stopped_its_reading_can_read_why_too(polls, queue):
    client = polls.client().send(GET + b"nonsense\r\n" + GET * 4000)
    assert not client.transport.reading
    queue.put_nowait(b"a")
    polls.settle()
    assert client.transport.ended
    assert client.transport.reading


# Too many


def test_one_connection_too_many_is_told_so_and_the_next_is_served_when_there_is_room():
    served = Served(Hello(), max_connections=2)
    first, second = served.client(), served.client()
    third = served.client()
    assert status(third.take()) == 503
    assert third.closed
    assert not third.gone, "it may be sending its request: a reset would hide the answer"
    third.end()
    assert status(first.send(GET).take()) == 200
    first.end()
    assert status(served.ask(GET)) == 200
    assert not second.closed


def test_a_flood_of_connections_costs_few_descriptors():
    served = Served(Hello(), max_connections=1)
    kept = served.client()
    flood = [served.client() for _ in range(100)]
    assert sum(not client.gone for client in flood) <= 16
    served.advance(4)
    assert all(client.gone for client in flood)
    assert not served.service.refused
    assert status(kept.send(GET).take()) == 200


# The application's failure


def test_a_failure_is_answered_with_500_and_says_nothing_of_its_cause(caplog):
    def application(environ, start_response):
        raise ValueError("secret")

    client = Served(application).client().send(GET)
    answer = client.take()
    assert status(answer) == 500
    assert b"secret" not in answer
    assert "secret" in caplog.text
    assert client.closed


def test_debug_sends_the_traceback(caplog):
    def application(environ, start_response):
        raise ValueError("secret")

    assert b"ValueError: secret" in Served(application, debug=True).ask(GET)


def test_a_failure_in_mid_answer_is_seen_as_such_and_destroys_nothing_before_it(caplog):
    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"ab"
        if environ["PATH_INFO"] == "/bad":
            raise ValueError

    client = Served(application).client()
    client.send(GET + b"GET /bad HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
    first, second = client.take().split(b"HTTP/1.1 ")[1:]
    assert first.endswith(b"0\r\n\r\n")
    assert second.endswith(b"\r\n\r\n2\r\nab\r\n"), "without the last chunk it is not complete"
    assert client.gone
    assert not client.transport.aborted, "a reset would take the first answer with it"


def test_a_failure_where_only_the_end_delimits_resets_the_connection(caplog):
    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"ab"
        raise ValueError

    client = Served(application).client().send(OLD)
    assert client.transport.aborted


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit])
def test_an_application_that_exits_ends_its_request_not_the_server(error, caplog):
    def application(environ, start_response):
        raise error

    served = Served(application)
    client = served.client().send(GET)
    assert status(client.take()) == 500
    assert client.closed
