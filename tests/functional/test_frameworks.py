"""The real frameworks, unchanged: hello, a form, an upload, a file as the answer."""

import asyncio
import http.client
import types
import urllib.parse

import bottle
import flask
import pytest
from django.conf import settings as django_settings
from pyramid.config import Configurator
from pyramid.response import FileResponse, Response

from tests.functional.servers import serving
from tests.web.django_project import configure

# WebOb leaves its own temporary file to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

FILE = b"0123456789" * 300_000
UPLOAD = bytes(range(256)) * 1000  # past 64 KiB, so it is on disk


def of_flask(path):
    application = flask.Flask("small")

    @application.get("/hello/<name>")
    def hello(name):
        return f"hello {name} {flask.request.args.get('q')}"

    @application.post("/form")
    def form():
        return f"{flask.request.form['name']} {flask.request.form['text']}"

    @application.post("/upload")
    def upload():
        file = flask.request.files["file"]
        return flask.Response(file.filename.encode() + b" " + file.read())

    @application.post("/raw")
    def raw():
        return flask.Response(flask.request.get_data())

    @application.get("/waits")
    async def waits():
        await asyncio.sleep(0)
        return "waited"

    @application.get("/file")
    def file():
        return flask.send_file(path, conditional=True)

    return application


def of_bottle(path):
    application = bottle.Bottle()

    @application.get("/hello/<name>")
    def hello(name):
        return f"hello {name} {bottle.request.query.q}"

    @application.post("/form")
    def form():
        return f"{bottle.request.forms.name} {bottle.request.forms.text}"

    @application.post("/upload")
    def upload():
        file = bottle.request.files["file"]
        return file.raw_filename.encode() + b" " + file.file.read()

    @application.post("/raw")
    def raw():
        return bottle.request.body.read()

    @application.get("/file")
    def file():
        return bottle.static_file(path.name, root=path.parent)

    return application


def of_pyramid(path):
    def hello(request):
        return Response(f"hello {request.matchdict['name']} {request.GET.get('q')}")

    def form(request):
        return Response(f"{request.POST['name']} {request.POST['text']}")

    def upload(request):
        file = request.POST["file"]
        return Response(file.filename.encode() + b" " + file.file.read())

    def raw(request):
        return Response(request.body)

    def file(request):
        response = FileResponse(path, request=request)
        response.conditional_response = True
        return response

    with Configurator() as config:
        for view, pattern in (
            (hello, "/hello/{name}"),
            (form, "/form"),
            (upload, "/upload"),
            (raw, "/raw"),
            (file, "/file"),
        ):
            config.add_route(view.__name__, pattern)
            config.add_view(view, route_name=view.__name__)
        return config.make_wsgi_app()


def of_django(path):
    urls = types.ModuleType("small_urls")
    configure()
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection
    from django.http import FileResponse as DjangoFile
    from django.http import HttpResponse
    from django.urls import path as route

    def hello(request, name):
        return HttpResponse(f"hello {name} {request.GET.get('q')}")

    def form(request):
        return HttpResponse(f"{request.POST['name']} {request.POST['text']}")

    def upload(request):
        file = request.FILES["file"]
        return HttpResponse(file.name.encode() + b" " + file.read())

    def raw(request):
        return HttpResponse(request.body)

    def file(request):
        if (wanted := request.headers.get("Range")) is None:
            return DjangoFile(path.open("rb"))
        first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        opened = path.open("rb")
        opened.seek(first)
        answer = DjangoFile(opened, status=206)
        answer.headers["Content-Length"] = str(last - first + 1)
        return answer

    def database(request):
        with connection.cursor() as cursor:
            return HttpResponse(str(cursor.execute("select 6 * 7").fetchone()[0]))

    async def waits(request):
        await asyncio.sleep(0)
        return HttpResponse("waited")

    urls.urlpatterns = [
        route("database", database),
        route("waits", waits),
        route("hello/<name>", hello),
        route("form", form),
        route("upload", upload),
        route("raw", raw),
        route("file", file),
    ]
    django_settings.ROOT_URLCONF = urls
    return WSGIHandler()


@pytest.fixture(scope="module", params=[of_flask, of_django, of_bottle, of_pyramid])
def server(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "large.bin"
    path.write_bytes(FILE)
    with serving(request.param(path), max_body=10_000_000) as server:
        yield server


def test_hello(server):
    status, headers, body = server.ask("GET", "/hello/w%C3%B6rld?q=a%20b")
    assert (status, body.decode()) == (200, "hello wörld a b")
    assert headers["Server"] == "cogen"
    assert headers["Date"]


def test_head(server):
    status, _, body = server.ask("HEAD", "/hello/world")
    assert (status, body) == (200, b"")


def test_nothing_there(server):
    assert server.ask("GET", "/nothing")[0] == 404


@pytest.mark.parametrize("chunked", [False, True])
def test_a_form(server, chunked):
    body = urllib.parse.urlencode({"name": "bob", "text": "hällo & bye"}).encode()
    status, _, answer = server.ask(
        "POST",
        "/form",
        iter([body[:5], body[5:]]) if chunked else body,
        **{"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (status, answer.decode()) == (200, "bob hällo & bye")


def test_a_file_is_uploaded(server):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + UPLOAD + b"\r\n--x--\r\n"
    )
    status, _, answer = server.ask(
        "POST", "/upload", body, **{"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert status == 200
    assert answer == b"a.bin " + UPLOAD


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_as_it_is(server, chunked):
    body = iter([UPLOAD[:100_000], UPLOAD[100_000:]]) if chunked else UPLOAD
    status, _, answer = server.ask("POST", "/raw", body, **{"Content-Type": "text/plain"})
    assert (status, answer) == (200, UPLOAD)


def test_a_file_is_the_answer(server):
    status, headers, body = server.ask("GET", "/file")
    assert status == 200
    assert headers["Content-Length"] == str(len(FILE))
    assert body == FILE


def test_a_part_of_a_file(server):
    status, _, body = server.ask("GET", "/file", Range="bytes=1000005-2000004")
    assert status == 206
    assert body == FILE[1_000_005:2_000_005]


def test_several_requests_over_one_connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for number in range(5):
        connection.request("GET", f"/hello/{number}")
        assert connection.getresponse().read().startswith(f"hello {number}".encode())
    connection.close()


def test_djangos_database_does_not_mind_where_it_is(tmp_path):
    with serving(of_django(tmp_path)) as server:
        assert server.ask("GET", "/database")[2] == b"42"


@pytest.mark.parametrize("framework", [of_django, of_flask])
def test_async_views_of_a_wsgi_framework_run(framework, tmp_path):
    with serving(framework(tmp_path)) as server:
        assert server.ask("GET", "/waits")[2] == b"waited"
