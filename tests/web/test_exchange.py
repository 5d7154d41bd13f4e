"""Requests that wait: parking, resuming, giving up."""

import contextvars

import pytest

from cogen.core.coroutines import coro, local
from cogen.core.events import Sleep
from cogen.core.queue import Queue
from cogen.errors import ServerClosing
from tests.web.harness import GET, Served, poll, split

case = pytest.mark.case

variable = contextvars.ContextVar("variable", default="unset")


class Closing:
    """An iterator that tells when it was closed."""

    def __init__(self, chunks):
        self.chunks = iter(chunks)
        self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.chunks)

    def close(self):
        self.closed += 1


@pytest.fixture
def queue():
    return Queue()


def generator_middleware(application):
    def middleware(environ, start_response):
        body = application(environ, start_response)
        try:
            yield from body
        finally:
            body.close()

    return middleware


def item_middleware(application):
    def middleware(environ, start_response):
        for chunk in application(environ, start_response):
            yield chunk[:]  # a new one each time, as compression makes them

    return middleware


class ClassMiddleware:
    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, ("X-Through", "class")], exc_info)

        return self.application(environ, start)


def four(application):
    return item_middleware(ClassMiddleware(generator_middleware(item_middleware(application))))


def body_of(answer):
    return split(answer)[2].split(b"\r\n")[1]


# Waiting


@pytest.mark.parametrize("through", [lambda application: application, four], ids=["plain", "four"])
def test_a_request_waits_and_goes_on(queue, through):
    served = Served(through(poll(queue)))
    client = served.client().send(GET)
    assert client.take() == b""
    assert client.connection.exchange.parked
    queue.put_nowait("news")
    served.settle()
    assert body_of(client.take()) == b"/ got 'news'"


def test_what_is_there_at_once_does_not_wait(queue):
    queue.put_nowait("news")
    assert body_of(Served(poll(queue)).ask(GET)) == b"/ got 'news'"


def test_a_timeout_is_the_result_and_the_exception(queue):
    served = Served(poll(queue))
    client = served.client().send(GET)
    served.advance(11)
    assert body_of(client.take()).startswith(b"/ got OperationTimeout(")


def test_a_wait_may_come_with_bytes_and_several_times():
    def application(environ, start_response):
        start_response("200 OK", [])
        for number in range(3):
            environ["cogen.wsgi"].operation = Sleep(1)
            yield b"%d" % number

    served = Served(application)
    client = served.client().send(GET)
    assert client.take().endswith(b"1\r\n0\r\n")
    served.advance(1)
    assert client.take() == b"1\r\n1\r\n"
    served.advance(2)
    assert client.take() == b"1\r\n2\r\n0\r\n\r\n"


def test_a_list_may_wait_too():
    def application(environ, start_response):
        start_response("200 OK", [])
        return [environ["cogen.yield"](Sleep(1)), b"late"]

    served = Served(application)
    client = served.client().send(GET)
    assert client.take() == b""
    served.advance(1)
    assert body_of(client.take()) == b"late"


def test_a_coroutine_is_waited_for():
    @coro
    def worker():
        yield Sleep(1)
        return "done"

    def application(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.yield"](worker())
        yield environ["cogen.wsgi"].take().encode()

    served = Served(application)
    client = served.client().send(GET)
    served.advance(1)
    assert body_of(client.take()) == b"done"


def test_an_operation_that_cannot_begin_is_the_applications_to_hear():
    used = Sleep(0)

    def application(environ, start_response):
        start_response("200 OK", [])
        gate = environ["cogen.wsgi"]
        for operation in (used, used, 42):
            gate.operation = operation
            yield b""
        yield f"{gate.exception[0].__name__}".encode()

    served = Served(application)
    client = served.client().send(GET)
    served.advance(1)
    assert body_of(client.take()) == b"TypeError"


def test_one_that_never_waits_lets_the_others_run(queue):
    served = Served(poll(queue))
    produced = []

    def endless(environ, start_response):
        start_response("200 OK", [])
        while len(produced) < 1000:
            produced.append(1)
            yield b""

    client = served.client().send(GET)
    served.service.application = endless
    served.client().send(GET, settle=False)
    assert len(produced) < 100
    queue.put_nowait("news")
    served.loop.turn()
    assert client.take()
    assert len(produced) < 1000
    served.settle()
    assert len(produced) == 1000


# Contexts


def test_each_request_has_a_context_of_its_own_across_waits(queue):
    mine = local()

    def application(environ, start_response):
        me = environ["PATH_INFO"]
        variable.set(me)
        mine.name = me
        start_response("200 OK", [])
        try:
            for _ in range(3):
                yield environ["cogen.call"](queue.get)()
                assert (variable.get(), mine.name) == (me, me)
            yield f"{variable.get()} {mine.name}".encode()
        finally:
            closed.append((me, variable.get(), mine.name))

    closed = []
    served = Served(four(application))
    clients = [served.client().send(GET.replace(b"/ ", b"/%d " % n)) for n in range(3)]
    for _ in range(9):
        queue.put_nowait(None)
        served.settle()
    assert [body_of(client.take()) for client in clients] == [b"/0 /0", b"/1 /1", b"/2 /2"]
    assert closed == [(f"/{n}",) * 3 for n in range(3)]
    assert variable.get() == "unset"
    assert not hasattr(mine, "name")


def test_close_runs_in_the_requests_context_when_the_client_is_gone(queue):
    def application(environ, start_response):
        variable.set("mine")
        try:
            yield environ["cogen.call"](queue.get)()
        finally:
            closed.append(variable.get())

    closed = []
    served = Served(application)
    served.client().send(GET).reset()
    assert closed == ["mine"]


# The client is gone


@pytest.mark.parametrize("how", ["end", "reset"])
@pytest.mark.parametrize("through", [lambda application: application, four], ids=["plain", "four"])
def test_a_client_that_is_gone_takes_nothing_and_its_iterator_is_closed(queue, how, through):
    closed = []

    def application(environ, start_response):
        try:
            yield from poll(queue)(environ, start_response)
        finally:
            closed.append(True)

    served = Served(through(application))
    client = served.client().send(GET)
    getattr(client, how)()
    assert closed == [True]
    assert client.gone
    queue.put_nowait("news")
    served.settle()
    assert queue.get_nowait() == "news"
    assert served.scheduler.statistics().timers == 0


@pytest.mark.parametrize("how", ["end", "reset"])
def test_even_between_the_wake_and_the_resumption(queue, how):
    served = Served(poll(queue))
    first, second = served.client().send(GET), served.client().send(GET)
    queue.put_nowait("news")  # promised to the first
    getattr(first, how)()
    served.settle()
    assert first.take() == b""
    assert body_of(second.take()) == b"/ got 'news'"


def test_nothing_is_taken_between_the_end_and_the_close_of_the_socket(queue):
    served = Served(poll(queue))
    client = served.client().send(GET)
    client.end(settle=False)
    queue.put_nowait("news")
    served.loop.run_until_idle()
    assert queue.get_nowait() == "news"


def test_one_that_begins_to_wait_after_its_client_has_gone_is_ended(queue):
    waits = poll(queue)

    def application(environ, start_response):
        if environ["PATH_INFO"] == "/waits":
            return waits(environ, start_response)
        start_response("200 OK", [])
        return [b"a" * 200_000]

    served = Served(application)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET + GET.replace(b"/", b"/waits", 1))
    client.end()
    assert served.service.requests == 1, "its answer has not been read yet"
    client.transport.read(300_000)
    served.settle()
    assert client.gone
    assert served.service.requests == 2
    queue.put_nowait("news")
    assert queue.get_nowait() == "news"


def test_a_client_gone_while_blocked_ends_the_iterator():
    chunks = Closing(b"a" * 50_000 for _ in range(100))

    def application(environ, start_response):
        start_response("200 OK", [])
        return chunks

    client = Served(application).client()
    client.transport.client_reads = False
    client.send(GET)
    assert client.connection.exchange.blocked
    client.reset()
    assert chunks.closed == 1


def test_close_is_called_once_and_its_failure_is_logged(caplog):
    class Failing(Closing):
        def close(self):
            super().close()
            raise ValueError("secret")

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "1")])
        return body

    body = Failing([b"a"])
    client = Served(application).client().send(GET)
    assert client.take().endswith(b"\r\n\r\na")
    assert body.closed == 1
    assert not client.closed
    assert "secret" in caplog.text


# The server goes down (38)


@case(38)
def test_waiting_requests_are_answered_at_once_when_the_server_goes_down(queue):
    served = Served(four(poll(queue)))
    clients = [served.client().send(GET) for _ in range(5)]
    idle = served.client().send(b"GET /push HTTP/1.1\r\nHost: a\r\n\r\n")
    served.shut()
    for client in clients:
        answer = client.take()
        assert split(answer)[1]["connection"] == "close"
        assert ServerClosing.__name__.encode() in body_of(answer)
        assert client.gone
    assert idle.gone
    assert not served.service.connections


@case(38)
def test_what_is_under_way_ends_first():
    chunks = (b"a" * 50_000 for _ in range(5))

    def application(environ, start_response):
        start_response("200 OK", [])
        return chunks

    served = Served(application)
    client = served.client()
    client.transport.client_reads = False
    client.send(GET)
    served.shut()
    assert not client.gone
    client.transport.client_reads = True
    client.transport.read(10**6)
    served.settle()
    assert client.take().count(b"a") > 250_000
    assert client.gone


@case(38)
def test_a_body_that_is_on_its_way_is_still_read():
    def application(environ, start_response):
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    served = Served(application)
    client = served.client().send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na")
    served.shut()
    assert not client.gone
    answer = client.send(b"bc").take()
    assert answer.endswith(b"abc")
    assert split(answer)[1]["connection"] == "close"
    assert client.gone
