"""The environ of PEP 3333, and files as answers."""

import sys
from wsgiref.validate import check_environ

import pytest

from tests.web.harness import Client, Hello, Served, split


def environ_of(data):
    application = Hello()
    Served(application).ask(data)
    return application.environs[0]


def test_everything_that_pep_3333_asks_for():
    environ = environ_of(
        b"POST /a%20b/%C3%A4?x=%20y&z HTTP/1.1\r\nHost: h:80\r\nUser-Agent: me\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nab"
    )
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b/\xc3\xa4",
        "QUERY_STRING": "x=%20y&z",
        "RAW_URI": "/a%20b/%C3%A4?x=%20y&z",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "2",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "cogen/test",
        "REMOTE_ADDR": "192.0.2.1",
        "REMOTE_PORT": "50000",
        "HTTP_HOST": "h:80",
        "HTTP_USER_AGENT": "me",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    assert {key: environ[key] for key in expected} == expected
    environ = {key: value for key, value in environ.items() if not key.startswith("cogen.")}
    check_environ(environ)


def test_bad_escapes_in_a_path_stay_as_they_are():
    assert environ_of(b"GET /%zz%ff%2 HTTP/1.1\r\nHost: a\r\n\r\n")["PATH_INFO"] == "/%zz\xff%2"


def test_requests_of_one_connection_share_nothing():
    application = Hello()
    client = Served(application).client()
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n")
    application.environs[0]["mine"] = 1
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert "mine" not in application.environs[1]
    assert "HTTP_X_A" not in application.environs[1]


def test_a_unix_socket_has_no_address():
    application = Hello()
    Client(Served(application), peer="").send(b"GET / HTTP/1.0\r\n\r\n")
    assert application.environs[0]["REMOTE_ADDR"] == ""


@pytest.fixture
def large_file(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"0123456789" * 200_000)
    return path


class Watched:
    """A file that tells how it is read."""

    def __init__(self, path):
        self.file = path.open("rb")
        self.sizes = []

    def read(self, size=-1):
        self.sizes.append(size)
        return self.file.read(size)

    def close(self):
        self.file.close()


def test_a_file_is_sent_from_its_middle_in_blocks_and_closed(large_file):
    watched = Watched(large_file)
    watched.file.seek(1_000_005)

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "999995")])
        return environ["wsgi.file_wrapper"](watched)

    served = Served(application)
    client = served.client()
    client.transport.client_reads = False
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert len(watched.sizes) < 4, "no more than the client reads"
    while client.transport.unwritten:
        client.transport.read(20_000)
        served.settle()
    _, _, body = split(client.take())
    assert body == (b"56789" + b"0123456789" * 99_999)[:999_995]
    assert max(watched.sizes) <= 64 * 1024
    assert min(watched.sizes) > 0
    assert watched.file.closed


def test_a_file_without_a_length_is_chunked(large_file):
    def application(environ, start_response):
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](large_file.open("rb"), 1000)

    _, headers, _ = split(Served(application).ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
    assert headers["transfer-encoding"] == "chunked"
