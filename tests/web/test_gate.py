"""environ['cogen.*'], as in the original."""

import pytest

from cogen.core import events
from cogen.core.queue import Queue
from cogen.errors import Empty, OperationTimeout
from cogen.web.body import Body
from cogen.web.gate import Core, Gate, Input, install
from tests.web.harness import GET, Served, dechunk, split


@pytest.fixture
def environ():
    environ = {}
    install(environ, Gate(), Body())
    return environ


def run(application, *data, seconds=0, **settings):
    """The body of the answer, without its framing."""
    served = Served(application, **settings)
    client = served.client().send(*data or (GET,))
    served.advance(seconds)
    return dechunk(split(client.take())[2])


def test_the_keys(environ):
    assert sorted(environ) == [
        "cogen.call",
        "cogen.core",
        "cogen.input",
        "cogen.wsgi",
        "cogen.yield",
    ]
    assert isinstance(environ["cogen.wsgi"], Gate)
    assert isinstance(environ["cogen.core"], Core)
    assert isinstance(environ["cogen.input"], Input)


def test_call_waits_for_what_the_function_gives(environ):
    queue = Queue()
    assert environ["cogen.call"](queue.get)(timeout=10) == b""
    assert type(environ["cogen.wsgi"].operation) is type(queue.get())
    assert environ["cogen.wsgi"].operation.timeout == 10


def test_call_of_a_plain_function_gives_its_result(environ):
    gate = environ["cogen.wsgi"]
    gate.fail(ValueError())
    assert environ["cogen.call"](int)("12") == b""
    assert (gate.operation, gate.result, gate.exception) == (None, 12, None)
    assert gate.take() == 12


def test_yield_waits_for_an_operation_a_coroutine_or_an_awaitable(environ):
    async def coroutine():
        pass

    waiting = coroutine()
    for waitable in (events.Sleep(1), waiting):
        assert environ["cogen.yield"](waitable) == b""
        assert environ["cogen.wsgi"].operation is waitable
    waiting.close()


def test_core_gives_modules_whose_callables_go_through_the_gate(environ):
    core, gate = environ["cogen.core"], environ["cogen.wsgi"]
    assert core.events.Sleep(1) == b""
    assert isinstance(gate.operation, events.Sleep)
    assert core.queue.Queue(3) == b""
    assert gate.take().maxsize == 3
    with pytest.raises(AttributeError):
        core.events.Nothing  # noqa: B018


def test_core_gives_exceptions_as_they_are(environ):
    assert environ["cogen.core"].queue.Empty is Empty


def test_result_and_exception_of_a_success():
    def application(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.core"].events.Sleep(1)
        gate = environ["cogen.wsgi"]
        yield repr((gate.result, gate.exception, gate.operation)).encode()

    assert run(application, seconds=2) == b"(None, None, None)"


def test_result_and_exception_of_a_failure():
    def application(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.call"](Queue().get)(timeout=1)
        gate = environ["cogen.wsgi"]
        kind, error, traceback = gate.exception
        assert kind is OperationTimeout
        assert gate.result is error
        assert traceback is not None
        try:
            gate.take()
        except OperationTimeout:
            yield b"raised"

    assert run(application, seconds=2) == b"raised"


POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"


def reads(environ, start_response):
    start_response("200 OK", [])
    source, gate = environ["cogen.input"], environ["cogen.wsgi"]
    yield source.readline()
    yield gate.take() + b"|"
    yield source.read(3)
    while gate.take():
        yield gate.take() + b"|"
        yield source.read(3)
    assert source.complete


@pytest.mark.parametrize("stream_bodies", [True, False])
def test_input_reads_the_body_in_pieces_as_it_comes(stream_bodies):
    pieces = [b"on", b"e\n", b"tw", b"o t", b"hr"]
    assert b"".join(pieces) == b"one\ntwo thr"
    got = run(reads, POST, *pieces, stream_bodies=stream_bodies)
    assert got.replace(b"|", b"") == b"one\ntwo thr"
    assert got.startswith(b"one\n|")


@pytest.mark.parametrize("stream_bodies", [True, False])
def test_input_whole_gives_a_file(stream_bodies):
    def application(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.input"].whole()
        yield environ["cogen.wsgi"].take().read()

    assert (
        run(application, POST, b"one", b"\ntwo thr", stream_bodies=stream_bodies) == b"one\ntwo thr"
    )


def test_a_client_that_waits_for_100_gets_it_at_the_first_read():
    def application(environ, start_response):
        yield environ["cogen.core"].events.Sleep(5)
        start_response("200 OK", [])
        yield environ["cogen.input"].read(5)
        yield environ["cogen.wsgi"].take()

    served = Served(application, stream_bodies=True)
    client = served.client()
    client.send(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    assert client.take() == b""
    served.advance(5)
    assert client.take() == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"hello world")
    assert b"hello" in client.take()


def test_no_100_goes_out_inside_an_answer():
    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"first"
        yield environ["cogen.input"].read(3)
        yield environ["cogen.wsgi"].take()

    client = Served(application, stream_bodies=True).client()
    client.send(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    assert client.take().endswith(b"5\r\nfirst\r\n")
    client.send(b"hello world")
    assert client.take().startswith(b"3\r\nhel\r\n")


def test_an_answer_before_the_body_was_read_closes_and_can_be_read():
    def application(environ, start_response):
        start_response("403 Forbidden", [])
        return [b"no"]

    client = Served(application, stream_bodies=True).client()
    client.send(POST + b"abc")
    assert client.take().endswith(b"no")
    assert client.transport.ended
    assert not client.gone


def test_wsgi_input_says_why_it_cannot_be_read_yet(caplog):
    def application(environ, start_response):
        environ["wsgi.input"].read()

    Served(application, stream_bodies=True).ask(POST)
    assert "cogen.input" in caplog.text


def test_a_body_that_breaks_off_reaches_its_reader(caplog):
    served = Served(reads, stream_bodies=True)
    client = served.client()
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na")
    client.send(b"nonsense")
    assert b"0\r\n\r\n" not in client.take()
    assert client.closed
    assert not served.scheduler.statistics().ready


def test_the_server_says_what_it_does_and_whether_it_ends():
    def application(environ, start_response):
        server = environ["cogen.wsgi"].server
        figures = server.statistics()
        start_response("200 OK", [])
        shown = figures.connections, figures.requests, server.closing
        return [repr(shown).encode()]

    served = Served(application)
    waits = served.client()
    assert served.ask(GET).endswith(b"(2, 1, False)")
    served.shut()
    assert waits.send(GET).take().endswith(b"(1, 2, True)")
