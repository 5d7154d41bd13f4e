"""Threaded, with real sockets: a blocking application beside requests that wait on the loop."""

import http.client
import threading

import flask
import pytest

from cogen.core.queue import Queue
from cogen.web.threaded import Threaded
from tests.functional.servers import serving
from tests.web.harness import poll


class Blocking:
    """A view that blocks its thread until it is let go."""

    def __init__(self):
        self.let_go = threading.Event()
        self.called = threading.Semaphore(0)
        self.closed = []
        self.application = application = flask.Flask("blocking")

        @application.get("/block")
        def block():
            self.called.release()
            assert self.let_go.wait(20)
            return "let go"

        @application.get("/stream")
        def stream():
            def chunks():
                try:
                    while True:
                        yield b"x" * 65_536
                finally:
                    self.closed.append(threading.current_thread().name)

            return flask.Response(chunks())

        @application.post("/length")
        def length():
            total = 0
            while data := flask.request.stream.read(10_000):
                total += len(data)
            return str(total)


@pytest.fixture
def blocking():
    blocking = Blocking()
    yield blocking
    blocking.let_go.set()


def beside(threaded, waiting):
    def application(environ, start_response):
        chosen = waiting if environ["PATH_INFO"] == "/wait" else threaded
        return chosen(environ, start_response)

    return application


def ask(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    return connection


def test_polls_are_answered_while_every_thread_is_blocked(blocking):
    queue = Queue()
    threaded = Threaded(blocking.application, threads=3)
    with serving(beside(threaded, poll(queue))) as server:
        blocked = [ask(server, "/block") for _ in range(5)]
        for _ in range(3):
            assert blocking.called.acquire(timeout=10)
        waiting = ask(server, "/wait")
        server.until(lambda: server.parked() == 6)
        server.call(queue.put_nowait, "news")
        assert waiting.getresponse().read() == b"/wait got 'news'"
        assert threaded.statistics().waiting == 2
        blocking.let_go.set()
        assert [each.getresponse().read() for each in blocked] == [b"let go"] * 5
        for each in (*blocked, waiting):
            each.close()


def test_a_client_that_goes_ends_an_endless_stream(blocking):
    threaded = Threaded(blocking.application, threads=1)
    with serving(threaded) as server:
        for number in range(3):
            connection = ask(server, "/stream")
            assert len(connection.getresponse().read(1_000_000)) == 1_000_000
            connection.close()
            server.until(lambda count: len(blocking.closed) == count, number + 1)
        assert set(blocking.closed) == {"threaded-1"}


@pytest.mark.parametrize("stream_bodies", [True, False])
def test_an_upload(blocking, stream_bodies):
    body = b"x" * 3_000_000
    threaded = Threaded(blocking.application)
    with serving(threaded, stream_bodies=stream_bodies, max_body=10_000_000) as server:
        assert server.ask("POST", "/length", body)[2] == b"3000000"
        pieces = iter([body[:1_000_000], body[1_000_000:]])
        assert server.ask("POST", "/length", pieces)[2] == b"3000000"


def test_a_stop_waits_for_what_was_begun_and_for_the_line(blocking):
    threaded = Threaded(blocking.application, threads=1)
    with serving(threaded) as server:
        clients = [ask(server, "/block") for _ in range(2)]
        assert blocking.called.acquire(timeout=10)
        server.until(lambda: threaded.statistics().waiting == 1)
        server.call(server.server.stop)
        with pytest.raises(OSError):
            while True:  # until it does not listen any more
                server.connect().close()
        blocking.let_go.set()
        assert [each.getresponse().read() for each in clients] == [b"let go"] * 2
        for each in clients:
            each.close()


def test_a_thread_that_never_comes_back_does_not_hold_up_the_end(blocking):
    threaded = Threaded(blocking.application)
    with serving(threaded, graceful_timeout=0.2) as server:
        client = ask(server, "/block")
        assert blocking.called.acquire(timeout=10)
        server.stop()
        response = client.getresponse()
        assert response.status == 503
        client.close()
