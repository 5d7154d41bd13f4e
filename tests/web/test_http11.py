"""Bytes in, requests out. (What is refused: test_acceptance.py.)"""

import gc

import pytest

from cogen.web.http11 import Limits, RequestParser

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


DEFAULT = Limits()


def parse(data, step=None, limits=DEFAULT):
    parser = RequestParser(limits)
    for at in range(0, len(data), step or len(data)):
        parser.feed(data[at : at + (step or len(data))])
    return parser


def only(data, step=None):
    parser = parse(data, step)
    assert parser.failure is None, parser.failure
    (request,) = parser.received
    return request


@pytest.mark.parametrize("step", [None, 1, 3])
def test_a_request_is_read_however_it_comes(step):
    request = only(
        b"POST /a/b?c=%20d HTTP/1.1\r\nHost: h:80\r\nX-One: 1 \r\nContent-Type: a/b\r\n"
        b"Content-Length: 3\r\n\r\nabc",
        step,
    )
    assert (request.method, request.target, request.version) == ("POST", b"/a/b?c=%20d", "1.1")
    assert request.headers == {
        "HTTP_HOST": "h:80",
        "HTTP_X_ONE": "1",
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "3",
    }
    assert request.body.complete
    assert request.body.open().read() == b"abc"
    assert request.keep_alive
    assert not request.expects_continue


def test_repeated_headers_are_joined_and_cookies_by_a_semicolon():
    request = only(GET[:-2] + b"A: 1\r\nA: 2\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n")
    assert request.headers["HTTP_A"] == "1,2"
    assert request.headers["HTTP_COOKIE"] == "a=1; b=2"


def test_values_are_latin_1():
    assert only(GET[:-2] + b"A: \xe4\r\n\r\n").headers["HTTP_A"] == "ä"


def test_the_authority_of_an_absolute_target_replaces_host():
    request = only(b"GET http://b:81?c HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (request.headers["HTTP_HOST"], request.target) == ("b:81", b"/?c")


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: close\r\n", False),
        (b"1.1", b"Connection: keep-alive, close\r\n", False),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: Keep-Alive\r\n", True),
    ],
)
def test_whether_the_connection_goes_on(version, connection, kept):
    data = b"GET / HTTP/" + version + b"\r\nHost: a\r\n" + connection + b"\r\n"
    assert only(data).keep_alive is kept


@pytest.mark.parametrize(
    ("fields", "expects"),
    [
        (b"Expect: 100-continue\r\nContent-Length: 1\r\n", True),
        (b"Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", True),
        (b"Expect: 100-continue\r\nContent-Length: 0\r\n", False),
        (b"Expect: 100-continue\r\n", False),
        (b"Content-Length: 1\r\n", False),
    ],
)
def test_whether_the_client_waits_for_100(fields, expects):
    data = b"POST / HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n"
    assert parse(data).received[0].expects_continue is expects


def test_many_upgrades_are_not_taken_and_what_follows_is_read():
    upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    parser = parse(upgrade * 2000 + GET)
    assert parser.failure is None
    assert len(parser.received) == 2001


@pytest.mark.parametrize("step", [None, 1, 7])
@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: %d\r\n\r\n%b" % (len(GET), GET),
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\nA: b\r\n\r\n" % (len(GET), GET),
        b"Content-Length: 0\r\n\r\n",
    ],
)
def test_a_body_behind_an_upgrade_is_no_request_of_its_own(framing, step):
    data = b"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n" + framing
    parser = parse((data + GET) * 3, step)
    assert parser.failure is None
    requests = list(parser.received)
    assert [request.method for request in requests] == ["POST", "GET"] * 3
    assert {request.body.open().read() for request in requests[::2]} <= {GET, b""}
    assert [request.headers["HTTP_HOST"] for request in requests] == ["a"] * 6


@pytest.mark.parametrize("step", [None, 1, 5])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_rtsp_is_no_http_however_it_comes(step, version):
    parser = parse(b"GET / RTSP/" + version + b"\r\nHost: a\r\n\r\n", step)
    assert parser.failure.status == 505
    assert not parser.received


def test_a_body_may_speak_of_rtsp():
    data = b"POST /x HTTP/1.0\r\nContent-Length: 19\r\n\r\nGET /x RTSP/1.0\r\n\r\n"
    assert only(data).body.size == 19


def test_after_a_violation_nothing_is_read():
    parser = parse(b"nonsense\r\n\r\n" + GET)
    assert parser.failure.status == 501
    parser.feed(GET)
    assert not parser.received


def test_a_violation_in_a_body_that_is_read_already_reaches_its_reader():
    parser = parse(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    request = parser.received.pop(0)
    read = request.body.read(10)
    assert not read.start(Driver())
    parser.feed(b"nonsense\r\n")
    with pytest.raises(Exception, match="400"):
        read.result()


@pytest.mark.parametrize(
    "data",
    [b"G", GET[:-2], b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na"],
)
def test_what_has_begun_and_will_not_be_complete(data):
    parser = parse(data)
    parser.end()
    assert parser.failure.status == 400


@pytest.mark.parametrize("data", [GET, b"\r\n"])
def test_what_is_complete_at_the_end(data):
    parser = parse(data)
    parser.end()
    assert parser.failure is None


def test_in_head():
    parser = parse(GET[:-2])
    assert parser.in_head
    parser.feed(GET[-2:])
    assert not parser.in_head
    parser.feed(b"G")
    assert parser.in_head


def test_limits_at_the_edge():
    limits = Limits(request_line=100, header=50, header_count=3, body=10)
    line = b"GET /" + b"a" * (100 - 14) + b" HTTP/1.1\r\nHost: a\r\n"
    assert parse(line + b"\r\n", limits=limits).failure is None
    assert parse(line.replace(b"a", b"aa", 1) + b"\r\n", limits=limits).failure.status == 414
    header = GET[:-2] + b"A: " + b"b" * 47 + b"\r\n"
    assert parse(header + b"\r\n", limits=limits).failure is None
    assert parse(header.replace(b"A:", b"AA:") + b"\r\n", limits=limits).failure.status == 431
    assert parse(GET[:-2] + b"A: 1\r\n" * 2 + b"\r\n", limits=limits).failure is None
    assert parse(GET[:-2] + b"A: 1\r\n" * 3 + b"\r\n", limits=limits).failure.status == 431


@pytest.mark.parametrize("step", [1, 100])
@pytest.mark.parametrize(
    "data",
    [
        b"\r\n" * 10_000,
        b"GET " + b" " * 20_000,
        GET[:-2] + b"A: " + b"a" * 20_000,
        GET[:-2] + b"A:" + b" " * 20_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 20_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"a" * 20_000,
    ],
    ids=["lines", "spaces", "header", "space", "extension", "trailer"],
)
def test_nothing_without_end_is_kept_or_read_without_end(data, step):
    parser = RequestParser(Limits())
    fed = 0
    for at in range(0, len(data), step):
        parser.feed(data[at : at + step])
        fed += step
        if parser.failure is not None:
            break
    assert fed < 17_000
    assert parser.failure.status in (400, 431)


def test_an_underscore_cannot_pass_for_a_hyphen():
    request = only(GET[:-2] + b"X_Forwarded_For: evil\r\nContent_Length: 5\r\n\r\n")
    assert request.headers == {"HTTP_HOST": "a"}


def test_many_small_chunks_are_no_flood():
    data = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    data += b"1\r\na\r\n" * 20_000 + b"0\r\n\r\n"
    assert only(data, 1000).body.size == 20_000


def test_a_parser_is_freed_by_reference_counts(no_gc):
    parser = RequestParser(Limits())
    parser.feed(GET)
    before = alive()
    parser.close()
    parser.close()
    del parser
    assert alive() == before - 1


def alive():
    return sum(type(each) is RequestParser for each in gc.get_objects())


class Driver:
    """Waits, and nothing else."""

    scheduler = None
    context = None

    def wake(self):
        pass


def test_rtsp_behind_a_good_request_is_not_taken_for_that():
    parser = parse(GET + b"GET / RTSP/1.0\r\nHost: a\r\n\r\n")
    assert [request.target for request in parser.received] == [b"/"]
    assert parser.failure.status == 505


@pytest.mark.parametrize("method", [b"GET", b"OPTIONS", b"M-SEARCH"])
def test_the_limit_is_that_of_the_line_whatever_the_method(method):
    limits = Limits(request_line=100)
    line = method + b" /" + b"a" * (100 - len(method + b" / HTTP/1.1")) + b" HTTP/1.1\r\n"
    assert parse(line + b"Host: a\r\n\r\n", limits=limits).failure is None
    one_more = line.replace(b"a", b"aa", 1)
    assert parse(one_more + b"Host: a\r\n\r\n", limits=limits).failure.status == 414


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x00\xf8", b"\x80\x2e", b"\r\n\x16", b"\0GET"])
def test_what_cannot_begin_a_method_is_no_http(data):
    for step in (None, 1):
        assert parse(data, step).failure.status == 400


def test_a_body_that_cannot_be_kept_is_no_fault_of_the_clients(monkeypatch, caplog):
    def no_room():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cogen.web.body.TemporaryFile", no_room)
    parser = parse(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n" + b"a" * 99_999)
    assert parser.failure.status == 503
    assert "No space left on device" in caplog.text
