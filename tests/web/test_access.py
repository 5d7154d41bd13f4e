"""The lines of the access log."""

import json
import re

import pytest

from cogen.core.queue import Queue
from cogen.web.access import AccessLog
from cogen.web.actions import action
from cogen.web.forwarded import Forwarded, TrustedPeers
from cogen.web.request import Request
from cogen.web.websocket import upgrade
from tests.web.harness import Served, poll
from tests.web.peer import Peer


class Lines(list):
    """What would be the file."""

    def write(self, line):
        self.append(line)


class Logged:
    """An application behind the log and cogen's connections, as the server puts them."""

    def __init__(self, application, form="combined", trusted="", **settings):
        self.lines = Lines()
        peers = TrustedPeers(trusted)
        self.log = AccessLog(self.lines, form, peers)
        if peers:
            application = Forwarded(application, peers)
        self.served = Served(self.log.around(application), **settings)
        self.served.service.on_refusal = self.refused

    def refused(self, transport, request, error, answer):
        peer = transport.get_extra_info("peername")
        body = len(answer.partition(b"\r\n\r\n")[2])
        self.log.refused(peer, "http", request, error.status, body)

    def ask(self, *data):
        """The one line that a new client's request gives."""
        self.served.ask(*data)
        (line,) = self.lines
        return line


def get(target=b"/", *headers):
    return b"\r\n".join([b"GET %b HTTP/1.1" % target, b"Host: a", *headers, b"", b""])


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hel", b"lo"]


COMBINED = re.compile(
    r'(\S+) - (\S+) \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "(.*)" (\d{3}) (\d+|-)'
    r' "(.*)" "(.*)"'
)


def parts(line):
    match = COMBINED.fullmatch(line)
    assert match, line
    return match.groups()


def test_apaches_combined():
    site = Logged(hello)
    line = site.ask(get(b"/a%20b?c=d", b"Referer: http://e/", b"User-Agent: curl/8.5"))
    remote, user, _, request, status, size, referer, agent = parts(line)
    assert (remote, user, status, size) == ("192.0.2.1", "-", "200", "5")
    assert request == "GET /a%20b?c=d HTTP/1.1"
    assert (referer, agent) == ("http://e/", "curl/8.5")


def test_what_is_not_there_is_a_dash():
    def nothing(environ, start_response):
        start_response("204 No Content", [])
        return []

    _, _, _, _, status, size, referer, agent = parts(Logged(nothing).ask(get()))
    assert (status, size, referer, agent) == ("204", "-", "-", "-")


def test_json():
    site = Logged(hello, "json")
    line = site.ask(
        get(b"/caf%C3%A9?token=hidden", b'User-Agent: \xc3\xa9"x"', b"Referer: http://e/")
    )
    entry = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", entry.pop("time"))
    assert re.fullmatch(r"[0-9a-f]{16}", entry.pop("id"))
    assert 0 <= entry.pop("duration") < 10
    assert entry == {
        "remote": "192.0.2.1",
        "method": "GET",
        "path": "/caf%C3%A9",
        "protocol": "HTTP/1.1",
        "status": 200,
        "bytes": 5,
        "referer": "http://e/",
        "agent": 'é"x"',
    }


@pytest.mark.parametrize("form", ["combined", "json"])
def test_nothing_secret(form):
    headers = [b"Cookie: session=sesame", b"Authorization: Bearer sesame", b"X-Token: sesame"]
    assert "sesame" not in Logged(hello, form).ask(get(b"/", *headers))


@pytest.mark.parametrize("form", ["combined", "json"])
@pytest.mark.parametrize(
    "agent", [b'" 200 5 "-" "-', b"\\", b"a\tb", b"\x85\xe2\x80\xa8", b"\xff\xfe", b"\x80" * 50]
)
def test_no_line_can_be_forged(form, agent):
    line = Logged(hello, form).ask(get(b"/a", b"User-Agent: " + agent))
    assert line.isascii()
    assert line.isprintable()
    if form == "json":
        assert json.loads(line)["status"] == 200
    else:
        assert parts(line)[4:6] == ("200", "5")
        assert line.replace("\\\\", "").replace('\\"', "").count('"') == 6


def test_apaches_escapes():
    line = Logged(hello).ask(get(b"/", b'User-Agent: a"b\\c\td\xe9'))
    assert parts(line)[-1] == 'a\\"b\\\\c\\td\\xe9'


def test_a_user_with_spaces_stays_one_field():
    def named(environ, start_response):
        environ["REMOTE_USER"] = 'ann "x" [y'
        return hello(environ, start_response)

    assert parts(Logged(named).ask(get()))[1] == 'ann\\x20\\"x\\"\\x20[y'


def test_a_stream_is_logged_at_its_end_with_all_its_bytes():
    def stream(environ, start_response):
        write = start_response("200 OK", [])
        write(b"1234")
        yield b"56"
        yield environ["cogen.core"].events.Sleep(5)
        yield b"789"

    site = Logged(stream, "json")
    site.served.client().send(get())
    assert site.lines == []
    site.served.advance(5)
    (line,) = site.lines
    assert json.loads(line)["bytes"] == 9


def test_head_has_no_body():
    line = Logged(hello).ask(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert parts(line)[5] == "-"


def test_a_length_is_still_sent_for_a_list():
    assert b"Content-Length: 5\r\n" in Logged(hello).served.ask(get())


@pytest.mark.parametrize("end", ["end", "reset"])
def test_a_poll_whose_client_goes_is_499(end):
    site = Logged(poll(Queue()))
    client = site.served.client().send(get(b"/poll"))
    getattr(client, end)()
    (line,) = site.lines
    assert parts(line)[3:6] == ("GET /poll HTTP/1.1", "499", "-")


def test_a_client_that_goes_within_a_stream_is_not():
    def stream(environ, start_response):
        start_response("200 OK", [])
        yield b"begun"
        yield environ["cogen.core"].events.Sleep(5)
        yield b"never"

    site = Logged(stream)
    site.served.client().send(get()).reset()
    assert [parts(line)[4:6] for line in site.lines] == [("200", "5")]


@pytest.mark.parametrize(
    ("data", "status", "request_line"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "400", "GET / HTTP/1.1"),
        (b"GET nonsense HTTP/1.1\r\nHost: a\r\n\r\n", "400", None),
        (b"GET /" + b"a" * 9000, "414", None),
        (get(b"/", b"A: " + b"a" * 9000), "431", None),
    ],
)
def test_what_the_server_refuses(data, status, request_line):
    site = Logged(hello)
    line = site.ask(data)
    assert parts(line)[4] == status
    assert int(parts(line)[5]) > 0
    if request_line:
        assert parts(line)[3] == request_line


def test_a_request_that_does_not_arrive():
    site = Logged(hello)
    site.served.client().send(b"GET / HT")
    site.served.advance(12)
    assert [parts(line)[4] for line in site.lines] == ["408"]


def test_an_application_that_fails_is_logged_once(caplog):
    def fails(environ, start_response):
        raise RuntimeError("on purpose")

    def fails_late(environ, start_response):
        start_response("200 OK", [])
        yield environ["cogen.core"].events.Sleep(1)
        raise RuntimeError("on purpose")

    def never_starts(environ, start_response):
        return [b"body"]

    for application in (fails, fails_late, never_starts):
        site = Logged(application)
        site.served.client().send(get())
        site.served.advance(2)
        assert [parts(line)[4] for line in site.lines] == ["500"], application


def test_one_that_fails_in_mid_answer_has_the_status_that_went_out(caplog):
    def fails(environ, start_response):
        start_response("200 OK", [])
        yield b"begun"
        raise RuntimeError("on purpose")

    site = Logged(fails)
    assert parts(site.ask(get()))[4:6] == ("200", "5")


def test_a_stop_answers_polls_once():
    site = Logged(poll(Queue()))
    site.served.client().send(get())
    site.served.shut()
    assert len(site.lines) == 1


def test_who_waits_too_long_at_the_end_is_503_and_nothing_else():
    def stays(environ, start_response):
        start_response("200 OK", [])
        while True:
            yield environ["cogen.core"].events.Sleep(1000)

    site = Logged(stays)
    client = site.served.client().send(get())
    site.log.giving_up = True
    client.connection.give_up()
    assert [parts(line)[4] for line in site.lines] == ["503"]


def test_the_address_that_a_listed_proxy_gives():
    site = Logged(hello, trusted="192.0.2.1")
    site.served.ask(get(b"/", b"X-Forwarded-For: 203.0.113.9"))
    site.served.ask(b"GET / HTTP/1.1\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")
    assert [(parts(line)[0], parts(line)[4]) for line in site.lines] == [
        ("203.0.113.9", "200"),
        ("203.0.113.9", "400"),
    ]


@pytest.mark.parametrize(
    ("trusted", "said", "heeded"),
    [
        ("192.0.2.1", b"abc-123", True),
        ("", b"abc-123", False),
        ("192.0.2.2", b"abc-123", False),
        ("192.0.2.1", b"abc 123", False),
        ("192.0.2.1", b"x" * 129, False),
        ("192.0.2.1", b'"', False),
    ],
)
def test_a_request_id(trusted, said, heeded):
    seen = []

    def application(environ, start_response):
        seen.append(environ["cogen.request_id"])
        return hello(environ, start_response)

    site = Logged(application, "json", trusted)
    entry = json.loads(site.ask(get(b"/", b"X-Request-ID: " + said)))
    assert entry["id"] == seen[0]
    assert (entry["id"] == said.decode()) is heeded


def test_requests_have_ids_of_their_own():
    site = Logged(hello, "json")
    site.served.ask(get(), get())
    assert len({json.loads(line)["id"] for line in site.lines}) == 2


def test_a_unix_sockets_peer_is_a_dash():
    site = Logged(hello)
    site.log.refused("", "http", Request(), 400, 3)
    assert parts(site.lines[0])[0] == "-"
    assert parts(site.lines[0])[3] == "-"


@pytest.mark.parametrize("end", ["bye", "reset", "returns", "raises"])
@pytest.mark.parametrize("started", [True, False])
def test_a_websocket_is_logged_with_101_at_its_end(end, started, caplog):
    @action
    def application(environ, start_response):
        socket = upgrade(environ)
        if started:
            start_response("101 Switching Protocols", [])
        yield socket.accept()
        yield socket.receive()
        if end == "raises":
            raise ValueError

    logged = Logged(application)
    peer = Peer(logged.served)
    assert logged.lines == []
    if end in ("returns", "raises"):
        peer.say("x")
    else:
        getattr(peer, end)()
    (line,) = logged.lines
    assert parts(line)[4] == "101"


def test_one_that_is_refused_as_any_request(caplog):
    logged = Logged(hello)
    peer = Peer(logged.served)
    assert peer.status == 200
    assert len(logged.lines) == 1
