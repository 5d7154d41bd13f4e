"""Threaded: ``wsgi.input`` as a file, also while the body is still coming."""

import pytest

from cogen.errors import BodyError
from cogen.web.passage import ClientGone
from tests.web.harness import Hello, dechunk, split, status
from tests.web.threads import ThreadedServed

POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


class Reader:
    """Reads the body as it is told, and says what it got."""

    def __init__(self, read):
        self.read = read
        self.got = []
        self.errors = []

    def __call__(self, environ, start_response):
        try:
            for part in self.read(environ["wsgi.input"]):
                self.got.append(part)
        except OSError as error:
            self.errors.append(error)
            raise
        start_response("200 OK", [])
        return [b"|".join(self.got)]


def in_pieces(file):
    while data := file.read(4):
        yield data


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda file: [file.read()], [b"one\ntwo\nthree"]),
        (lambda file: [file.read(-1)], [b"one\ntwo\nthree"]),
        (lambda file: [file.read(5), file.read(99), file.read(1)], [b"one\nt", b"wo\nthree", b""]),
        (lambda file: [file.readline(2), file.readline()], [b"on", b"e\n"]),
        (lambda file: file.readlines(), [b"one\n", b"two\n", b"three"]),
        (lambda file: file, [b"one\n", b"two\n", b"three"]),
        (in_pieces, [b"one\n", b"two\n", b"thre", b"e"]),
    ],
)
@pytest.mark.parametrize("stream_bodies", [True, False])
def test_the_body_is_a_file(read, expected, stream_bodies):
    reader = Reader(read)
    served = ThreadedServed(reader, stream_bodies=stream_bodies)
    client = served.client().send(POST % 13)
    for piece in (b"on", b"e\ntwo", b"\nthr", b"ee"):
        client.send(piece)
    served.rest()
    assert reader.got == expected
    assert status(client.take()) == 200


def test_it_is_read_while_it_comes():
    reader = Reader(in_pieces)
    served = ThreadedServed(reader, stream_bodies=True)
    client = served.client().send(CHUNKED)
    for number in range(3):
        client.send(b"4\r\nabcd\r\n")
        served.until(lambda count: len(reader.got) == count, number + 1)
    assert client.take() == b""
    client.send(b"0\r\n\r\n")
    served.rest()
    assert dechunk(split(client.take())[2]) == b"abcd|abcd|abcd"


def test_both_ways_at_once():
    def application(environ, start_response):
        start_response("200 OK", [])
        for line in environ["wsgi.input"]:
            yield line.upper()

    served = ThreadedServed(application, stream_bodies=True)
    client = served.client().send(CHUNKED)
    for line in (b"abc\n", b"def\n"):
        client.send(b"4\r\n" + line + b"\r\n")
        served.until(lambda said: said in client.transport.arrived, line.upper())
    client.send(b"0\r\n\r\n")
    served.rest()
    assert dechunk(split(client.take())[2]) == b"ABC\nDEF\n"


def test_a_body_that_breaks_off_is_the_clients_fault(caplog):
    reader = Reader(in_pieces)
    served = ThreadedServed(reader, stream_bodies=True)
    client = served.client().send(CHUNKED, b"4\r\nabcd\r\n", b"nonsense\r\n")
    served.rest()
    assert status(client.take()) == 400
    assert [type(error) for error in reader.errors] == [BodyError]
    client = served.client().send(POST % 5)
    served.until(lambda: client.connection.exchange.parked)
    served.advance(32)
    served.rest()
    assert status(client.take()) == 408
    assert caplog.text == ""


def test_the_client_goes_while_its_body_is_read(caplog):
    reader = Reader(in_pieces)
    served = ThreadedServed(reader, stream_bodies=True)
    client = served.client().send(POST % 100, b"abcd")
    served.until(lambda: reader.got)
    client.reset()
    served.rest()
    assert [type(error) for error in reader.errors] == [ClientGone]
    assert caplog.text == ""


def test_a_stop_while_it_reads():
    served = ThreadedServed(Hello(), stream_bodies=True)
    client = served.client().send(POST % 3)
    served.until(lambda: client.connection.exchange.parked)
    served.shut()
    client.send(b"abc")
    served.rest()
    assert dechunk(split(client.take())[2]) == b"POST / abc"
