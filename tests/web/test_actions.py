"""Actions that wait. The asyncio ones run on real loops, without sockets."""

import asyncio
import contextvars

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.core.queue import Queue
from cogen.errors import OperationTimeout, ServerClosing
from cogen.web.actions import action
from tests.web.harness import GET, OnLoop, Served, split, status

variable = contextvars.ContextVar("variable", default="unset")


@pytest.fixture
def queue():
    return Queue()


def answer(start_response, text):
    start_response("200 OK", [("Content-Length", str(len(text)))])
    return [text.encode()]


# Generators


def test_a_generator_waits_and_then_decides():
    @action
    def application(environ, start_response):
        yield Sleep(1)
        start_response("404 Not Found", [("X-A", "b")])
        return [b"a"]

    served = Served(application)
    client = served.client().send(GET)
    assert client.take() == b""
    served.advance(1)
    line, headers, _ = split(client.take())
    assert (line, headers["x-a"]) == ("404 Not Found", "b")


def test_it_waits_for_coroutines_and_is_told_of_failures(queue):
    @coro
    def fails():
        yield
        raise ValueError("told")

    @action
    def application(environ, start_response):
        heard = []
        for waitable in (queue.get(timeout=1), fails()):
            try:
                yield waitable
            except (OperationTimeout, ValueError) as error:
                heard.append(type(error).__name__)
        nothing = yield  # what was heard is not heard again
        return answer(start_response, f"{heard} {nothing}")

    served = Served(application)
    client = served.client().send(GET)
    served.advance(2)
    assert client.take().endswith(b"['OperationTimeout', 'ValueError'] None")


def test_what_is_there_at_once_does_not_wait(queue):
    queue.put_nowait("a")

    @action
    def application(environ, start_response):
        return answer(start_response, (yield queue.get()))

    assert Served(application).ask(GET).endswith(b"a")


def test_it_is_closed_when_the_client_goes(queue):
    @action
    def application(environ, start_response):
        try:
            yield queue.get()
        finally:
            closed.append(1)

    closed = []
    Served(application).client().send(GET).end()
    assert closed == [1]
    queue.put_nowait("a")
    assert queue.qsize() == 1


def test_its_body_is_closed_too():
    class Body(list):
        closed = 0

        def close(self):
            self.closed += 1

    body = Body([b"a"])

    @action
    def application(environ, start_response):
        yield
        start_response("200 OK", [])
        return body

    assert status(Served(application).ask(GET)) == 200
    assert body.closed == 1


def test_its_failure_is_500(caplog):
    @action
    def application(environ, start_response):
        yield
        raise ValueError("secret")

    assert status(Served(application).ask(GET)) == 500
    assert "secret" in caplog.text


def test_it_hears_that_the_server_goes_down(queue):
    @action
    def application(environ, start_response):
        try:
            yield queue.get(timeout=10)
        except ServerClosing:
            return answer(start_response, "closing")

    served = Served(application)
    client = served.client().send(GET)
    served.shut()
    assert client.take().endswith(b"closing")


# async def


def test_async_def_waits_and_what_it_sets_is_seen_later(run, queue):
    @action
    async def application(environ, start_response):
        await asyncio.sleep(0)
        variable.set("set after a wait")
        got = await queue.get(timeout=10)
        return answer(start_response, got)

    def middleware(environ, start_response):
        yield from application(environ, start_response)
        seen.append(variable.get())

    seen = []

    async def main():
        served = OnLoop(middleware)
        client = served.client().send(GET)
        await served.turns()
        assert client.connection.exchange.parked
        queue.put_nowait("news")
        await served.turns()
        return client.take()

    assert run(main()).endswith(b"news")
    assert seen == ["set after a wait"]


@pytest.mark.parametrize("turns", [0, 1, 5])
def test_async_def_is_cancelled_when_the_client_goes(run, queue, turns, caplog):
    @action
    async def application(environ, start_response):
        heard.append("begun")
        try:
            await queue.get()
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise
        finally:
            await asyncio.sleep(0)
            heard.append("cleaned up")

    heard = []

    async def main():
        served = OnLoop(application)
        client = served.client().send(GET)
        while not client.connection.exchange:
            await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        client.end()
        await served.turns()
        queue.put_nowait("a")
        await served.turns()
        assert queue.qsize() == 1
        assert len(asyncio.all_tasks()) == 1

    run(main())
    assert heard == (["begun", "cancelled", "cleaned up"] if turns else [])
    assert caplog.text == ""


def test_an_async_def_that_was_never_begun_is_closed(run, queue):
    """Without a warning, which would be an error here."""

    @action
    async def application(environ, start_response):
        raise AssertionError

    def middleware(environ, start_response):
        body = application(environ, start_response)
        next(iter(body))
        body.close()
        start_response("200 OK", [("Content-Length", "1")])
        yield b"a"

    async def main():
        served = OnLoop(middleware)
        client = served.client().send(GET)
        await served.turns()
        return client.take()

    assert run(main()).endswith(b"a")


def test_the_servers_end_reaches_an_inner_wait(run, queue):
    @action
    async def application(environ, start_response):
        async def inner():
            try:
                return await queue.get(timeout=10)
            except ServerClosing:
                return "closing"

        return answer(start_response, await asyncio.create_task(inner()))

    async def main():
        served = OnLoop(application)
        client = served.client().send(GET)
        await served.turns()
        served.shut()
        await served.turns()
        return client.take()

    assert run(main()).endswith(b"closing")


def test_what_asyncio_does_for_a_request_ends_before_the_server_does(run):
    @action
    async def application(environ, start_response):
        await asyncio.sleep(0.02)
        return answer(start_response, "done")

    async def main():
        served = OnLoop(application)
        client = served.client().send(GET)
        await served.turns()
        for _ in range(5):
            served.shut()
            await asyncio.sleep(0.01)
        served.settle()
        return client.take()

    assert run(main()).endswith(b"done")


def test_the_failure_of_an_async_def_is_500(run, caplog):
    @action
    async def application(environ, start_response):
        await asyncio.sleep(0)
        raise ValueError("secret")

    async def main():
        served = OnLoop(application)
        client = served.client().send(GET)
        await served.turns()
        return client.take()

    assert status(run(main())) == 500
    assert "secret" in caplog.text


def test_an_async_def_that_somebody_cancels_is_500(run, caplog):
    @action
    async def application(environ, start_response):
        asyncio.current_task().cancel()
        await asyncio.sleep(1)

    async def main():
        served = OnLoop(application)
        client = served.client().send(GET)
        await served.turns()
        return client.take()

    assert status(run(main())) == 500


def test_through_a_generator_action_too(run, queue):
    @action
    def application(environ, start_response):
        yield asyncio.sleep(0)
        got = yield queue.get()
        return answer(start_response, got)

    async def main():
        served = OnLoop(application)
        client = served.client().send(GET)
        await served.turns()
        queue.put_nowait("news")
        await served.turns()
        return client.take()

    assert run(main()).endswith(b"news")
