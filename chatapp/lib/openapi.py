"""The JSON interface, and push and pull as text, as an OpenAPI document (version 3.1).

What there is stands here once; what it takes and gives are the types of `chatapp.lib.schemas`.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from chatapp.lib import schemas
from chatapp.lib.describing import CURSOR, ROOM, Json, described, information, reference
from chatapp.model.client import Transport

__all__ = ["openapi"]


class _Operation(NamedTuple):
    """What one method of an address does.

    Attributes:
        answers: by status, what the body may be, by media type; None for no body.
        refused: with which statuses.
        takes: the body, by media type.
        query: names of `_PARAMETERS`; those of the path are in the path.
        administrator: only with a token.
    """

    summary: str
    answers: dict[int, Json | None]
    refused: tuple[int, ...]
    takes: Json | None = None
    query: tuple[str, ...] = ()
    administrator: bool = False


_PARAMETERS: Final[dict[str, Any]] = {
    "room": ROOM,
    "sanction": Annotated[int, Meta(ge=1, description="the id of a sanction")],
    "seq": Annotated[int, Meta(ge=1, description="of a message")],
    "nick": Annotated[str, Meta(min_length=1, max_length=64, description="a name to be called")],
    "since": CURSOR,
    "before": Annotated[int, Meta(ge=1, description="a number: the newest ones before it")],
    "limit": Annotated[int, Meta(ge=1, le=1000, description="so many at most")],
    "wait": Annotated[float, Meta(ge=0, le=60, description="seconds, if there is none yet")],
    "timeout": Annotated[float, Meta(ge=0, description="seconds to wait at most")],
    "tab": Annotated[
        str, Meta(pattern="^[A-Za-z0-9]{0,16}$", description="tells a session's readers apart")
    ],
    "lastupdate": Annotated[
        float, Meta(description="the timestamp of the last answer; below 0 to connect")
    ],
    "callback": Annotated[
        str, Meta(pattern=r"^[A-Za-z_$][A-Za-z0-9_$.]{0,63}$", description="answer with a script")
    ],
    "rooms": Annotated[
        str, Meta(pattern="^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,49}$", description="ids")
    ],
    "cursor": Annotated[str, Meta(description="of all these rooms, as the last answer said")],
    "client": Annotated[int, Meta(ge=1, description="its number in /status")],
    "transport": Transport,
    "order": Annotated[Literal["lag", "age", "idle"], Meta(description="which come first")],
}
_REQUIRED: Final = ("rooms",)


def _json(type: type[msgspec.Struct]) -> Json:
    return {"application/json": {"schema": reference(type)}}


def _form(type: type[msgspec.Struct]) -> Json:
    return {"application/x-www-form-urlencoded": {"schema": reference(type)}}


_TEXT: Final[Json] = {"text/plain": {"schema": {"type": "string"}}}
_STREAM: Final[Json] = {"text/event-stream": {}}  # OpenAPI 3.1 cannot say what events hold

_READS: Final = (400, 403, 404, 409, 503)
_SPEAKS: Final = (400, 403, 404, 409, 413, 415, 429, 503)
_MANAGES: Final = (400, 401, 403, 404, 409, 413, 415, 429, 503)

_PULL: Final = _Operation(
    "Wait for what is said next",
    {200: _json(schemas.Messages) | _TEXT},
    (400, 403, 409, 503),
    query=("timeout", "since", "tab"),
)

_OPERATIONS: Final = {
    "/api/rooms": {
        "get": _Operation("List the rooms", {200: _json(schemas.Rooms)}, ()),
        "post": _Operation(
            "Make a room",
            {201: _json(schemas.Room)},
            _MANAGES,
            _json(schemas.NewRoom),
            administrator=True,
        ),
    },
    "/api/rooms/{room}": {
        "patch": _Operation(
            "Rename a room",
            {200: _json(schemas.Room)},
            _MANAGES,
            _json(schemas.NewRoom),
            administrator=True,
        ),
        "delete": _Operation(
            "Remove a room and its messages",
            {204: None},
            (401, 403, 404, 409, 503),
            administrator=True,
        ),
    },
    "/api/rooms/{room}/messages": {
        "get": _Operation(
            "Read messages, later or older ones",
            {200: _json(schemas.Messages)},
            _READS,
            query=("since", "before", "limit", "wait"),
        ),
        "post": _Operation(
            "Say something",
            {201: _json(schemas.Message), 200: _json(schemas.Message)},
            _SPEAKS,
            _json(schemas.NewMessage),
        ),
    },
    "/api/rooms/{room}/messages/{seq}": {
        "delete": _Operation(
            "Remove a message: its text; its place stays",
            {204: None},
            (401, 403, 404, 503),
            administrator=True,
        )
    },
    "/api/people/sanctions": {
        "get": _Operation(
            "List who may not speak or not be here",
            {200: _json(schemas.Sanctions)},
            (401, 403),
            administrator=True,
        ),
        "post": _Operation(
            "Let somebody not speak, or not be here, for a time",
            {201: _json(schemas.Sanction)},
            (400, 401, 403, 404, 413, 415, 503),
            _json(schemas.NewSanction),
            administrator=True,
        ),
    },
    "/api/people/sanctions/{sanction}": {
        "delete": _Operation("End this", {204: None}, (401, 403, 404, 503), administrator=True)
    },
    "/api/audit": {
        "get": _Operation(
            "Read what administrators have done",
            {200: _json(schemas.Audit)},
            (400, 401, 403, 503),
            query=("before", "limit"),
            administrator=True,
        )
    },
    "/api/rooms/{room}/events": {
        "get": _Operation("Server-sent events", {200: _STREAM}, _READS, query=("since",))
    },
    "/api/rooms/{room}/members": {
        "get": _Operation("List who is here", {200: _json(schemas.Members)}, (404,))
    },
    "/api/events": {
        "get": _Operation(
            "Read messages of several rooms",
            {200: _json(schemas.Events)},
            _READS,
            query=("rooms", "cursor", "limit", "wait"),
        )
    },
    "/api/login": {
        "post": _Operation(
            "Choose a name",
            {200: _json(schemas.Login)},
            (400, 403, 409, 413, 415, 429, 503),
            _json(schemas.Login),
        )
    },
    "/api/logout": {"post": _Operation("Give the name back", {204: None}, (403, 429))},
    "/api/wall": {
        "post": _Operation(
            "Alert everyone", {204: None}, _MANAGES, _json(schemas.Wall), administrator=True
        )
    },
    "/admin/login": {
        "get": _Operation("To the page where a person does", {303: _TEXT}, ()),
        "post": _Operation(
            "Log in as an administrator",
            {200: _json(schemas.Administrator)},
            (400, 403, 413, 415, 429, 503),
            _json(schemas.Credentials),
        ),
    },
    "/admin/logout": {"post": _Operation("End this", {204: None}, (403, 503))},
    "/admin/session": {
        "get": _Operation(
            "Who one is as an administrator",
            {200: _json(schemas.Administrator)},
            (401, 403),
            administrator=True,
        )
    },
    "/api/openapi.json": {
        "get": _Operation("This document", {200: {"application/json": {}}}, ()),
    },
    "/api/asyncapi.json": {
        "get": _Operation("The same of the WebSockets", {200: {"application/json": {}}}, ()),
    },
    "/chats/{room}/poll": {
        "get": _Operation(
            "Wait for the next message after a time",
            {200: _json(schemas.Poll) | {"text/javascript": {"schema": {"type": "string"}}}},
            _READS,
            query=("lastupdate", "callback", "limit"),
        ),
        "post": _Operation(
            "Say something", {200: _json(schemas.Poll)}, _SPEAKS, _form(schemas.NewPollMessage)
        ),
    },
    "/chat/push": {"post": _Operation("Say something", {200: _TEXT}, _SPEAKS, _TEXT)},
    "/chat/pull": {"get": _PULL},
    "/chat/pull/{nick}": {"get": _PULL},
    "/healthz": {"get": _Operation("Is it alive?", {200: _TEXT}, ())},
    "/readyz": {"get": _Operation("Should work be sent here?", {200: _TEXT}, (503,))},
    "/metrics": {
        "get": _Operation("Figures for Prometheus", {200: _TEXT}, (401, 403), administrator=True)
    },
    "/status": {
        "get": _Operation(
            "List who is parked",
            {200: _json(schemas.Status)},
            (400, 401, 403, 404),
            query=("room", "transport", "order", "limit"),
            administrator=True,
        )
    },
    "/status/{client}/wake": {
        "post": _Operation("Let who waits go on", {204: None}, (401, 403, 404), administrator=True)
    },
    "/status/{client}/disconnect": {
        "post": _Operation("Disconnect a client", {204: None}, (401, 403, 404), administrator=True)
    },
}


def openapi() -> bytes:
    """The document, in JSON."""
    types = [getattr(schemas, name) for name in schemas.__all__]
    problem = {"schema": reference(schemas.Problem)}
    document = {
        "openapi": "3.1.0",
        "info": information("Over HTTP. Over WebSockets: `/api/asyncapi.json`."),
        "paths": {
            path: {method: _operation(path, each) for method, each in methods.items()}
            for path, methods in _OPERATIONS.items()
        },
        "components": {
            "schemas": described(types),
            "responses": {
                "Refused": {
                    "description": "What is wrong, and what can be done.",
                    "content": {"application/problem+json": problem, **_TEXT},
                }
            },
            "securitySchemes": {
                "administrator": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The setting chat.admin_token. Or the cookie of /admin/login;"
                    " then changes need the header X-CSRF-Token.",
                }
            },
        },
    }
    return msgspec.json.encode(document)


def _operation(path: str, operation: _Operation) -> Json:
    responses: Json = {}
    for status, content in operation.answers.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if content is not None:
            responses[str(status)]["content"] = content
    for status in operation.refused:
        responses[str(status)] = {"$ref": "#/components/responses/Refused"}
    shown: Json = {"summary": operation.summary, "responses": responses}
    in_path = re.findall(r"{(\w+)}", path)
    if in_path or operation.query:
        shown["parameters"] = [
            *(_parameter(name, "path", required=True) for name in in_path),
            *(_parameter(name, "query", name in _REQUIRED) for name in operation.query),
        ]
    if operation.takes is not None:
        shown["requestBody"] = {"required": True, "content": operation.takes}
    if operation.administrator:
        shown["security"] = [{"administrator": []}]
    return shown


def _parameter(name: str, place: str, required: bool) -> Json:
    schema = msgspec.json.schema(_PARAMETERS[name])
    return {"name": name, "in": place, "required": required, "schema": schema}
