"""Views of Pyramid that wait, behind fake connections on a real loop."""

import asyncio

import pytest
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory

from cogen.core.queue import Queue
from tests.web.harness import OnLoop, split, status


class Told(Exception):
    """Has an exception view."""


def accepted(text):
    response = Response(text, status=202)
    response.headers["X-A"] = "b"
    return response


class Page:
    """One view class, actions of every kind."""

    queue: Queue
    log: list

    def __init__(self, request):
        self.request = request

    def plain(self):
        return Response("plain")

    async def waits(self):
        got = await self.queue.get(timeout=10)
        return accepted(got)

    def yields(self):
        got = yield self.queue.get(timeout=10)
        return accepted(got)

    async def json(self):
        self.request.response.status = 203
        self.request.response.headers["X-A"] = "b"
        return {"got": await self.queue.get()}

    def json_generator(self):
        got = yield self.queue.get()
        return {"got": got}

    async def session(self):
        before = self.request.session.get("seen", 0)
        await self.queue.get()
        self.request.session["seen"] = before + 1
        return Response(str(before))

    def late_session(self):
        yield self.queue.get()
        self.request.session["seen"] = 10
        return Response("late")

    async def fails(self):
        await self.queue.get()
        raise Told("after the wait")

    def fails_generator(self):
        yield self.queue.get()
        raise Told("after the wait")

    async def bug(self):
        await self.queue.get()
        raise ValueError("secret")

    async def found(self):
        await self.queue.get()
        raise HTTPFound("/elsewhere")

    def found_generator(self):
        yield self.queue.get()
        return HTTPFound("/elsewhere")

    async def callbacks(self):
        def add(request, response):
            self.log.append("response callback")
            response.headers["X-Callback"] = "yes"

        self.request.add_response_callback(add)
        self.request.add_finished_callback(lambda request: self.log.append("finished callback"))
        await self.queue.get()
        self.log.append("waited")
        return Response("a")

    async def gone(self):
        self.request.add_finished_callback(lambda request: self.log.append("finished"))
        try:
            await self.queue.get()
        except asyncio.CancelledError:
            self.log.append("cancelled")
            raise

    async def nothing(self):
        await self.queue.get()


ACTIONS = [name for name in vars(Page) if callable(getattr(Page, name)) and name[0] != "_"]


def told(error, request):
    return Response(f"told: {error}", status=418)


def tween(handler, registry):
    def handle(request):
        response = handler(request)
        response.headers["X-Tween"] = "yes"
        return response

    return handle


@pytest.fixture
def queue():
    Page.queue, Page.log = Queue(), []
    return Page.queue


@pytest.fixture
def served(queue):
    """Makes one; only in a loop that runs."""

    def make():
        with Configurator() as config:
            config.include("cogen.web.pyramid")
            config.set_session_factory(SignedCookieSessionFactory("secret"))
            config.add_route("page", "/{name}")
            config.add_tween("tests.web.test_pyramid.tween")
            config.add_exception_view(told, context=Told)
            for action in ACTIONS:
                renderer = "json" if action.startswith("json") else None
                config.add_view(
                    Page,
                    attr=action,
                    route_name="page",
                    match_param=f"name={action}",
                    renderer=renderer,
                )
            return OnLoop(config.make_wsgi_app())

    return make


def get(name, cookie=""):
    head = f"GET /{name} HTTP/1.1\r\nHost: a\r\n"
    return (head + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode()


async def ask(served, queue, name, cookie=""):
    client = served.client().send(get(name, cookie))
    await served.turns()
    assert client.take() == b"", "it waits"
    queue.put_nowait("news")
    await served.turns()
    return client.take()


def test_a_view_that_does_not_wait_is_unchanged(run, served):
    async def main():
        plain = served()
        client = plain.client().send(get("plain"))
        await plain.turns()
        return client.take()

    line, headers, body = split(run(main()))
    assert (line, headers["x-tween"], body) == ("200 OK", "yes", b"plain")


@pytest.mark.parametrize("name", ["waits", "yields"])
def test_status_and_headers_are_decided_after_the_wait(run, served, queue, name):
    async def main():
        return await ask(served(), queue, name)

    line, headers, body = split(run(main()))
    assert (line, headers["x-a"], body) == ("202 Accepted", "b", b"news")
    assert headers["content-length"] == "4"
    assert headers["x-tween"] == "yes", "what a tween said of it is carried over"


@pytest.mark.parametrize("name", ["json", "json_generator"])
def test_a_renderer_renders_after_the_wait(run, served, queue, name):
    async def main():
        return await ask(served(), queue, name)

    line, headers, body = split(run(main()))
    assert headers["content-type"] == "application/json"
    assert body == b'{"got": "news"}'
    if name == "json":
        assert line.startswith("203 ")
        assert headers["x-a"] == "b"


def test_a_session_changed_after_the_wait_is_saved(run, served, queue):
    async def main():
        site, cookie, seen = served(), "", []
        for name in ("session", "session", "late_session", "session"):
            _, headers, body = split(await ask(site, queue, name, cookie))
            cookie = headers["set-cookie"].partition(";")[0]
            seen.append(body)
        return seen

    assert run(main()) == [b"0", b"1", b"late", b"10"]


@pytest.mark.parametrize("name", ["fails", "fails_generator"])
def test_an_exception_after_the_wait_reaches_its_exception_view(run, served, queue, name):
    async def main():
        return await ask(served(), queue, name)

    line, _, body = split(run(main()))
    assert line.startswith("418 ")
    assert body == b"told: after the wait"


@pytest.mark.parametrize("name", ["found", "found_generator"])
def test_a_redirect_after_the_wait(run, served, queue, name):
    async def main():
        return await ask(served(), queue, name)

    line, headers, _ = split(run(main()))
    assert (line, headers["location"]) == ("302 Found", "http://a/elsewhere")


@pytest.mark.parametrize("name", ["bug", "nothing"])
def test_a_bug_after_the_wait_is_500_and_logged(run, served, queue, name, caplog):
    async def main():
        return await ask(served(), queue, name)

    answer = run(main())
    assert status(answer) == 500
    assert b"secret" not in answer
    assert ("secret" if name == "bug" else "no response") in caplog.text


def test_callbacks_run_at_the_real_end(run, served, queue):
    async def main():
        return await ask(served(), queue, "callbacks")

    _, headers, _ = split(run(main()))
    assert headers["x-callback"] == "yes"
    assert Page.log == ["waited", "response callback", "finished callback"]


def test_a_client_that_goes_cancels_the_action(run, served, queue):
    async def main():
        site = served()
        client = site.client().send(get("gone"))
        await site.turns()
        client.end()
        await site.turns()
        queue.put_nowait("news")
        await site.turns()

    run(main())
    assert sorted(Page.log) == ["cancelled", "finished"]
    assert queue.qsize() == 1
