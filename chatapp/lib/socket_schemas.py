"""What is said over the subprotocol ``chat.v1.json``, as types: frames are decoded by them.

Each frame is an object whose ``type`` says what it is. The types are published in the AsyncAPI
document, with these docstrings.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from chatapp.lib.schemas import Member, Message, Name, Nonce, Room, Spoken, Text

__all__ = [
    "FROM_CLIENT",
    "FROM_SERVER",
    "SUBPROTOCOL",
    "Ack",
    "Error",
    "Hello",
    "Here",
    "History",
    "Missed",
    "Named",
    "Nick",
    "Past",
    "Ping",
    "Pong",
    "Presence",
    "Say",
    "Told",
    "Who",
    "Wish",
]

SUBPROTOCOL: Final = "chat.v1.json"

Id = Annotated[str, Meta(min_length=1, max_length=64, description="comes back in the answer")]
Cursor = Annotated[str, Meta(description="go on from here: /ws?cursor=")]


class Say(msgspec.Struct, forbid_unknown_fields=True, tag="say"):
    """Say something, to the letter; answered with `Ack`. The same nonce again, of the same session,
    is the same message, and is not said twice."""

    text: Text
    nonce: Nonce | None = None
    kind: Spoken = "say"
    id: Id | None = None


class Nick(msgspec.Struct, forbid_unknown_fields=True, tag="nick"):
    """Be called so; answered with `Named`."""

    name: Name
    id: Id | None = None


class Past(msgspec.Struct, forbid_unknown_fields=True, tag="history"):
    """Older messages; answered with `History`."""

    before: Annotated[int, Meta(ge=1, description="the newest before this seq")] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    id: Id | None = None


class Who(msgspec.Struct, forbid_unknown_fields=True, tag="members"):
    """Who is here; answered with `Here`."""

    id: Id | None = None


class Ping(msgspec.Struct, forbid_unknown_fields=True, tag="ping"):
    """Whether the server is there: a page cannot see the pings of the protocol itself. Answered
    with `Pong`."""

    id: Id | None = None


class Hello(msgspec.Struct, tag="hello"):
    """The first frame: where the client is, before what follows, and what it is called."""

    room: Room
    name: str
    cursor: Cursor


class Told(msgspec.Struct, tag="message"):
    """A message of the room, in its order."""

    message: Message
    cursor: Cursor


class Presence(msgspec.Struct, tag="presence"):
    """Somebody has come (kind ``join``) or gone (``leave``): a message as any, in its order."""

    message: Message
    cursor: Cursor


class Missed(msgspec.Struct, tag="gap"):
    """What cannot be had any more, before the next message."""

    missed: Annotated[int, Meta(ge=0)]
    restarted: Annotated[bool, Meta(description="the cursor was of a log that is gone")]
    resume: Annotated[int, Meta(ge=1, description="the seq of the next message")]
    cursor: Cursor


class Ack(msgspec.Struct, tag="ack"):
    """It is said, and kept. It may come before or after the message itself."""

    message: Message
    new: Annotated[bool, Meta(description="false: it had been said before, with this nonce")]
    id: str | None = None


class Named(msgspec.Struct, tag="named"):
    """The name, in its normal form."""

    name: str
    id: str | None = None


class History(msgspec.Struct, tag="history"):
    """Messages of the past, oldest first."""

    messages: list[Message]
    id: str | None = None


class Here(msgspec.Struct, tag="members"):
    """Who is in the room, by name."""

    members: list[Member]
    id: str | None = None


class Pong(msgspec.Struct, tag="pong"):
    """The server is there."""

    id: str | None = None


class Error(msgspec.Struct, tag="error"):
    """What was sent was refused, with the status that HTTP would have; nothing was done."""

    status: Annotated[int, Meta(ge=400, le=599)]
    title: str
    detail: str
    retry_after: Annotated[int, Meta(ge=0, description="seconds to wait")] | None = None
    id: str | None = None


Wish = Say | Nick | Past | Who | Ping
FROM_CLIENT: tuple[Any, ...] = (Say, Nick, Past, Who, Ping)
FROM_SERVER: tuple[Any, ...] = (
    Hello,
    Told,
    Presence,
    Missed,
    Ack,
    Named,
    History,
    Here,
    Pong,
    Error,
)
