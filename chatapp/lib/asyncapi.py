"""The subprotocol ``chat.v1.json`` as an AsyncAPI document (version 3.0).

As AsyncAPI has it, ``receive`` is what the server takes, and ``send`` what it says unasked; what it
answers stands with what it takes. The frames are the types of `chatapp.lib.socket_schemas`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from chatapp.lib import socket_schemas as frames
from chatapp.lib.describing import CURSOR, ROOM, Json, described, information, reference
from chatapp.lib.schemas import Member, Message, Room
from chatapp.lib.socket_schemas import SUBPROTOCOL

__all__ = ["asyncapi"]

_CHANNEL: Final = {"$ref": "#/channels/room"}

_ANSWERS: Final[dict[type[msgspec.Struct], type[msgspec.Struct]]] = {
    frames.Say: frames.Ack,
    frames.Nick: frames.Named,
    frames.Past: frames.History,
    frames.Who: frames.Here,
    frames.Ping: frames.Pong,
}

_HELLO: Final = Message(1, 17, 1763630000123456, "ann", "say", "hello")
_JOIN: Final = Message(1, 18, 1763630001654321, "bob", "join", "user bob has joined the room")

_EXAMPLES: Final = (
    frames.Say("hello", nonce="8f14e45f", id="1"),
    frames.Nick("ann", id="2"),
    frames.Past(before=17, limit=50, id="3"),
    frames.Who(id="4"),
    frames.Ping(id="5"),
    frames.Hello(Room(1, "main"), "ann", "9f3a01bc.16"),
    frames.Told(_HELLO, "9f3a01bc.17"),
    frames.Presence(_JOIN, "9f3a01bc.18"),
    frames.Missed(missed=7, restarted=False, resume=41, cursor="9f3a01bc.40"),
    frames.Ack(_HELLO, new=True, id="1"),
    frames.Named("ann", id="2"),
    frames.History([_HELLO, _JOIN], id="3"),
    frames.Here([Member("ann"), Member("bob")], id="4"),
    frames.Pong(id="5"),
    frames.Error(429, "Too Many Requests", "That was too often; wait a little.", 2, id="1"),
)

_QUERY: Final[dict[str, Any]] = {
    "room": ROOM,
    "cursor": CURSOR,
    "history": Annotated[
        int, Meta(ge=0, le=1000, description="without a cursor: newest messages first; else 50")
    ],
}

_PLACE: Final = f"""\
One connection is one reader of one room. Offer the subprotocol `{SUBPROTOCOL}`; without it plain
text is spoken here. A page of another site gets 403. Each frame is one text message of WebSocket.

Closed with 1001, 1006 or 1013, come back with the cursor of the last frame that had one, and
nothing is lost; with 1000, do not."""


def asyncapi() -> bytes:
    """The document, in JSON."""
    types = (*frames.FROM_CLIENT, *frames.FROM_SERVER)
    schemas = described(types)
    asked = _ANSWERS.values()
    unasked = [type for type in frames.FROM_SERVER if type not in asked]
    document = {
        "asyncapi": "3.0.0",
        "info": information("Over WebSockets. Over HTTP: `/api/openapi.json`."),
        "defaultContentType": "application/json",
        "servers": {protocol: _server(protocol) for protocol in ("ws", "wss")},
        "channels": {
            "room": {
                "address": "/ws",
                "summary": "Messages of a room, both ways.",
                "description": _PLACE,
                "messages": {type.__name__: _message(type, schemas) for type in types},
                "bindings": {"ws": _handshake()},
            }
        },
        "operations": {
            "tell": {
                "action": "send",
                "summary": "What is said in the room, and why something was refused",
                "channel": _CHANNEL,
                "messages": _places(unasked),
            },
            **{_tag(type): _answered(type) for type in frames.FROM_CLIENT},
        },
        "components": {"schemas": schemas},
    }
    return msgspec.json.encode(document)


def _server(protocol: str) -> Json:
    return {
        "host": "{host}",
        "protocol": protocol,
        "description": f"The subprotocol is `{SUBPROTOCOL}`.",
        "variables": {"host": {"default": "localhost:5001", "description": "where it runs"}},
    }


def _handshake() -> Json:
    protocol = {"type": "string", "enum": [SUBPROTOCOL]}
    query = {name: msgspec.json.schema(type) for name, type in _QUERY.items()}
    return {
        "method": "GET",
        "query": {"type": "object", "properties": query},
        "headers": {
            "type": "object",
            "properties": {"Sec-WebSocket-Protocol": protocol},
            "required": ["Sec-WebSocket-Protocol"],
        },
        "bindingVersion": "0.1.0",
    }


def _message(type: type[msgspec.Struct], schemas: Json) -> Json:
    message: Json = {
        "name": _tag(type),
        "title": type.__name__,
        "description": schemas[type.__name__]["description"],
        "payload": reference(type),
        "examples": [{"payload": each} for each in _EXAMPLES if isinstance(each, type)],
    }
    if "id" in type.__struct_fields__:
        message["correlationId"] = {"location": "$message.payload#/id"}
    return message


def _answered(type: type[msgspec.Struct]) -> Json:
    return {
        "action": "receive",
        "channel": _CHANNEL,
        "messages": _places([type]),
        "reply": {"channel": _CHANNEL, "messages": _places([_ANSWERS[type], frames.Error])},
    }


def _places(types: list[Any]) -> list[Json]:
    return [{"$ref": f"#/channels/room/messages/{type.__name__}"} for type in types]


def _tag(type: type[msgspec.Struct]) -> str:
    return str(type.__struct_config__.tag)
