"""Flask's async views, which park, behind fake connections on a real loop."""

import asyncio
import functools

import flask
import pytest
from flask.views import MethodView

from cogen.core.queue import Queue
from cogen.errors import OperationTimeout
from cogen.web.flask import Flask
from tests.web.harness import OnLoop, split


class Told(Exception):
    """Has an error handler."""


class Refused(Exception):
    """Has an async one."""


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def log():
    return []


@pytest.fixture
def site(queue, log):
    site = Flask("small")
    site.secret_key = "secret"

    def decorated(view):
        """As Flask's documents have it."""

        @functools.wraps(view)
        def wrapper(*args, **kwargs):
            return flask.current_app.ensure_sync(view)(*args, **kwargs)

        return wrapper

    @site.get("/plain")
    def plain():
        return "plain"

    @site.get("/waits/<name>")
    async def waits(name):
        got = await queue.get(timeout=10)
        return f"{name} {flask.request.args['q']} {got}", 202, {"X-A": "b"}

    @site.get("/decorated")
    @decorated
    async def under_a_decorator():
        return await queue.get()

    class Class(MethodView):
        async def get(self):
            return await queue.get()

    site.add_url_rule("/class", view_func=Class.as_view("class"))

    @site.get("/session")
    async def session():
        before = flask.session.get("seen", 0)
        await queue.get()
        flask.session["seen"] = before + 1
        return str(before)

    @site.get("/told")
    async def told():
        raise Told(await queue.get())

    @site.get("/refused")
    def refused():
        raise Refused("early")

    @site.get("/abort")
    async def aborts():
        await queue.get()
        flask.abort(404)

    @site.get("/bug")
    async def bug():
        await queue.get()
        raise ValueError("of the view")

    @site.get("/timeout")
    async def times_out():
        try:
            await queue.get(timeout=10)
        except OperationTimeout as error:
            return type(error).__name__

    @site.get("/after")
    async def after():
        @flask.after_this_request
        async def add(response):
            response.headers["X-Late"] = await queue.get()
            return response

        return "after"

    @site.get("/stream")
    async def stream():
        await queue.get()
        return flask.Response(iter([b"a", b"b"]))

    @site.get("/gone")
    async def gone():
        try:
            await queue.get()
        except asyncio.CancelledError:
            log.append(f"cancelled {flask.request.path}")
            raise

    @site.get("/asks")
    def asks():
        async def allowed():
            return False

        return "let in" if flask.current_app.ensure_sync(allowed)() else "kept out"

    @site.errorhandler(Told)
    def tell(error):
        return f"told {error}", 418

    @site.errorhandler(Refused)
    async def refuse(error):
        return f"refused {error} {await queue.get()}", 403

    @site.teardown_request
    def teardown(error):
        log.append(f"teardown {flask.request.path} {type(error).__name__}")

    return site


@pytest.fixture
def ask(site, queue, run):
    """The answer to a request that waits, given an item."""

    def ask(path, item="news", **headers):
        async def main():
            served = OnLoop(site)
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            client = served.client()
            client.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode())
            await served.turns()
            if item is not None:
                assert client.take() == b""
                queue.put_nowait(item)
                await served.turns()
            return split(client.take())

        return run(main())

    return ask


def test_a_view_that_does_not_wait(ask, log):
    assert ask("/plain", None)[::2] == ("200 OK", b"plain")
    assert log == ["teardown /plain NoneType"]


def test_status_headers_and_the_request_after_the_wait(ask, log):
    line, headers, body = ask("/waits/bob?q=1")
    assert (line, headers["x-a"], body) == ("202 ACCEPTED", "b", b"bob 1 news")
    assert log == ["teardown /waits/bob NoneType"]


@pytest.mark.parametrize("path", ["/decorated", "/class"])
def test_every_kind_of_view(ask, path):
    assert ask(path)[::2] == ("200 OK", b"news")


def test_a_session_that_is_changed_after_the_wait(ask):
    _, headers, body = ask("/session")
    assert body == b"0"
    cookie = headers["set-cookie"].partition(";")[0]
    assert ask("/session", Cookie=cookie)[2] == b"1"


def test_a_session_that_nobody_asked_for(ask):
    assert "vary" not in ask("/class")[1]


def test_error_handlers_hear_of_what_comes_after_the_wait(ask):
    assert ask("/told")[::2] == ("418 I'M A TEAPOT", b"told news")
    assert ask("/abort")[0] == "404 NOT FOUND"


def test_error_handlers_may_wait(ask):
    assert ask("/refused")[::2] == ("403 FORBIDDEN", b"refused early news")


def test_an_error_that_nobody_handles(ask, log, caplog):
    assert ask("/bug")[0] == "500 INTERNAL SERVER ERROR"
    assert "ValueError: of the view" in caplog.text
    assert log == ["teardown /bug ValueError"]


def test_a_handler_for_500_may_wait(site, queue, ask):
    @site.errorhandler(500)
    async def failed(error):
        return f"{error.original_exception} {await queue.get()}", 500

    queue.put_nowait("first")
    assert ask("/bug")[::2] == ("500 INTERNAL SERVER ERROR", b"of the view news")


def test_what_fails_on_the_answer_to_an_error_is_logged(site, queue, ask, caplog):
    @site.after_request
    def fails(response):
        raise ValueError("of after_request")

    assert ask("/bug")[0] == "500 INTERNAL SERVER ERROR"
    assert caplog.text.count("ValueError: of after_request") == 1


def test_an_error_passes_on_when_flask_is_told_so(site, ask, caplog):
    site.config["PROPAGATE_EXCEPTIONS"] = True
    assert ask("/bug")[0] == "500 Internal Server Error"
    assert "the application failed: GET /bug" in caplog.text


def test_functions_around_the_view_may_wait(site, queue, ask):
    order = []

    @site.url_value_preprocessor
    def values(endpoint, arguments):
        order.append(endpoint)

    @site.before_request
    async def before():
        order.append(await queue.get())

    @site.after_request
    async def after(response):
        order.append(await queue.get())
        response.headers["X-Order"] = " ".join(order)
        return response

    for item in ("before", "after"):
        queue.put_nowait(item)
    assert ask("/plain", None)[1]["x-order"] == "plain before after"


def test_a_function_before_the_view_may_answer(site, queue, ask):
    @site.before_request
    async def before():
        return await queue.get(), 401

    assert ask("/plain")[::2] == ("401 UNAUTHORIZED", b"news")


def test_a_function_for_this_response_may_wait(ask):
    assert ask("/after")[1]["x-late"] == "news"


def test_blueprints(site, queue, ask):
    blueprint = flask.Blueprint("part", "part", url_prefix="/part")

    @blueprint.get("/view")
    async def view():
        return await queue.get()

    @blueprint.after_request
    async def after(response):
        response.headers["X-Part"] = "yes"
        return response

    site.register_blueprint(blueprint)
    _, headers, body = ask("/part/view")
    assert (headers["x-part"], body) == ("yes", b"news")
    assert "x-part" not in ask("/plain", None)[1]


def test_a_streamed_answer(ask):
    assert ask("/stream")[2] == b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"


def test_what_an_extension_asks_for_is_no_coroutine(ask):
    """Were it one, it would be true, whatever it was to say."""
    assert ask("/asks", None)[2] == b"kept out"


def test_a_client_that_goes(site, queue, log, run):
    async def main():
        served = OnLoop(site)
        client = served.client().send(b"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n")
        await served.turns()
        client.connection.connection_lost(None)
        await asyncio.sleep(0.01)
        queue.put_nowait("kept")
        assert queue.qsize() == 1

    run(main())
    assert log == ["cancelled /gone", "teardown /gone GeneratorExit"]


def test_a_client_that_goes_before_the_view_has_begun(site, log, run):
    async def main():
        served = OnLoop(site)
        client = served.client()
        client.send(b"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n", settle=False)
        while not client.connection.exchange:
            await asyncio.sleep(0)
        client.connection.connection_lost(None)
        await asyncio.sleep(0.01)

    run(main())
    assert log == ["teardown /gone GeneratorExit"]


def test_a_stop_ends_the_wait(site, run):
    async def main():
        served = OnLoop(site)
        client = served.client().send(b"GET /timeout HTTP/1.1\r\nHost: a\r\n\r\n")
        await served.turns()
        client.connection.shut()
        await served.turns()
        return split(client.take())[2]

    assert run(main()) == b"ServerClosing"


def test_two_that_wait_at_once_stay_apart(site, queue, run):
    async def main():
        served = OnLoop(site)
        clients = []
        for name in ("a", "b"):
            clients.append(served.client())
            clients[-1].send(f"GET /waits/{name}?q={name} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            await served.turns()
        for item in (1, 2):
            queue.put_nowait(item)
        await served.turns()
        return [split(client.take())[2] for client in clients]

    assert run(main()) == [b"a a 1", b"b b 2"]


def test_elsewhere_it_is_flask(site, queue):
    queue.put_nowait("there")
    assert site.test_client().get("/waits/bob?q=1").text == "bob 1 there"
    assert site.test_client().get("/plain").text == "plain"
