"""The server behind its own certificate: with real sockets, well-behaved clients and others."""

import contextlib
import http.client
import logging
import socket
import ssl
import subprocess
import time

import pytest

from cogen.core.queue import Queue
from cogen.errors import SettingsError
from cogen.web.receipt import Receipt
from cogen.web.server import Server
from cogen.web.settings import ServerSettings
from tests.functional.servers import authority, serving, trusting, write_certificate

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Site:
    """Polls with receipts, echoes, and a page that is as long as its path says."""

    def __init__(self):
        self.queue = Queue()
        self.receipts = []
        self.schemes = []

    def __call__(self, environ, start_response):
        self.schemes.append(environ["wsgi.url_scheme"])
        path = environ["PATH_INFO"]
        if path == "/wait":
            gate = environ["cogen.wsgi"]
            gate.receipt = Receipt()
            self.receipts.append(gate.receipt)
            yield environ["cogen.call"](self.queue.get)()
            body = gate.take()
        elif path[1:].isdigit():
            body = b"a" * int(path[1:])
        else:
            body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        yield body


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def settings(tmp_path):
    return write_certificate(tmp_path)


@pytest.fixture
def server(site, settings, caplog):
    caplog.set_level(logging.INFO)
    with serving(site, **settings) as server:
        yield server
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def all_gone(server):
    def gone():
        statistics = server.server.statistics()
        return statistics.connections == statistics.handshakes == 0

    server.until(gone)


def raw(server):
    """A connection without TLS."""
    return socket.create_connection(("127.0.0.1", server.port), 10)


def read(sock):
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def test_a_megabyte_each_way_and_again_on_the_same_connection(server, site):
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=trusting())
    for _ in range(3):
        body = bytes(range(256)) * 4096
        connection.request("POST", "/", body)
        assert connection.getresponse().read() == body
    connection.close()
    assert set(site.schemes) == {"https"}
    assert server.call(server.server.statistics).accepted == 1


def test_a_poll_that_waits(server, site):
    with server.connect() as sock:
        sock.sendall(GET.replace(b"/", b"/wait", 1))
        server.until(lambda: server.parked() == 1)
        server.call(site.queue.put_nowait, b"news")
        assert sock.recv(65536).endswith(b"\r\n\r\nnews")
        sock.sendall(GET.replace(b"/", b"/wait", 1))
        server.until(lambda: server.parked() == 1)
        assert site.receipts[0].arrived
    all_gone(server)
    server.call(site.queue.put_nowait, b"kept")
    assert site.queue.qsize() == 1, "the client had gone"


def test_curl(server, tmp_path):
    authority().cert_pem.write_to_path(str(tmp_path / "authority"))
    (tmp_path / "upload").write_bytes(b"b" * 500_000)
    url = f"https://127.0.0.1:{server.port}/"
    for options in ([], ["--tlsv1.3"], ["--tls-max", "1.2"], ["-0"], ["--http2"]):
        upload = ["--data-binary", f"@{tmp_path}/upload", url, url]
        line = ["curl", "-sS", "--max-time", "10", "--cacert", f"{tmp_path}/authority"]
        done = subprocess.run([*line, *options, *upload], capture_output=True, check=True)
        assert done.stdout == b"b" * 1_000_000, options


def test_what_was_agreed_on(server):
    context = ssl.create_default_context()
    authority().configure_trust(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(raw(server), server_hostname="localhost") as sock:
        assert sock.selected_alpn_protocol() == "http/1.1"
        assert sock.version() == "TLSv1.3"


def test_tls_1_1_is_refused(server):
    context = ssl.create_default_context()
    authority().configure_trust(context)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with raw(server) as sock, pytest.raises(ssl.SSLError):
        context.wrap_socket(sock, server_hostname="localhost")
    all_gone(server)


@pytest.mark.parametrize(
    "data", [GET, b"\x00" * 1000, b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x01\xff\xff" * 5000]
)
def test_who_does_not_speak_tls_is_dropped_without_a_word_in_the_log(server, data, capfd):
    with raw(server) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP" not in read(sock)
    all_gone(server)
    assert server.ask("GET", "/2")[2] == b"aa"
    assert "Traceback" not in capfd.readouterr().err


def test_who_says_nothing_is_dropped_in_time(site, settings):
    with serving(site, head_timeout=0.5, **settings) as server, raw(server) as sock:
        assert read(sock) == b""
        all_gone(server)


@pytest.mark.parametrize("size", [0, 5, 200])
def test_who_leaves_in_the_handshake_leaves_nothing(server, size):
    client = trusting().wrap_bio(ssl.MemoryBIO(), hello := ssl.MemoryBIO(), server_hostname="a")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with raw(server) as sock:
        sock.sendall(hello.read()[:size])
    all_gone(server)


def test_nobody_waits_for_a_handshake_at_the_end(server):
    with raw(server) as sock:
        server.until(lambda: server.server.statistics().handshakes == 1)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 2
        assert sock.recv(1) == b""


def test_records_that_were_forged_end_the_connection(server):
    with server.connect() as sock:
        sock.sendall(GET)
        assert sock.recv(65536)
        with socket.socket(fileno=sock.detach()) as bare:
            bare.settimeout(10)
            bare.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
            with contextlib.suppress(ConnectionResetError):
                read(bare)
    all_gone(server)


def test_a_refused_upload_can_read_why(server):
    with server.connect() as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(50):
            sock.sendall(b"a" * 100_000)
        assert read(sock).startswith(b"HTTP/1.1 413 ")


def test_a_slow_reader_gets_all_of_a_last_answer(site, settings):
    """Longer than `write_timeout`, and the connection ends with it: nothing is cut off."""
    with serving(site, write_timeout=1.0, **settings) as server, server.connect() as sock:
        sock.sendall(b"GET /40000000 HTTP/1.0\r\n\r\n")
        got, begun = 0, time.monotonic()
        while piece := sock.recv(65536):
            got += len(piece)
            if time.monotonic() - begun < 2.5:
                time.sleep(0.005)
        assert got > 40_000_000


def test_a_client_that_does_not_read_is_bounded_and_closed(settings):
    produced = 0

    def endless(environ, start_response):
        nonlocal produced
        start_response("200 OK", [])
        while True:
            produced += 100_000
            yield b"a" * 100_000

    with serving(endless, write_timeout=1.0, **settings) as server, server.connect() as sock:
        sock.sendall(GET)
        server.until(lambda: produced > 0)
        server.until(lambda: server.server.statistics().connections == 0, seconds=5)
        assert produced < 20_000_000


def test_half_an_end_is_answered(server):
    """A client that says that it sends no more, and then reads."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with raw(server) as sock:
        handshake(client, sock, incoming, outgoing)
        client.write(b"GET /30000 HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(ssl.SSLWantReadError):
            client.unwrap()
        sock.sendall(outgoing.read())
        assert len(read(sock)) > 30_000


def test_a_goodbye_to_an_answer_that_was_not_read(server, site):
    """As browsers go: close_notify, and the socket is closed with the answer unread in it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with raw(server) as sock:
        handshake(client, sock, incoming, outgoing)
        client.write(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        sock.sendall(outgoing.read())
        server.until(lambda: server.parked() == 1)
        server.call(site.queue.put_nowait, b"news")
        server.until(lambda: server.parked() == 0)
        with pytest.raises(ssl.SSLWantReadError):
            client.unwrap()
        sock.sendall(outgoing.read())
    all_gone(server)
    assert not site.receipts[0].arrived


def handshake(client, sock, incoming, outgoing):
    while True:
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
            incoming.write(sock.recv(65536))
        else:
            sock.sendall(outgoing.read())
            return


def test_one_connection_too_many_is_told_so_too(site, settings):
    with serving(site, max_connections=1, **settings) as server:
        with server.connect() as kept:
            kept.sendall(GET)
            assert kept.recv(1000)
            with server.connect() as sock:
                sock.sendall(GET)
                assert read(sock).startswith(b"HTTP/1.1 503 ")
        all_gone(server)
        assert server.call(server.server.statistics).turned_away == 1


def test_a_stop_answers_who_waits(server):
    with server.connect() as sock:
        sock.sendall(GET.replace(b"/", b"/wait", 1))
        server.until(lambda: server.parked() == 1)
        server.stop()
        assert read(sock).startswith(b"HTTP/1.1 503 ")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"certfile": "/nowhere"}, "certfile: cannot read '/nowhere': No such file or directory"),
        ({"keyfile": "/nowhere"}, "keyfile: cannot read '/nowhere': No such file or directory"),
        ({"certfile": ""}, "keyfile is nothing without a certfile"),
        ({"keyfile": ""}, "not a certificate and its key, PEM"),
        ({"certfile": __file__}, "not a certificate and its key, PEM"),
        ({"keyfile": __file__}, "not a certificate and its key, PEM"),
    ],
)
def test_files_that_are_not_what_they_should_be(site, settings, change, says):
    with pytest.raises(SettingsError) as raised:
        Server(site, ServerSettings(**{**settings, **change}))
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_key_of_another_certificate(site, tmp_path):
    mine = write_certificate(tmp_path / "mine")
    other = write_certificate(tmp_path / "other", "other.example")
    with pytest.raises(SettingsError, match="does not belong to certfile"):
        Server(site, ServerSettings(certfile=mine["certfile"], keyfile=other["keyfile"]))


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_key_with_a_password(site, settings, tmp_path, password):
    locked = tmp_path / "locked.pem"
    line = ["openssl", "pkey", "-in", settings["keyfile"], "-out", locked, "-aes256"]
    subprocess.run([*line, "-passout", "pass:right"], check=True, capture_output=True)
    table = {**settings, "keyfile": str(locked)}
    with pytest.raises(SettingsError, match="cannot be opened with this keyfile_password"):
        Server(site, ServerSettings(**table, keyfile_password=password))
    with serving(site, **table, keyfile_password="right") as server:
        assert server.ask("GET", "/2")[2] == b"aa"
