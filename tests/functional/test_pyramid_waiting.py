"""Pyramid views that wait, with real sockets. (Each behaviour by itself: web/test_pyramid.py.)"""

import asyncio
import contextlib
import http.client
import json
import threading

import pytest
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory

from cogen.core.queue import Queue
from tests.functional.servers import serving


class Told(Exception):
    """Has an exception view."""


class Page:
    """One view class with actions of both kinds."""

    queue: Queue
    log: list

    def __init__(self, request):
        self.request = request

    async def status(self):
        self.request.response.status = 202
        self.request.response.headers["X-Got"] = await self.queue.get(timeout=10)
        return self.request.response

    def session(self):
        got = yield self.queue.get(timeout=10)
        seen = self.request.session.setdefault("seen", [])
        seen.append(got)
        self.request.session.changed()
        return Response(" ".join(seen))

    async def told(self):
        await asyncio.sleep(0.01)
        raise Told(await self.queue.get(timeout=10))

    def found(self):
        got = yield self.queue.get(timeout=10)
        raise HTTPFound(f"/{got}")

    async def json(self):
        def add(request, response):
            response.headers["X-Callback"] = "yes"

        self.request.add_response_callback(add)
        return {"got": await self.queue.get(timeout=10)}

    async def gone(self):
        try:
            await self.queue.get(timeout=10)
        except asyncio.CancelledError:
            self.log.append("cancelled")
            raise

    async def blocking(self):
        """Any asyncio library; here work in a thread."""
        name = await asyncio.to_thread(lambda: threading.current_thread().name)
        return Response(name)


@pytest.fixture
def server():
    Page.queue, Page.log = Queue(), []
    with Configurator() as config:
        config.include("cogen.web.pyramid")
        config.set_session_factory(SignedCookieSessionFactory("secret"))
        config.add_route("page", "/{name}")
        for name in ("status", "session", "told", "found", "gone", "blocking"):
            config.add_view(Page, attr=name, route_name="page", match_param=f"name={name}")
        config.add_view(
            Page, attr="json", route_name="page", match_param="name=json", renderer="json"
        )
        config.add_exception_view(
            lambda error, request: Response(f"told {error}", status=418), context=Told
        )
        application = config.make_wsgi_app()
    with serving(application) as server:
        yield server


@contextlib.contextmanager
def asked(server, name, **headers):
    """A connection with a request that waits."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", f"/{name}", headers=headers)
        server.until(lambda: server.parked() == 1)
        yield connection


def answer(server, name, **headers):
    with asked(server, name, **headers) as connection:
        server.call(Page.queue.put_nowait, "news")
        response = connection.getresponse()
        return response, response.read()


def test_status_and_headers_after_the_wait(server):
    response, _ = answer(server, "status")
    assert (response.status, response.headers["X-Got"]) == (202, "news")


def test_the_session_is_saved_after_the_wait(server):
    response, body = answer(server, "session")
    assert body == b"news"
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    assert answer(server, "session", Cookie=cookie)[1] == b"news news"


def test_an_exception_reaches_its_view(server):
    response, body = answer(server, "told")
    assert (response.status, body) == (418, b"told news")


def test_a_redirect_is_one(server):
    response, _ = answer(server, "found")
    assert response.status == 302
    assert response.headers["Location"].endswith("/news")


def test_a_renderer_and_a_response_callback(server):
    response, body = answer(server, "json")
    assert json.loads(body) == {"got": "news"}
    assert response.headers["X-Callback"] == "yes"


def test_a_client_that_goes(server):
    with asked(server, "gone"):
        pass
    server.until(lambda: Page.log == ["cancelled"])
    server.call(Page.queue.put_nowait, "news")
    assert Page.queue.qsize() == 1


def test_any_asyncio_library_beside_it(server):
    assert server.ask("GET", "/blocking")[2].startswith(b"uvloop_")
