"""The channel of a live page: ``open``, ``send``, ``poll``, ``close`` and ``socket`` below a mount.

All but the last are POSTs of JSON, so that no form of another site can be one, and so that a
channel's id stands in no address, and in no log.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final, TypeVar

import msgspec

from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.body import decoded, json_body
from chatapp.lib.headers import POLICIES
from chatapp.lib.json import encode
from chatapp.lib.refusal import Refusal
from chatapp.lib.session import Session
from chatapp.lib.visitor import Caller
from chatapp.live.carrier import Carrier, TakenOver
from chatapp.live.channel import Channel
from chatapp.live.channels import Channels, NoChannel
from chatapp.live.delivery import BadAck
from chatapp.live.packets import (
    Packet,
    decode_address,
    decode_opening,
    decode_packet,
    decode_poll,
    packet_json,
)
from chatapp.live.page import Page
from cogen.core.coroutines import coro
from cogen.core.events import AddCoro
from cogen.errors import ConnectionClosed, OperationTimeout, ServerClosing
from cogen.web.websocket import WebSocket, upgrade

__all__ = ["CHAT", "LiveController"]

T = TypeVar("T")

CHAT: Final = "chatapp.chat"  # environ: the `Chat` that the page is mounted in
SUBPROTOCOL: Final = "athena.v1"
WINDOW: Final = 512  # messages that a page sends on a socket before they are acknowledged
HELLO: Final = 10.0  # seconds until a socket says which channel it carries
LARGEST: Final = 512 * 1024  # bytes of a packet, beside one message of any size that may be

# Why a socket is closed: RFC 6455 7.4.1, and 7.4.2 for the first two.
NO_CHANNEL: Final = 4404
TAKEN_OVER: Final = 4409
BAD: Final = 1008
LATER: Final = 1013
REASON: Final = 123  # bytes of it


class LiveController(BaseController):
    """One page, and the channels of all who have it open.

    Args:
        page: the elements as they look at first.
        channels: those that are open.
        wait: the longest wait of a poll, in seconds.
    """

    def __init__(self, page: Page, channels: Channels, wait: float) -> None:
        self._page = page
        self._channels = channels
        self._wait = wait
        self._largest = LARGEST + channels.bounds.largest

    def page(self, request: Request) -> Response:
        """``GET`` of the mount itself: the page with its elements."""
        body = self._page.html(request.environ["SCRIPT_NAME"])
        return Response(body, "text/html; charset=utf-8", *POLICIES)

    def open(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST …/open``: a channel for a page that has just come."""
        yield from self._read(request, decode_opening)
        caller = Caller(Session(request.session.id, request.session.name), request.address)
        opening = self._channels.open(caller, request.environ.get(CHAT))
        channel: Channel = yield from request.wait(opening)
        bounds = self._channels.bounds
        answer = {
            "channel": channel.id,
            "wait": self._wait,
            "idle": bounds.idle,
            "max_message": bounds.largest,
            "window": WINDOW,
        }
        return Response(encode(answer), JSON, status="201 Created")

    def send(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST …/send``: messages of the page; answers which of all of them are here now."""
        packet = yield from self._read(request, decode_packet)
        with self._find(request, packet.channel) as channel:
            _receive(channel, packet)
            return Response(packet_json(channel.delivery.received, 0, ()), JSON)

    def poll(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST …/poll``: what there is for the page, or will be soon."""
        poll = yield from self._read(request, decode_poll)
        with self._find(request, poll.channel) as channel:
            carrier = _carry(channel, poll.ack)
            try:
                batch = yield from request.wait(carrier.fetch(min(poll.wait, self._wait)))
                body = carrier.packet(batch)
            except (OperationTimeout, TakenOver):
                body = packet_json(channel.delivery.received, 0, ())
            return Response(body, JSON)

    def close(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST …/close``: the page is gone."""
        address = yield from self._read(request, decode_address)
        self._find(request, address.channel).end("The page was closed.")
        return Response(b"", "", status="204 No Content")

    def socket(self, request: Request) -> Generator[Any, Any, Response | None]:
        """``GET …/socket``: a WebSocket that carries both ways, as long as it lasts."""
        request.from_here()
        socket = upgrade(request.environ)
        session = request.session.id
        request.switch()
        offered = SUBPROTOCOL if SUBPROTOCOL in socket.subprotocols else None
        yield from request.wait(socket.accept(offered))
        try:
            hello = _packet((yield from request.wait(socket.receive(HELLO))), self._largest)
            with self._channels.find(hello.channel, session) as channel:
                yield from self._carry(request, socket, channel, hello)
        except NoChannel as fault:
            goodbye = NO_CHANNEL, str(fault)
        except Refusal as refusal:
            goodbye = (LATER if refusal.status == 503 else BAD), _reason(refusal.detail)
        except ServerClosing:  # says so itself
            raise
        except OperationTimeout:
            goodbye = BAD, "Nobody said which channel this is."
        yield from request.wait(socket.close(*goodbye))
        return None

    def _carry(
        self, request: Request, socket: WebSocket, channel: Channel, packet: Packet
    ) -> Generator[Any, Any, None]:
        """What the page sends, until it is gone, or has another carrier.

        What is taken from the carrier is sent in the same step: nothing can come between.
        """
        carrier = _carry(channel, packet.ack)
        telling = _tell(socket, channel, carrier)
        yield from request.wait(AddCoro(telling))
        try:
            while True:
                _take(channel, packet)
                answer = carrier.packet(carrier.take()).decode()
                yield from request.wait(socket.send(answer))
                message = yield from request.wait(socket.receive())
                packet = _packet(message, self._largest)
        finally:
            telling.cancel()

    def _read(self, request: Request, decoder: msgspec.json.Decoder[T]) -> Generator[Any, Any, T]:
        request.from_here()
        body = yield from request.body()
        return json_body(request.environ, body, decoder, self._largest)

    def _find(self, request: Request, id: str) -> Channel:
        try:
            return self._channels.find(id, request.session.id)
        except NoChannel as fault:
            raise Refusal(404, str(fault)) from None


@coro
def _tell(socket: WebSocket, channel: Channel, carrier: Carrier) -> Generator[Any, Any, None]:
    """What comes by itself, until another one carries."""
    try:
        while True:
            batch = yield carrier.fetch()
            if batch:  # else it went with the answer to a packet
                yield socket.send(carrier.packet(batch).decode())
    except ConnectionClosed:
        return
    except TakenOver:
        yield socket.close(*_goodbye(channel))


def _packet(message: str | bytes, largest: int) -> Packet:
    if not isinstance(message, str):
        raise Refusal(400, "Text is spoken here.")
    if len(message) > largest:
        raise Refusal(413, f"A packet has at most {largest} characters.")
    return decoded(decode_packet, message)


def _receive(channel: Channel, packet: Packet) -> bool:
    try:
        return channel.receive(packet)
    except BadAck as fault:
        raise Refusal(400, str(fault)) from None


def _take(channel: Channel, packet: Packet) -> None:
    """All of it, or the socket is to end: what is not acknowledged comes again by the next one."""
    if not _receive(channel, packet):
        raise Refusal(503, "There is no room now; come back a little later.")


def _carry(channel: Channel, ack: int) -> Carrier:
    try:
        return channel.carry(ack)
    except BadAck as fault:
        raise Refusal(400, str(fault)) from None


def _reason(detail: str) -> str:
    """What a WebSocket can say of it."""
    return detail.encode()[:REASON].decode(errors="ignore")


def _goodbye(channel: Channel) -> tuple[int, str]:
    if channel.ended:
        return NO_CHANNEL, "The page has no channel any more: open a new one."
    return TAKEN_OVER, "Another connection carries now."
