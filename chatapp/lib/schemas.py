"""What the JSON interface takes and gives, as types: requests are decoded by them.

Answers on the hot path are put together by `chatapp.lib.json`; their types here say what comes out.
Both are published in the OpenAPI document, with these docstrings.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from chatapp.model.client import Transport
from chatapp.model.message import Kind

__all__ = [
    "Administrator",
    "Audit",
    "ClientStatus",
    "Credentials",
    "Events",
    "Gap",
    "ListedRoom",
    "Login",
    "Member",
    "Members",
    "Message",
    "Messages",
    "NewMessage",
    "NewPollMessage",
    "NewRoom",
    "NewSanction",
    "Note",
    "Poll",
    "Problem",
    "Room",
    "Rooms",
    "Sanction",
    "Sanctions",
    "Status",
    "Totals",
    "Wall",
]

RoomName = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(min_length=1, description="at most chat.max_text bytes of UTF-8")]
Nonce = Annotated[str, Meta(min_length=1, max_length=64)]
Spoken = Annotated[
    Literal["say", "notice"],
    Meta(description="notice: what the sender does; the text goes on from the sender's name"),
]
Number = Annotated[int, Meta(ge=1)]


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """Something to say. The same nonce again is the same message, and is not said twice."""

    text: Text
    nonce: Nonce | None = None
    kind: Spoken = "say"


class NewRoom(msgspec.Struct, forbid_unknown_fields=True):
    """A room to make, or a room's new name."""

    name: RoomName


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """The name of a session."""

    name: Name


class Note(msgspec.Struct):
    """Something that an administrator has done."""

    id: Number
    time: Annotated[int, Meta(ge=0, description="microseconds since 1970")]
    who: Annotated[str, Meta(description="empty: of somebody who is no administrator")]
    address: str
    action: str
    target: str
    details: dict[str, Any]


class Audit(msgspec.Struct):
    """A piece of the audit log, newest first."""

    notes: list[Note]


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """Who an administrator says it is, and what only that one knows."""

    name: Name
    password: Annotated[str, Meta(min_length=1, max_length=1024)]


class Administrator(msgspec.Struct):
    """An administrator who has logged in."""

    name: str
    csrf: Annotated[str, Meta(description="for the header X-CSRF-Token of each change")]


class NewSanction(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody may not speak (mute), or not be here (out), for a time."""

    kind: Literal["mute", "out"]
    name: Name
    seconds: Annotated[int, Meta(ge=1, le=31_536_000)]
    room: Annotated[int | None, Meta(description="an id; without it, in all rooms")] = None
    why: Annotated[str, Meta(max_length=200, description="is told to whom it concerns")] = ""
    network: Annotated[bool, Meta(description="also for all of the same network")] = True


class Sanction(msgspec.Struct):
    """Somebody who may not speak or not be here."""

    id: Number
    kind: Literal["mute", "out"]
    room: int | None
    network: Annotated[str, Meta(description="an address or a network; empty for none")]
    name: str
    created: Annotated[int, Meta(ge=0, description="microseconds since 1970")]
    until: Annotated[int, Meta(ge=0, description="microseconds since 1970")]
    who: Annotated[str, Meta(description="who did it")]
    why: str


class Sanctions(msgspec.Struct):
    """Those that hold now."""

    sanctions: list[Sanction]


class Wall(msgspec.Struct, forbid_unknown_fields=True):
    """An alert to everyone in every room."""

    text: Text


class Message(msgspec.Struct):
    """One message, at its place in its room."""

    room: Number
    seq: Annotated[int, Meta(ge=1, description="1, 2, 3 … in its room, without holes")]
    time: Annotated[int, Meta(ge=0, description="microseconds since 1970, growing strictly")]
    sender: str
    kind: Annotated[Kind, Meta(description="removed: an administrator took its text away")]
    text: str
    removes: Annotated[
        int | msgspec.UnsetType, Meta(description="of a removal: the seq of what was taken away")
    ] = msgspec.UNSET


class Gap(msgspec.Struct):
    """What cannot be had any more."""

    missed: Annotated[int, Meta(ge=0, description="messages lost before the first of these")]
    restarted: Annotated[bool, Meta(description="the cursor was of a log that is gone")]


class Messages(msgspec.Struct):
    """Messages of one room, oldest first."""

    messages: list[Message]
    cursor: Annotated[str, Meta(description="go on from here: since")]
    gap: Gap


class Events(msgspec.Struct):
    """Messages of several rooms, in the order of each."""

    messages: list[Message]
    cursor: Annotated[str, Meta(description="go on from here: cursor")]
    gaps: Annotated[dict[str, Gap], Meta(description="by the room's id")]


class NewPollMessage(msgspec.Struct):
    """Something to say, as the form of a page sends it."""

    new_message: Text


class Poll(msgspec.Struct):
    """What `Messages` has, for clients that know only the first three."""

    status: Annotated[int, Meta(ge=0, le=1, description="0: nothing came in time")]
    timestamp: Annotated[float, Meta(ge=0, description="seconds since 1970: lastupdate")]
    data: Annotated[str, Meta(description="the texts of the messages, one after the other")]
    messages: list[Message]
    gap: Gap


class Room(msgspec.Struct):
    """A room."""

    id: Number
    name: RoomName


class ListedRoom(Room):
    """A room, and what happens in it."""

    people: Annotated[int, Meta(ge=0, description="how many are there")]
    members: Annotated[list[str], Meta(description="the names of the first ten of them")]
    cursor: Annotated[str, Meta(description="of now")]


class Rooms(msgspec.Struct):
    """All rooms."""

    rooms: list[ListedRoom]


class Member(msgspec.Struct):
    """Somebody who is in a room."""

    name: str


class Members(msgspec.Struct):
    """Who is in a room."""

    members: list[Member]


class ClientStatus(msgspec.Struct, kw_only=True):
    """A reader of a room; it may have several requests under way, or none just now."""

    number: Annotated[int, Meta(ge=1, description="of this client, as long as the server runs")]
    room: Number
    transport: Transport
    name: str
    cursor: Annotated[str | None, Meta(description="where it is, as far as that is known")]
    end: Annotated[int, Meta(ge=0, description="the newest message of the room")]
    lag: Annotated[int, Meta(ge=0, description="messages that it does not have yet")]
    queued: Annotated[int, Meta(ge=0, description="of them in its queue")]
    bound: Annotated[int, Meta(ge=1, description="of the queue")]
    readers: Annotated[int, Meta(ge=0, description="requests or connections by which it reads now")]
    age: Annotated[float, Meta(ge=0, description="seconds since it came")]
    idle: Annotated[float, Meta(ge=0, description="seconds for which nobody has read by it")]
    address: Annotated[str, Meta(description="of IP, from which it came; empty if there is none")]


class Totals(msgspec.Struct, kw_only=True):
    """Of the whole process, at this moment."""

    clients: Annotated[dict[str, int], Meta(description="by transport")]
    people: int
    rooms: int
    live_channels: int
    live_calls: Annotated[int, Meta(description="calls to browsers that have no answer yet")]
    commit_queue: Annotated[int, Meta(description="messages that are not kept yet")]
    connections: int
    parked: Annotated[int, Meta(description="requests that wait for an operation")]
    coroutines: int
    ready: Annotated[int, Meta(description="items in the ready queue")]
    timers: int


class Status(msgspec.Struct):
    """Who reads, and what the process does."""

    clients: list[ClientStatus]
    matched: Annotated[int, Meta(ge=0, description="clients that room and transport choose")]
    queued: Annotated[int, Meta(ge=0, description="messages in the queues of all these")]
    totals: Totals


class Problem(msgspec.Struct):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
