"""A request that becomes a WebSocket, in every way to write it and through middleware."""

import pytest

from cogen.core.events import AnyOf
from cogen.core.queue import Queue
from cogen.web.actions import action
from cogen.web.middleware import LazyStartResponse, SynchronousInput
from cogen.web.websocket import Encoded, upgrade
from tests.web.harness import GET, OnLoop, Served, split
from tests.web.peer import ACCEPTED, KEY, Peer, echo, talks


def by_wsgi(environ, start_response):
    socket, wait, gate = upgrade(environ), environ["cogen.yield"], environ["cogen.wsgi"]
    start_response("101 Switching Protocols", [("X-Own", "yes"), ("Content-Type", "text/plain")])
    yield wait(socket.accept())
    gate.take()
    while True:
        yield wait(socket.receive())
        yield wait(socket.send(gate.take()))


@action
async def by_async_def(environ, start_response):
    socket = upgrade(environ)
    await socket.accept()
    while True:
        await socket.send(await socket.receive())


def cookies(application):
    """Middleware that sets a cookie in whatever head passes by."""

    def around(environ, start_response):
        def started(status, headers, exc_info=None):
            return start_response(status, [*headers, ("Set-Cookie", "a=b")], exc_info)

        yield from application(environ, started)

    return around


def generators(application):
    for _ in range(4):
        application = passing(application)
    return application


def passing(application):
    def around(environ, start_response):
        yield from application(environ, start_response)

    return around


@pytest.mark.parametrize("application", [echo, by_wsgi])
@pytest.mark.parametrize("around", [lambda it: it, generators, SynchronousInput, LazyStartResponse])
def test_it_says_back_what_it_hears(application, around):
    peer = Peer(Served(around(application)))
    assert peer.status == 101
    peer.say("hällo")
    peer.say(b"\x00\xff")
    peer.say("")
    assert peer.heard() == ["hällo", b"\x00\xff", ""]


@pytest.mark.asyncio
async def test_so_does_an_async_def_action():
    served = OnLoop(generators(by_async_def))
    peer = Peer(served)
    await served.turns()
    assert peer.status == 101
    peer.say("hello")
    await served.turns()
    assert peer.heard() == ["hello"]
    peer.bye(1001)
    await served.turns()
    assert peer.farewell.code == 1001
    peer.end()
    await served.turns()
    assert served.service.connections == set()


def test_the_head_is_that_of_rfc_6455_with_what_middleware_adds():
    client = Served(cookies(by_wsgi)).client()
    client.send(
        b"GET /chat HTTP/1.1\r\nHost: a\r\n"
        b"Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        b"Sec-WebSocket-Key: " + KEY.encode() + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    line, headers, rest = split(client.take())
    assert line == "101 Switching Protocols"
    assert (
        headers.items()
        >= {
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-accept": ACCEPTED,
            "x-own": "yes",
            "set-cookie": "a=b",
            "server": "cogen",
        }.items()
    )
    assert not {"content-type", "content-length", "transfer-encoding"} & set(headers)
    assert rest == b""


def test_it_has_the_environ_of_its_request():
    seen = []

    @action
    def application(environ, start_response):
        seen.append(environ)
        yield upgrade(environ).accept()

    peer = Peer(Served(application), "/room/1?since=2", Cookie="a=b")
    assert peer.status == 101
    (environ,) = seen
    assert environ["PATH_INFO"] == "/room/1"
    assert environ["QUERY_STRING"] == "since=2"
    assert environ["HTTP_COOKIE"] == "a=b"
    assert environ["REQUEST_METHOD"] == "GET"


def test_what_the_application_refuses_is_an_answer_as_any():
    def application(environ, start_response):
        start_response("403 Forbidden", [("Content-Length", "2")])
        return [b"no"]

    served = Served(application)
    peer = Peer(served)
    assert peer.status == 403
    assert not peer.closed
    peer.send(GET)
    assert peer.take().endswith(b"no")


def test_what_comes_behind_a_handshake_that_is_refused_is_the_next_request():
    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "1")])
        return [environ["PATH_INFO"][-1:].encode()]

    handshake = (
        b"GET /%b HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
        b"Sec-WebSocket-Key: %b\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    data = b"".join(handshake % (name, KEY.encode()) for name in (b"a", b"b", b"c")) + GET
    answer = Served(application).ask(data)
    assert [part.partition(b"\r\n\r\n")[2][:1] for part in answer.split(b"HTTP/1.1 ")[1:]] == [
        b"a",
        b"b",
        b"c",
        b"/",
    ]


def test_what_comes_behind_a_handshake_is_read_as_frames():
    """A client that does not wait, as it should, loses nothing."""
    queue = Queue()

    @action
    def application(environ, start_response):
        yield queue.get()
        socket = upgrade(environ)
        yield socket.accept()
        yield socket.send((yield socket.receive()))

    served = Served(application)
    peer = Peer(served)
    assert peer.take() == b""
    early = bytes.fromhex("818537fa213d7f9f4d5158")  # RFC 6455 5.7: "Hello", masked
    peer.send(early[:3], early[3:])
    queue.put_nowait(1)
    served.settle()
    assert peer.heard() == ["Hello"]


def test_an_ordinary_request_is_told_to_upgrade():
    answer = Served(echo).ask(GET)
    line, headers, body = split(answer)
    assert line == "426 Upgrade Required"
    assert headers["upgrade"] == "websocket"
    assert headers["sec-websocket-version"] == "13"
    assert b"WebSocket" in body


@pytest.mark.parametrize(
    "request_line, field",
    [
        (b"POST / HTTP/1.1", b""),
        (b"GET / HTTP/1.0", b""),
        (b"GET / HTTP/1.1", b"Content-Length: 5\r\n"),
        (b"GET / HTTP/1.1", b"Transfer-Encoding: chunked\r\n"),
    ],
)
def test_so_is_one_that_cannot_become_a_websocket(request_line, field):
    data = (
        (request_line + b"\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n" + field)
        + b"Sec-WebSocket-Key: "
        + KEY.encode()
        + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    body = b"5\r\nhello\r\n0\r\n\r\n" if b"chunked" in field else b"hello" if field else b""
    assert split(Served(echo).ask(data + body))[0] == "426 Upgrade Required"


def test_it_is_accepted_once_and_before_anything_else(caplog):
    seen = []

    @action
    def application(environ, start_response):
        socket = upgrade(environ)
        for early in (lambda: socket.send("early"), socket.receive, socket.close):
            try:
                yield early()
            except Exception as error:
                seen.append(str(error))
        yield socket.accept()
        try:
            yield socket.accept()
        except Exception as error:
            seen.append(str(error))

    peer = Peer(Served(application))
    assert peer.status == 101
    assert seen == [
        "(500, 'a WebSocket is accepted before anything is sent')",
        "(500, 'a WebSocket is accepted before anything is received')",
        "(500, 'a WebSocket is accepted before anything is closed')",
        "(500, 'the WebSocket was accepted before')",
    ]


def test_another_status_cannot_be_taken_back(caplog):
    @action
    def application(environ, start_response):
        start_response("200 OK", [])
        yield upgrade(environ).accept()

    assert Peer(Served(application)).status == 500


def test_what_the_application_answers_after_it_is_dropped():
    """A framework wants an answer from every view."""

    @action
    def application(environ, start_response):
        socket = upgrade(environ)
        yield socket.accept()
        yield socket.send("bye")
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    peer = Peer(Served(application))
    assert peer.heard() == ["bye"]
    assert peer.farewell.code == 1000
    peer.reply()
    assert peer.take() == b""
    assert peer.closed
    peer.end()
    assert peer.gone


def test_two_coroutines_may_use_it_but_one_receives(caplog):
    @talks
    def application(socket):
        try:
            yield AnyOf(socket.receive(), socket.receive())
        except Exception as error:
            yield socket.send(str(error))

    peer = Peer(Served(passing(application)))
    assert peer.heard() == ["somebody is receiving here already"]


def test_messages_of_one_send_go_in_one_write():
    @talks
    def application(socket):
        yield socket.send("a", b"b", Encoded("c"))
        yield socket.receive()

    assert Peer(Served(application)).heard() == ["a", b"b", "c"]


def test_what_is_for_many_is_framed_once(monkeypatch):
    made = []
    everybody = Encoded("hello")
    serialized = Encoded._serialized
    monkeypatch.setattr(
        Encoded, "_serialized", lambda self, *more: made.append(1) or serialized(self, *more)
    )

    @talks
    def application(socket):
        yield socket.send(everybody)
        yield socket.receive()

    served = Served(application)
    peers = [Peer(served) for _ in range(5)]
    assert [peer.heard() for peer in peers] == [["hello"]] * 5
    assert made == [1]


def test_a_receive_that_is_given_up_takes_nothing():
    """Nothing is taken before the waiting code goes on."""
    queue = Queue()

    @talks
    def application(socket):
        which, _ = yield AnyOf(queue.get(), socket.receive())
        assert which == 0
        yield socket.send((yield socket.receive()))

    served = Served(application)
    peer = Peer(served)
    queue.put_nowait(1)  # and in the same turn
    peer.say("kept")
    assert peer.heard() == ["kept"]


def test_a_receive_has_a_timeout():
    @talks
    def application(socket):
        try:
            yield socket.receive(timeout=5)
        except TimeoutError:
            yield socket.send("nothing for 5 seconds")
        yield socket.send((yield socket.receive()))

    served = Served(application)
    peer = Peer(served)
    served.advance(6)
    peer.say("later")
    assert peer.heard() == ["nothing for 5 seconds", "later"]
