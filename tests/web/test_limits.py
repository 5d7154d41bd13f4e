"""Each limit of the design's table: at the edge and one past it, by default and when it is set.

(When a server is stopped: test_going_down.py and functional/test_server.py.)
"""

import resource

import pytest

from tests.web.harness import GET, HIGH_WATER, SWEEP, Hello, Served, status
from tests.web.refused import check_refusal, chunked, head

# Sizes


def answer(data, **settings):
    return status(Served(Hello(), **settings).ask(data))


def both(setting, default, *others):
    """The default, unset; and other values, set."""
    unset = pytest.param({}, default, id="default")
    return [unset, *[pytest.param({setting: other}, other, id=str(other)) for other in others]]


@pytest.mark.parametrize(("settings", "limit"), both("max_request_line", 8192, 20, 100, 100_000))
@pytest.mark.parametrize("method", [b"GET", b"DELETE"])
def test_request_line(settings, limit, method):
    line = method + b" /" + b"a" * (limit - len(method + b" / HTTP/1.1"))
    assert len(line + b" HTTP/1.1") == limit
    assert answer(head(line=line + b" HTTP/1.1"), **settings) == 200
    assert answer(head(line=line + b"a HTTP/1.1"), **settings) == 414


@pytest.mark.parametrize(("settings", "limit"), both("max_header", 8192, 20, 100, 100_000))
@pytest.mark.parametrize("part", ["name", "value"])
def test_header(settings, limit, part):
    name, value = (b"a", b"b" * (limit - 3)) if part == "value" else (b"a" * (limit - 3), b"b")
    assert len(name + b": " + value) == limit
    assert answer(head(name + b": " + value), **settings) == 200
    assert answer(head(name + b": " + value + b"b"), **settings) == 431


@pytest.mark.parametrize(("settings", "limit"), both("max_headers", 100, 2, 1000))
@pytest.mark.parametrize("name", [b"A", b"A%d"])
def test_number_of_headers(settings, limit, name):
    fields = [(name % n if b"%" in name else name) + b": b" for n in range(limit)]
    assert answer(head(*fields[1:]), **settings) == 200
    assert answer(head(*fields), **settings) == 431


@pytest.mark.parametrize(("settings", "limit"), both("max_header", 8192, 1000))
def test_headers_together(settings, limit):
    """Eight of full length, when they come in pieces: what must be held grows with the head."""
    large = [b"A: " + b"a" * (limit - 5)] * 7

    def sent(*fields):
        data = head(*fields)
        return Served(Hello(), **settings).ask(
            *[data[n : n + 999] for n in range(0, len(data), 999)]
        )

    assert status(sent(*large)) == 200
    assert status(sent(*large * 3)) == 431


@pytest.mark.parametrize(("settings", "limit"), both("max_body", 1024 * 1024, 1, 10, 70_000))
def test_declared_body(settings, limit):
    served = Served(Hello(), **settings)
    at_the_edge = head(b"Content-Length: %d" % limit)
    assert served.ask(at_the_edge, b"a" * limit).endswith(b"a" * limit)
    check_refusal(served.client().send(head(b"Content-Length: %d" % (limit + 1))), 413)


@pytest.mark.parametrize(("settings", "limit"), both("max_body", 1024 * 1024, 1, 10, 70_000))
@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_chunked_body(settings, limit, size):
    if limit // size > 1100:
        size = 1000
    served = Served(Hello(), **settings)
    body = b"a" * (limit + 1)
    pieces = [body[n : n + size] for n in range(0, limit, size)]
    pieces[-1] = pieces[-1][: (limit - 1) % size + 1]
    data = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    assert served.ask(chunked(data + b"0\r\n\r\n")).endswith(b"a" * limit)
    check_refusal(served.client().send(chunked(data + b"1\r\na\r\n")), 413)


# Times: the server looks once a second

POST = head(b"Content-Length: 100000")
TIMES = {
    "silent": ("head_timeout", 10, b"", None),
    "slow head": ("head_timeout", 10, GET[:-2], 408),
    "later head": ("head_timeout", 10, GET + GET[:-2], 408),
    "stalled body": ("body_timeout", 30, POST, 408),
    "stalled chunk": ("body_timeout", 30, chunked(b"5\r\naa"), 408),
    "stalled trailer": ("body_timeout", 30, chunked(b"0\r\nA: b"), 408),
    "idle": ("keep_alive", 75, GET, None),
}


@pytest.mark.parametrize("other", [None, 2.5, 200], ids=["default", "2.5", "200"])
@pytest.mark.parametrize("name", TIMES)
def test_a_client_that_does_not_go_on(name, other):
    setting, seconds, data, expected = TIMES[name]
    settings = {} if other is None else {setting: other}
    seconds = other or seconds
    served = Served(Hello(), **settings)
    client = served.client().send(data)
    client.take()
    served.advance(seconds - 0.1)
    assert not client.closed
    served.advance(0.1 + SWEEP)
    assert client.closed
    answer = client.take()
    assert (status(answer) if answer else None) == expected


@pytest.mark.parametrize(("settings", "seconds"), both("body_timeout", 30, 5))
@pytest.mark.parametrize("enough", [True, False])
def test_a_body_that_drips(settings, seconds, enough):
    """It needs a KiB in the time."""
    application = Hello()
    served = Served(application, **settings)
    client = served.client().send(head(b"Content-Length: 10240"))
    for _ in range(10):
        if client.closed:
            break
        served.advance(seconds - 1)
        client.send(b"a" * (1024 if enough else 1023))
    served.advance(2 * seconds + SWEEP)
    assert status(client.take()) == (200 if enough else 408)
    assert len(application.environs) == enough


@pytest.mark.parametrize(("settings", "seconds"), both("head_timeout", 10, 3))
def test_a_head_that_drips(settings, seconds):
    """It has this time as a whole."""
    served = Served(Hello(), **settings)
    client = served.client()
    for byte in GET[:seconds]:
        client.send(bytes([byte]))
        assert not client.closed
        served.advance(1)
    served.advance(SWEEP)
    check_refusal(client, 408)


@pytest.mark.parametrize(("settings", "seconds"), both("write_timeout", 60, 5))
@pytest.mark.parametrize("how", ["stream", "pipeline"])
def test_a_client_that_never_reads(settings, seconds, how):
    given = 0

    def application(environ, start_response):
        nonlocal given
        start_response("200 OK", [])
        for _ in range(1000 if how == "stream" else 1):
            given += 10_000
            yield b"a" * 10_000

    served = Served(application, **settings)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET if how == "stream" else GET * 1000)
    served.advance(seconds - 0.1)
    assert not client.gone
    assert given < 2 * HIGH_WATER
    assert len(client.transport.unwritten) < 2 * HIGH_WATER
    served.advance(0.1 + SWEEP)
    assert client.transport.aborted
    assert given < 2 * HIGH_WATER
    assert not served.service.connections


@pytest.mark.parametrize(("settings", "seconds"), both("write_timeout", 60, 5))
def test_a_client_that_reads_a_little_in_time_stays(settings, seconds):
    def application(environ, start_response):
        start_response("200 OK", [])
        while True:
            yield b"a" * 10_000

    served = Served(application, **settings)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    for _ in range(10):
        served.advance(seconds - 1)
        client.transport.read(1)
    assert not client.gone
    served.advance(2 * seconds + SWEEP)
    assert client.gone


def test_no_keep_alive():
    client = Served(Hello(), keep_alive=0).client().send(GET * 2)
    assert client.take().count(b"HTTP/1.1 200 OK") == 1
    assert client.closed


# Connections


@pytest.mark.parametrize("most", [1, 3, 100])
def test_connections(most):
    served = Served(Hello(), max_connections=most)
    clients = [served.client() for _ in range(most)]
    assert [status(client.send(GET).take()) for client in clients] == [200] * most
    check_refusal(served.client(), 503)
    clients.pop().end()
    assert status(served.client().send(GET).take()) == 200


def test_connections_by_default_are_as_many_as_descriptors_less_a_reserve(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (40, 40))
    served = Served(Hello())
    clients = [served.client() for _ in range(30)]
    assert [status(client.send(GET).take()) for client in clients] == [200] * 30
    check_refusal(served.client(), 503)


def test_what_comes_while_503_is_read_costs_nothing():
    served = Served(Hello(), max_connections=1)
    served.client()
    refused = served.client()
    check_refusal(refused, 503)
    refused.send(GET * 1000)
    assert refused.take() == b""
    assert served.service.requests == 0
    served.advance(2 + SWEEP)
    assert refused.gone
