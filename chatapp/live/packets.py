"""What goes between a page and its channel: JSON, by msgspec.

A message is an array whose first item tells what it is: ``["call", 1, 0, "say", ["hello"]]``,
``["result", 1, null]``, ``["error", 1, "BadArguments", "say takes 1 argument, not 2."]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

__all__ = [
    "Address",
    "Call",
    "Failure",
    "Packet",
    "Poll",
    "Result",
    "decode_address",
    "decode_opening",
    "decode_packet",
    "decode_poll",
    "encode",
    "packet_json",
    "within",
]

Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Key = Annotated[str, Meta(max_length=64)]
DEEPEST: Final = 32  # arrays and objects in one another


class Call(msgspec.Struct, array_like=True, tag="call", frozen=True):
    """Call a method.

    Attributes:
        id: the answer has it too.
        element: its number on the page.
    """

    id: Number
    element: Number
    method: str
    arguments: msgspec.Raw


class Result(msgspec.Struct, array_like=True, tag="result", frozen=True):
    """What a call gave."""

    id: Number
    value: msgspec.Raw


class Failure(msgspec.Struct, array_like=True, tag="error", frozen=True):
    """Why it gave nothing."""

    id: Number
    kind: str
    message: str


class Packet(msgspec.Struct, frozen=True):
    """What a page sends.

    Attributes:
        ack: the number of the last message that it has.
        first: of the first of these; 0 if there are none.
    """

    channel: Key = ""
    ack: Number = 0
    first: Number = 0
    messages: Annotated[list[Call | Result | Failure], Meta(max_length=4096)] = []

    def __post_init__(self) -> None:
        if self.messages and not self.first:
            raise ValueError("first is missing: messages are numbered 1, 2, 3")


class Poll(msgspec.Struct, frozen=True):
    """What a page waits with; see `Packet`.

    Attributes:
        wait: seconds.
    """

    channel: Key
    ack: Number = 0
    wait: Annotated[float, Meta(ge=0, le=3600)] = 0.0


class Address(msgspec.Struct, frozen=True):
    """Which channel is meant."""

    channel: Key


encode: Final = msgspec.json.Encoder().encode
decode_opening: Final = msgspec.json.Decoder(dict[str, Any])  # {}
decode_packet: Final = msgspec.json.Decoder(Packet)
decode_poll: Final = msgspec.json.Decoder(Poll)
decode_address: Final = msgspec.json.Decoder(Address)


def packet_json(ack: int, first: int, messages: Sequence[bytes]) -> bytes:
    """What a page gets.

    Args:
        first: the number of the first of these.
        messages: each as JSON.
    """
    if not messages:
        return b'{"ack":%d,"messages":[]}' % ack
    return b'{"ack":%d,"first":%d,"messages":[%b]}' % (ack, first, b",".join(messages))


def within(value: Any, levels: int = DEEPEST) -> bool:
    """Whether a decoded value is nested no deeper than this."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return True
    return levels > 0 and all(within(each, levels - 1) for each in value)
