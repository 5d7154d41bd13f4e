"""WebSockets over `Wire`, and the two ways to hear a room by one; see `transports`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from tests.functional.wire import Wire

__all__ = ["CHAT_V1", "Socket"]

CHAT_V1 = Subprotocol("chat.v1.json")


class Socket:
    """One WebSocket; `websockets`' client, on a wire that decides itself what it reads.

    Attributes:
        code: with which it was closed, or None.
    """

    def __init__(self, wire: Wire, query: str, subprotocol: Subprotocol | None = None) -> None:
        self._wire = wire
        offered = [subprotocol] if subprotocol is not None else None
        uri = parse_uri(f"ws://chat/ws{query}")
        self._early: list[Any] = []  # what came with the handshake's answer
        self._protocol = ClientProtocol(uri, subprotocols=offered, max_size=None)

    @property
    def code(self) -> int | None:
        said = self._protocol.close_rcvd
        return said.code if said is not None else None

    async def open(self) -> None:
        """Shake hands. Raises ConnectionError when that is refused."""
        protocol, wire = self._protocol, self._wire
        request = protocol.connect()
        if wire.cookie:
            request.headers["Cookie"] = wire.cookie
        protocol.send_request(request)
        await self._flush()
        while not (events := await self._events()):
            pass
        response, *self._early = events
        assert isinstance(response, Response)
        if protocol.handshake_exc is not None:
            raise ConnectionError(f"refused: {response.status_code}")
        if "Set-Cookie" in response.headers:
            wire.cookie = response.headers["Set-Cookie"].partition(";")[0]

    async def messages(self) -> AsyncIterator[list[str]]:
        """Those of each read, until it is closed."""
        while True:
            try:
                frames, self._early = self._early or await self._events(), []
            except ConnectionError:
                return
            texts = [
                bytes(frame.data).decode()
                for frame in frames
                if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT
            ]
            await self._flush()  # pongs
            yield texts

    async def say(self, text: str) -> None:
        self._protocol.send_text(text.encode())
        await self._flush()

    async def send(self, **wish: Any) -> None:
        await self.say(json.dumps(wish))

    async def _events(self) -> list[Any]:
        self._protocol.receive_data(await self._wire.piece())
        return self._protocol.events_received()

    async def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                await self._wire.put(data)
