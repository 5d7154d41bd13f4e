"""What stands in the head of 101, and what cannot."""

import pytest

from cogen.core.events import Sleep
from cogen.web.actions import action
from cogen.web.websocket import upgrade
from tests.web.harness import GET, Served
from tests.web.peer import Peer, echo


def test_a_subprotocol_is_one_that_the_client_offers():
    chosen = []

    @action
    def application(environ, start_response):
        socket = upgrade(environ)
        assert socket.subprotocols == ["b", "chat.v1"]
        yield socket.accept("chat.v1")
        chosen.append(socket.subprotocol)
        yield socket.receive()

    peer = Peer(Served(application), subprotocols=["b", "chat.v1"])
    assert peer.status == 101
    assert peer.header("Sec-WebSocket-Protocol") == "chat.v1"
    assert peer.protocol.subprotocol == "chat.v1"
    assert chosen == ["chat.v1"]


def test_one_that_it_does_not_offer_is_the_applications_fault(caplog):
    @action
    def application(environ, start_response):
        yield upgrade(environ).accept("other")

    assert Peer(Served(application), subprotocols=["b"]).status == 500
    assert "does not offer 'other'" in caplog.text


def test_who_offers_subprotocols_may_be_given_none():
    peer = Peer(Served(echo), subprotocols=["b"])
    assert peer.status == 101
    assert peer.header("Sec-WebSocket-Protocol") is None


def test_headers_may_be_given_with_accept():
    @action
    def application(environ, start_response):
        yield upgrade(environ).accept(headers=[("X-Room", "1")])
        yield Sleep(1)

    assert Peer(Served(application)).header("X-Room") == "1"


@pytest.mark.parametrize("bad", [("X-A", "b\r\nX-C: d"), ("X A", "b")])
def test_a_header_cannot_inject_another(bad, caplog):
    @action
    def application(environ, start_response):
        yield upgrade(environ).accept(headers=[bad])

    peer = Peer(Served(application))
    assert peer.status == 500
    assert peer.header("X-C") is None


def test_101_cannot_be_answered_otherwise(caplog):
    def application(environ, start_response):
        start_response("101 Switching Protocols", [])
        return [b""]

    assert Served(application).ask(GET).startswith(b"HTTP/1.1 500 ")
    assert Peer(Served(application)).status == 500
    assert "accept()" in caplog.text
