"""Threaded: blocking applications in worker threads, behind connections without sockets."""

import contextvars
import logging
import threading
import weakref

import pytest

from cogen.core.coroutines import local
from cogen.core.threads import WorkersStatistics
from cogen.web.passage import HELD
from cogen.web.threaded import Threaded
from tests.web.harness import GET, Hello, dechunk, split, status
from tests.web.threads import Steps, ThreadedServed

POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


def test_an_answer_is_what_it_is_without_threads():
    hello = Hello()
    data = ThreadedServed(hello).ask(POST % 3, b"abc")
    line, headers, body = split(data)
    assert (line, headers["content-type"]) == ("200 OK", "text/plain")
    assert dechunk(body) == b"POST / abc"


def test_what_the_application_sees():
    hello = Hello()
    served = ThreadedServed(hello)
    served.ask(GET)
    (environ,) = hello.environs
    assert environ["wsgi.multithread"] is True
    assert [key for key in environ if key.startswith("cogen.")] == []
    assert environ["PATH_INFO"] == "/"


def test_chunks_arrive_as_they_are_made():
    steps = Steps(b"one", b"", b"two")
    served = ThreadedServed(steps)
    client = served.client().send(GET)
    steps.go.release()
    served.until(lambda: b"one" in client.transport.arrived)
    assert steps.log == ["called /", "gives b'one'"]
    steps.go.release(2)
    served.rest()
    assert dechunk(split(client.take())[2]) == b"onetwo"
    assert steps.log[-1] == "closed"
    assert len(steps.threads) == 1
    assert threading.get_ident() not in steps.threads


def test_the_loop_serves_others_meanwhile():
    steps = Steps(b"slow")

    def around(threaded):
        def application(environ, start_response):
            if environ["PATH_INFO"] == "/quick":
                start_response("200 OK", [])
                return [b"quick"]
            return threaded(environ, start_response)

        return application

    served = ThreadedServed(steps, around=around)
    slow = served.client().send(GET)
    quick = served.client().send(GET.replace(b"/ ", b"/quick "))
    assert quick.take().endswith(b"quick")
    assert slow.take() == b""
    steps.go.release()
    served.rest()
    assert b"slow" in slow.take()


def test_write():
    def application(environ, start_response):
        write = start_response("200 OK", [("Content-Length", "6")])
        write(b"ab")
        write(b"")
        write(b"cd")
        return [b"ef"]

    assert ThreadedServed(application).ask(GET).endswith(b"\r\n\r\nabcdef")


def test_a_status_may_change_until_the_first_bytes():
    def application(environ, start_response):
        start_response("200 OK", [("X-A", "1")])
        yield b""
        try:
            raise ValueError("the cause")
        except ValueError as error:
            start_response("404 Not Found", [], (ValueError, error, error.__traceback__))
        yield b"gone"

    line, headers, body = split(ThreadedServed(application).ask(GET))
    assert (line, "x-a" in headers, dechunk(body)) == ("404 Not Found", False, b"gone")


def test_with_exc_info_after_the_first_bytes_the_error_comes_back(caplog):
    seen = []

    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"a"
        try:
            raise ValueError("the cause")
        except ValueError as error:
            try:
                start_response("500 Oh", [], (ValueError, error, error.__traceback__))
            except ValueError as again:
                seen.append(again is error)
                raise

    served = ThreadedServed(application)
    client = served.client().send(GET)
    served.rest()
    assert client.gone
    assert not client.take().endswith(b"0\r\n\r\n")
    assert seen == [True]
    assert "ValueError: the cause" in caplog.text


def fails(environ, start_response):
    raise ValueError("of the application")


def fails_late(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    yield b"a"
    raise ValueError("of the application")


def test_an_exception_is_a_500(caplog):
    assert status(ThreadedServed(fails).ask(GET)) == 500
    assert "of the application" in caplog.text
    assert "in fails" in caplog.text  # the traceback is the thread's


def test_an_exception_in_the_middle_cuts_the_connection(caplog):
    served = ThreadedServed(fails_late)
    client = served.client().send(GET)
    served.rest()
    assert client.take().endswith(b"\r\n\r\na")
    assert client.closed
    assert "in fails_late" in caplog.text


@pytest.mark.parametrize("kind", [SystemExit, StopIteration, GeneratorExit])
def test_whatever_is_raised_ends_the_request_only(kind, caplog):
    def application(environ, start_response):
        raise kind("of the application")

    served = ThreadedServed(application)
    assert status(served.ask(GET)) == 500
    assert "of the application" in caplog.text
    assert status(served.ask(GET)) == 500


@pytest.mark.parametrize(
    ("application", "words"),
    [
        (lambda environ, start: [b"a"], "before start_response"),
        (lambda environ, start: [], "before start_response|start_response"),
        (lambda environ, start: start("200 OK", []) and ["text"], "the body is bytes, not str"),
        (lambda environ, start: start("200 OK", [("A", "b\n")]) and [b"a"], "control character"),
        (lambda environ, start: [start("200 OK", []), start("200 OK", [])], "called twice"),
        (lambda environ, start: None, "NoneType"),
    ],
)
def test_an_application_at_fault(application, words, caplog):
    assert status(ThreadedServed(application).ask(GET)) == 500
    assert any(word in caplog.text for word in words.split("|"))


def test_a_close_that_fails_is_logged(caplog):
    class Body(list):
        def close(self):
            raise ValueError("of close")

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "1")])
        return Body([b"a"])

    assert ThreadedServed(application).ask(GET).endswith(b"a")
    assert "of close" in caplog.text


def test_close_is_over_before_the_answer_is():
    """So that the server, when it is being stopped, waits for it."""
    closing = threading.Event()

    class Body(list):
        def close(self):
            assert closing.wait(10)

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "1")])
        return Body([b"a"])

    served = ThreadedServed(application)
    client = served.client().send(GET)
    served.until(lambda: client.transport.arrived.endswith(b"a"))
    assert client.connection.exchange is not None
    closing.set()
    served.until(lambda: client.connection.exchange is None)


def test_each_request_has_a_context_of_its_own():
    variable = contextvars.ContextVar("variable", default="none")
    current = local()

    def around(threaded):
        def outside(environ, start_response):
            variable.set("outside " + environ["PATH_INFO"])
            current.path = environ["PATH_INFO"]
            return threaded(environ, start_response)

        return outside

    class Body:
        def __init__(self, seen):
            self.seen = seen

        def __iter__(self):
            yield f"{self.seen} {variable.get()} {current.path}".encode()

        def close(self):
            closed.append(variable.get())

    def application(environ, start_response):
        seen = variable.get()
        variable.set("inside " + environ["PATH_INFO"])
        start_response("200 OK", [])
        return Body(seen)

    closed = []
    served = ThreadedServed(application, threads=1, around=around)
    for path in (b"/a", b"/b"):
        body = dechunk(split(served.ask(GET.replace(b"/ ", path + b" ")))[2])
        assert body == b"outside %b inside %b %b" % (path, path, path)
    assert closed == ["inside /a", "inside /b"]


def test_elsewhere_the_application_is_called_as_it_is():
    def application(environ, start_response):
        return [threading.get_ident(), environ]

    environ = {"a": 1}
    assert Threaded(application)(environ, None) == [threading.get_ident(), environ]


def test_a_middleware_that_swallows_the_wait_is_told(caplog):
    def around(threaded):
        return lambda environ, start_response: [b"".join(threaded(environ, start_response))]

    steps = Steps(b"a")
    served = ThreadedServed(steps, around=around)
    assert status(served.client().send(GET).take()) == 500
    assert "does not pass b'' on" in caplog.text
    steps.go.release()
    served.rest()


def test_a_middleware_that_never_asks_leaves_nothing_behind():
    def around(threaded):
        def application(environ, start_response):
            threaded(environ, start_response)
            start_response("204 No Content", [])
            return []

        return application

    served = ThreadedServed(fails, around=around)
    assert status(served.ask(GET)) == 204
    assert served.threaded.statistics() == WorkersStatistics(0, 0, 0)


@pytest.mark.parametrize("path", [b"/", b"/fails"])
def test_a_request_is_freed_at_its_end(path, no_gc, monkeypatch):
    # What pytest catches of the log would keep the error.
    monkeypatch.setattr(logging.getLogger("cogen.web.exchange"), "disabled", True)

    class Environ(dict):
        """One that can be watched."""

    watched = []

    def around(threaded):
        def application(environ, start_response):
            environ["watched"] = Environ()
            watched.append(weakref.ref(environ["watched"]))
            return threaded(environ, start_response)

        return application

    def application(environ, start_response):
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/fails":
            raise ValueError("of the application")
        return [b"a"]

    served = ThreadedServed(application, around=around)
    served.client().send(GET.replace(b"/ ", path + b" "))
    served.rest()
    assert [each() for each in watched] == [None]


def test_as_a_paste_filter():
    threaded = Threaded.factory(Hello(), {"here": "/"}, threads="3")
    assert threaded.statistics() == WorkersStatistics(0, 0, 0)
    for settings, words in (
        ({"threads": "0"}, r"threads = '0': Expected `?int`? >= 1"),
        ({"threads": "many"}, "threads = 'many'"),
        ({"thread": "3"}, r"unknown setting 'thread' \(did you mean 'threads'\?\)"),
    ):
        with pytest.raises(SystemExit, match=words) as refused:
            Threaded.factory(Hello(), {}, **settings)
        assert "\n" not in str(refused.value)
    with pytest.raises(ValueError, match="threads"):
        Threaded(Hello(), threads=0)


def test_a_chunk_is_not_held_up_by_its_size():
    whole = b"x" * (3 * HELD)

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", str(len(whole)))])
        return [whole]

    assert ThreadedServed(application).ask(GET).endswith(b"\r\n\r\n" + whole)
