"""Packets of messages, as a page of live elements sends and gets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bench.stream import Failure

__all__ = ["Packets"]


class _Packet(msgspec.Struct):
    messages: list[Any] = []
    ack: int | None = None
    first: int | None = None


_decode = msgspec.json.Decoder(_Packet).decode
_encode = msgspec.json.Encoder().encode


class Packets:
    """Those of one page. A bare peer's are not numbered.

    Args:
        channel: as the server calls it.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._sent = 0
        self._taken = 0

    def pack(self, messages: Sequence[Any]) -> bytes:
        """The next ones."""
        first = self._sent + 1
        self._sent += len(messages)
        return _encode(
            {"channel": self._channel, "ack": self._taken, "first": first, "messages": messages}
        )

    def poll(self, seconds: float) -> bytes:
        """The body of a poll."""
        return _encode({"channel": self._channel, "ack": self._taken, "wait": seconds})

    def unpack(self, data: bytes) -> list[Any]:
        """The messages of a packet that came.

        Raises:
            Failure: they are not the next ones, or it is none.
        """
        try:
            packet = _decode(data)
        except msgspec.DecodeError as error:
            raise Failure(f"this is no packet: {data[:80]!r}: {error}") from None
        if packet.ack is not None and packet.ack > self._sent:
            raise Failure(f"message {packet.ack} has come there, and {self._sent} were sent")
        if packet.messages and packet.first not in (None, self._taken + 1):
            raise Failure(f"message {self._taken + 1} was due, and {packet.first} came")
        self._taken += len(packet.messages)
        return packet.messages
