"""What PEP 3333 asks of a server."""

import wsgiref.validate

import paste.lint
import pytest

from cogen.core.queue import Queue
from tests.web.harness import GET, Served, poll, status


@pytest.fixture
def queue():
    return Queue()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lint", [wsgiref.validate.validator, paste.lint.middleware])
@pytest.mark.parametrize("kind", ["plain", "waiting", "post"])
def test_the_validators_have_nothing_to_say(queue, lint, kind, caplog):
    def plain(environ, start_response):
        environ["wsgi.errors"].flush()
        body = environ["wsgi.input"].read(10)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok" if kind == "plain" else body[:2]]

    served = Served(lint(poll(queue) if kind == "waiting" else plain))
    data = GET
    if kind == "post":
        data = (
            b"POST /?q=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Type: a/b\r\n\r\nokok"
        )
    client = served.client().send(data)
    if kind == "waiting":
        assert client.connection.exchange.parked
        queue.put_nowait("news")
        served.settle()
    answer = client.take()
    assert status(answer) == 200
    assert b"news" in answer or answer.endswith(b"ok")
    assert caplog.text == ""


def test_write_sends_before_the_iterable():
    def application(environ, start_response):
        write = start_response("200 OK", [("Content-Length", "6")])
        write(b"ab")
        write(b"cd")
        return [b"ef"]

    assert Served(application).ask(GET).endswith(b"\r\n\r\nabcdef")


def test_write_after_the_end_reaches_nobody(queue):
    kept = []

    def application(environ, start_response):
        kept.append(start_response("200 OK", []))
        return [b"a"]

    client = Served(application).client().send(GET)
    client.take()
    with pytest.raises(Exception, match="after the answer's end"):
        kept[0](b"smuggled")
    assert client.take() == b""


def test_start_response_twice_is_an_error_and_with_exc_info_is_not(caplog):
    def twice(environ, start_response):
        start_response("200 OK", [])
        start_response("404 Not Found", [])
        return [b"a"]

    def corrected(environ, start_response):
        start_response("200 OK", [])
        try:
            raise ValueError
        except ValueError as error:
            start_response("503 Oh", [], (type(error), error, error.__traceback__))
        return [b"a"]

    assert status(Served(twice).ask(GET)) == 500
    assert status(Served(corrected).ask(GET)) == 503


def test_too_late_for_another_status_ends_the_answer(caplog):
    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"a"
        try:
            raise ValueError("the cause")
        except ValueError as error:
            start_response("503 Oh", [], (type(error), error, error.__traceback__))

    client = Served(application).client().send(GET)
    assert client.take().endswith(b"1\r\na\r\n")
    assert client.gone
    assert "the cause" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        ["text"],
        [b"a", "text"],
        iter(["text"]),
        "text",
        {b"a": 1}.values,
        iter([bytearray(b"a")]),
    ],
    ids="None number list mixed iterator text method bytearray".split(),
)
def test_what_is_no_body_is_answered_500(answer, caplog):
    def application(environ, start_response):
        start_response("200 OK", [])
        return answer

    assert status(Served(application).ask(GET)) == 500


def test_an_answer_without_start_response_is_500(caplog):
    assert status(Served(lambda environ, start_response: [b"a"]).ask(GET)) == 500
    assert status(Served(lambda environ, start_response: []).ask(GET)) == 500
    assert status(Served(lambda environ, start_response: iter([b"a"])).ask(GET)) == 500
