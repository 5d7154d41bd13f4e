"""Django's async views, which park, behind fake connections on a real loop."""

import asyncio
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from asgiref.sync import markcoroutinefunction
from django.core.signals import request_finished, request_started
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from cogen.core.queue import Queue
from cogen.errors import OperationTimeout
from cogen.web.django import WaitingHandler, make_app
from tests.web.django_project import configure, project
from tests.web.harness import OnLoop, dechunk, split


class Site:
    """The views."""

    def __init__(self):
        self.queue = Queue()
        self.log = []
        self.in_thread = threading.Event()

    async def waits(self, request):
        got = await self.queue.get(timeout=10)
        response = HttpResponse(f"{request.GET['q']} {got}", status=202)
        response.headers["X-A"] = "b"
        response.set_cookie("one", "1")
        response.set_cookie("two", "2")
        return response

    def plain(self, request):
        self.log.append(threading.current_thread())
        return HttpResponse("plain")

    def database(self, request):
        with connection.cursor() as cursor:
            self.log.append(connection.connection)
            return HttpResponse(str(cursor.execute("select 6 * 7").fetchone()[0]))

    async def form(self, request):
        return HttpResponse(request.POST["text"])

    async def bug(self, request):
        await self.queue.get()
        raise ValueError("of the view")

    async def timeout(self, request):
        try:
            await self.queue.get(timeout=10)
        except OperationTimeout as error:
            return HttpResponse(type(error).__name__)

    async def gone(self, request):
        try:
            await self.queue.get()
        except asyncio.CancelledError:
            self.log.append("cancelled")
            raise

    def blocks(self, request):
        self.log.append("begun")
        assert self.in_thread.wait(10)
        self.log.append("ended")
        return HttpResponse("blocked")

    async def stream(self, request):
        async def parts():
            try:
                yield b"first"
                yield (await self.queue.get()).encode()
            finally:
                self.log.append("stream closed")

        return StreamingHttpResponse(parts())

    def stream_in_thread(self, request):
        def parts():
            self.log.append(threading.current_thread())
            yield b"first"
            yield b"second"

        return StreamingHttpResponse(parts())

    def file(self, request):
        return FileResponse(open(__file__, "rb"))  # noqa: PTH123 - Django closes it


VIEWS = [name for name in vars(Site) if name[0] != "_"]


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def handler(site):
    with project(**{name: getattr(site, name) for name in VIEWS}):
        yield WaitingHandler()


@pytest.fixture
def signals():
    """What Django has said, and in which thread."""
    said = []

    def started(**_):
        said.append(("started", threading.current_thread()))

    def finished(**_):
        said.append(("finished", threading.current_thread()))

    request_started.connect(started)
    request_finished.connect(finished)
    yield said
    request_started.disconnect(started)
    request_finished.disconnect(finished)


class Asked:
    """One request that is under way."""

    def __init__(self, handler, path, *, body=b"", lines=""):
        self.served = OnLoop(handler)
        self.client = self.served.client()
        method = "POST" if body else "GET"
        head = f"{method} /{path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
        self.client.send(head.encode() + body)

    async def until(self, ready):
        async with asyncio.timeout(10):
            while not ready():
                await asyncio.sleep(0.001)
                self.served.settle()

    async def answer(self):
        await self.until(lambda: self.served.service.requests)
        await self.until(lambda: self.client.connection.exchange is None)
        line, headers, body = split(self.client.take())
        chunked = headers.get("transfer-encoding") == "chunked"
        return line, headers, dechunk(body) if chunked else body


@pytest.fixture
def ask(handler, site, run):
    def ask(path, item=None, **options):
        async def main():
            asked = Asked(handler, path, **options)
            if item is not None:
                await asked.served.turns()
                assert asked.client.take() == b""
                site.queue.put_nowait(item)
            return await asked.answer()

        return run(main())

    return ask


def test_status_headers_and_cookies_after_the_wait(ask, signals):
    threads = threading.active_count()
    line, headers, body = ask("waits?q=1", "news")
    assert (line, headers["x-a"], body) == ("202 Accepted", "b", b"1 news")
    assert headers["set-cookie"] == "two=2; Path=/"
    assert [said for said, _ in signals] == ["started", "finished"]
    assert {thread for _, thread in signals} == {threading.current_thread()}
    assert threading.active_count() == threads


def test_a_sync_view_runs_in_a_thread(ask, site, signals):
    assert ask("plain")[2] == b"plain"
    (thread,) = site.log
    assert thread is not threading.current_thread()
    assert signals[-1] == ("finished", thread)


def test_the_database_is_closed_where_it_was_opened(ask, site, monkeypatch):
    # Else Django leaves it open, as closing would lose what is in it.
    monkeypatch.setattr(DatabaseWrapper, "is_in_memory_db", lambda self: False)
    assert ask("database")[2] == b"42"
    (opened,) = site.log
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened.execute("select 1")


def test_a_form(ask):
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    assert ask("form", body=b"text=a%20b", lines=kind)[2] == b"a b"


def test_an_error_after_the_wait_is_djangos_500(ask, caplog, signals):
    assert ask("bug", "news")[0] == "500 Internal Server Error"
    assert "ValueError: of the view" in caplog.text
    assert [said for said, _ in signals] == ["started", "finished"]


def test_nothing_there(ask):
    assert ask("nothing")[0] == "404 Not Found"


def test_a_stream_that_waits(handler, site, run):
    async def main():
        asked = Asked(handler, "stream")
        await asked.until(lambda: b"first" in asked.client.transport.arrived)
        site.queue.put_nowait("second")
        return await asked.answer()

    assert run(main())[2] == b"firstsecond"
    assert site.log == ["stream closed"]


def test_a_stream_that_blocks_runs_in_a_thread(ask, site):
    assert ask("stream_in_thread")[2] == b"firstsecond"
    assert site.log[0] is not threading.current_thread()


def test_a_file(ask):
    line, headers, body = ask("file")
    assert (line, headers["content-type"]) == ("200 OK", "text/x-python")
    assert body == Path(__file__).read_bytes()


def test_a_client_that_goes_while_the_view_waits(handler, site, signals, run):
    async def main():
        asked = Asked(handler, "gone")
        await asked.served.turns()
        asked.client.reset()
        await asked.until(lambda: site.log)
        site.queue.put_nowait("kept")
        assert site.queue.qsize() == 1

    run(main())
    assert site.log == ["cancelled"]
    assert [said for said, _ in signals] == ["started", "finished"]


def test_a_client_that_goes_while_a_stream_waits(handler, site, signals, run):
    async def main():
        asked = Asked(handler, "stream")
        await asked.until(lambda: b"first" in asked.client.transport.arrived)
        asked.client.reset()
        await asked.until(lambda: site.log)

    run(main())
    assert site.log == ["stream closed"]
    assert [said for said, _ in signals] == ["started", "finished"]


def test_a_client_that_goes_while_a_thread_works(handler, site, signals, run):
    """The thread cannot be stopped; what is left to do is done in it, afterwards."""

    async def main():
        asked = Asked(handler, "blocks")
        await asked.until(lambda: site.log)
        asked.client.reset()
        await asked.served.turns()
        assert [said for said, _ in signals] == ["started"]
        site.in_thread.set()
        await asked.until(lambda: len(signals) == 2)

    run(main())
    assert site.log == ["begun", "ended"]
    assert signals[1][1] is not threading.current_thread()


def test_a_stop_ends_the_wait(handler, run):
    async def main():
        asked = Asked(handler, "timeout")
        await asked.served.turns()
        asked.client.connection.shut()
        return await asked.answer()

    assert run(main())[2] == b"ServerClosing"


class WaitingMiddleware:
    """One of Django's async middlewares."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request):
        response = await self.get_response(request)
        response.headers["X-Middleware"] = "yes"
        return response


def test_middleware_of_both_kinds(site, run):
    middleware = (
        f"{__name__}.WaitingMiddleware",
        "django.middleware.common.CommonMiddleware",
    )
    with project(middleware, waits=site.waits):
        handler = WaitingHandler()

        async def main():
            asked = Asked(handler, "waits?q=1")
            await asked.until(lambda: site.queue.statistics().getters)
            site.queue.put_nowait("news")
            return await asked.answer()

        _, headers, _ = run(main())
    assert (headers["x-middleware"], headers["content-length"]) == ("yes", "6")


def test_elsewhere_it_is_django(handler):
    said = []
    environ = RequestFactory().get("/plain").environ
    body = handler(environ, lambda status, headers: said.append(status))
    assert (said, b"".join(body)) == (["200 OK"], b"plain")


# As a Paste application


def test_a_bad_section_is_one_line(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lacks_another.py").write_text("import another_that_is_not_there")
    for section, words in (
        ({}, "settings names no module"),
        ({"setting": "a"}, "unknown setting 'setting'"),
        ({"settings": "not_there.settings"}, "settings = 'not_there.settings': there is no such"),
        ({"settings": "not_there", "waiting": "maybe"}, "waiting is true or false"),
    ):
        with pytest.raises(SystemExit, match=words) as refused:
            make_app({}, **section)
        assert "\n" not in str(refused.value)
    with pytest.raises(ModuleNotFoundError, match="another_that_is_not_there"):
        make_app({}, settings="lacks_another")


@pytest.mark.parametrize(("waiting", "kind"), [("true", "WaitingHandler"), ("0", "WSGIHandler")])
def test_which_handler(waiting, kind, monkeypatch, tmp_path):
    configure()
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "")
    monkeypatch.setattr("sys.path", [*sys.path])
    (tmp_path / "settings_of_a_test.py").write_text("")
    application = make_app({}, settings="settings_of_a_test", path=str(tmp_path), waiting=waiting)
    assert type(application).__name__ == kind
