"""What cogen 0.2.1's own tests assert of its WSGI server, on ours, one behaviour a test."""

import random

import pytest

from tests.web.harness import GET, Hello, Served, dechunk, split

OLD = b"GET / HTTP/1.0\r\n\r\n"
OLD_KEPT = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def test_headers_are_in_the_environ():
    application = Hello()
    fields = {f"X-Header-{number}": f"value {number}" for number in range(50)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    Served(application).ask(GET[:-2] + lines.encode() + b"\r\n")
    environ = application.environs[0]
    for name, value in fields.items():
        assert environ["HTTP_" + name.upper().replace("-", "_")] == value


@pytest.mark.parametrize("yields", [[], [b""], [b"", b""]])
@pytest.mark.parametrize("seconds", [0, 1])
def test_an_empty_body_with_a_late_start_response(yields, seconds):
    def application(environ, start_response):
        if seconds:
            yield environ["cogen.core"].events.Sleep(seconds)
        start_response("202 Accepted", [("X-Late", "yes")])
        yield from yields

    served = Served(application)
    client = served.client().send(GET)
    served.advance(seconds)
    line, headers, body = split(client.take())
    assert (line, headers["x-late"]) == ("202 Accepted", "yes")
    assert (dechunk(body) if "transfer-encoding" in headers else body) == b""
    assert not client.closed


SIZES = [0, 1, 2, 10, 100, 1000, 1023, 1024, 1025, 4096, 8191, 8192, 8193, 10_240]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_post_is_echoed(size, chunked):
    body = random.Random(size).randbytes(size)
    if chunked:
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        pieces = [body[at : at + 1000] for at in range(0, size, 1000)]
        framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        data = head + framed + b"0\r\n\r\n"
    else:
        data = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (size, body)
    for step in (len(data), 700):
        answer = Served(Hello()).ask(*[data[n : n + step] for n in range(0, len(data), step)])
        assert split(answer)[2] == b"POST /echo " + body


def lines(environ, start_response):
    """Reads lines, and says what each read gave."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    gate, source = environ["cogen.wsgi"], environ["cogen.input"]
    while True:
        yield source.readline()
        if not gate.take():
            return
        yield b"[" + gate.take() + b"]"


def pieces(environ, start_response):
    """The same of at most four bytes."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    gate, source = environ["cogen.wsgi"], environ["cogen.input"]
    while True:
        yield source.read(4)
        if not gate.take():
            return
        yield b"[" + gate.take() + b"]"


@pytest.mark.parametrize("stream_bodies", [True, False])
def test_readline_waits_for_lines_however_they_come(stream_bodies):
    sent = [b"o", b"ne\ntw", b"o\n\nthr", b"ee"]
    length = sum(map(len, sent))
    client = Served(lines, stream_bodies=stream_bodies).client()
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length, *sent)
    assert dechunk(split(client.take())[2]) == b"[one\n][two\n][\n][three]"


def test_read_gives_what_is_there_and_waits_for_what_is_not():
    client = Served(pieces, stream_bodies=True).client()
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n")
    heard = []
    for sent in (b"ab", b"c", b"defghi", b"jkl"):
        client.send(sent)
        heard.append(client.take())
    got = dechunk(split(b"".join(heard))[2])
    assert got == b"[ab][c][defg][hi][jkl]"


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize("block", [1, 1000, 8192, 100_000])
def test_a_file_is_sent_from_its_middle(tmp_path, version, block):
    content = random.Random(1).randbytes(20_000)
    path = tmp_path / "file"
    path.write_bytes(content)
    files = []

    def application(environ, start_response):
        files.append(path.open("rb"))
        files[-1].seek(10_001)
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return environ["wsgi.file_wrapper"](files[-1], block)

    answer = Served(application).ask(b"GET / HTTP/" + version + b"\r\nHost: a\r\n\r\n")
    _, headers, body = split(answer)
    assert ("transfer-encoding" in headers) == (version == b"1.1")
    assert (dechunk(body) if version == b"1.1" else body) == content[10_001:]
    assert files[0].closed


@pytest.mark.parametrize("request_", [CLOSE, OLD])
def test_the_connection_closes_when_the_client_wants_it_or_speaks_1_0(request_):
    client = Served(Hello()).client().send(request_)
    assert split(client.take())[1]["connection"] == "close"
    assert client.gone


def test_1_0_keeps_alive_on_request():
    client = Served(Hello()).client()
    for _ in range(2):
        assert split(client.send(OLD_KEPT).take())[1]["connection"] == "keep-alive"
    assert not client.closed


def test_1_1_chunks_when_the_length_is_unknown():
    def application(environ, start_response):
        start_response("200 OK", [])
        return iter([b"abc", b"", b"de"])

    client = Served(application).client()
    for _ in range(2):
        _, headers, body = split(client.send(GET).take())
        assert headers["transfer-encoding"] == "chunked"
        assert "content-length" not in headers
        assert dechunk(body) == b"abcde"
    assert not client.closed
