"""The AsyncAPI document: as its specification has it, complete, and true of what is said."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import msgspec
import pytest
from jsonschema_rs import Draft7Validator

from chatapp.lib.asyncapi import asyncapi
from chatapp.lib.openapi import openapi
from chatapp.lib.socket_schemas import FROM_CLIENT, FROM_SERVER
from tests.chatapp.harness import Site
from tests.chatapp.lib.test_openapi import references
from tests.web.peer import Peer

DOCUMENT: Any = json.loads(asyncapi())
CHANNEL = DOCUMENT["channels"]["room"]
OPERATIONS = DOCUMENT["operations"]
TYPES = [*FROM_CLIENT, *FROM_SERVER]
ANSWERS = {
    "say": "Ack",
    "nick": "Named",
    "history": "History",
    "members": "Here",
    "ping": "Pong",
}


def found(reference: str) -> Any:
    """What a reference leads to."""
    return reduce(lambda part, key: part[key], reference.removeprefix("#/").split("/"), DOCUMENT)


def named(messages: list[dict[str, str]]) -> list[str]:
    """The names of messages that an operation refers to, which must be those of the channel."""
    names = [each["$ref"].removeprefix("#/channels/room/messages/") for each in messages]
    assert set(names) <= set(CHANNEL["messages"])
    return names


def fitting(names: list[str], frame: str | bytes) -> list[str]:
    """Those of these messages that a frame may be."""
    return [
        name
        for name in names
        if Draft7Validator(
            {**CHANNEL["messages"][name]["payload"], "components": DOCUMENT["components"]}
        ).is_valid(json.loads(frame))
    ]


def taken(frame: str) -> list[str]:
    """The messages of a client that it may be."""
    return fitting([type.__name__ for type in FROM_CLIENT], frame)


def sent(frame: str | bytes) -> list[str]:
    """The messages of the server that it may be."""
    return fitting([type.__name__ for type in FROM_SERVER], frame)


def test_each_object_has_what_the_specification_asks_and_nothing_else():
    described = {"title", "summary", "description"}
    asked: list[tuple[Any, set[str], set[str]]] = [
        (
            DOCUMENT,
            {"asyncapi", "info"},
            {"servers", "defaultContentType", "channels", "operations", "components"},
        ),
        (DOCUMENT["info"], {"title", "version"}, {"description"}),
        (CHANNEL, {"address", "messages"}, {"bindings", *described}),
        (
            CHANNEL["bindings"]["ws"],
            {"bindingVersion"},
            {"method", "query", "headers"},
        ),
    ]
    for server in DOCUMENT["servers"].values():
        asked.append((server, {"host", "protocol"}, {"variables", *described}))
    for operation in OPERATIONS.values():
        asked.append((operation, {"action", "channel"}, {"messages", "reply", *described}))
        asked.append((operation.get("reply", {}), set(), {"channel", "messages"}))
    for message in CHANNEL["messages"].values():
        optional = {"name", "examples", "correlationId", *described}
        asked.append((message, {"payload"}, optional))
    for part, must, may in asked:
        assert must <= set(part) <= must | may, part
    assert DOCUMENT["asyncapi"] == "3.0.0"
    for side in ("query", "headers"):
        assert CHANNEL["bindings"]["ws"][side]["type"] == "object"
        assert CHANNEL["bindings"]["ws"][side]["properties"]


def test_every_reference_leads_somewhere_and_every_schema_is_used():
    used = references(DOCUMENT)
    assert all(found(reference) for reference in used)
    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert schemas <= used


def test_every_type_stands_in_it_and_is_described():
    assert list(CHANNEL["messages"]) == [type.__name__ for type in TYPES]
    for type in TYPES:
        message = CHANNEL["messages"][type.__name__]
        assert message["name"] == type.__struct_config__.tag
        assert message["description"].split() == type.__doc__.split()
        assert "    " not in message["description"]
        schema = found(message["payload"]["$ref"])
        assert set(schema["properties"]) == {"type", *type.__struct_fields__}
        assert ("correlationId" in message) is ("id" in type.__struct_fields__)


def test_whatever_a_client_may_send_is_received_and_has_its_answer():
    received = {name: each for name, each in OPERATIONS.items() if each["action"] == "receive"}
    assert set(received) == {type.__struct_config__.tag for type in FROM_CLIENT} == set(ANSWERS)
    for name, operation in received.items():
        (message,) = named(operation["messages"])
        assert CHANNEL["messages"][message]["name"] == name
        assert named(operation["reply"]["messages"]) == [ANSWERS[name], "Error"]


def test_whatever_the_server_sends_is_sent_or_an_answer():
    (tell,) = (each for each in OPERATIONS.values() if each["action"] == "send")
    unasked = {type.__name__ for type in FROM_SERVER} - set(ANSWERS.values())
    assert set(named(tell["messages"])) == unasked


@pytest.mark.parametrize("type", TYPES)
def test_each_has_examples_which_are_of_it_and_of_no_other(type):
    examples = CHANNEL["messages"][type.__name__]["examples"]
    assert examples
    for example in examples:
        frame = json.dumps(example["payload"])
        msgspec.json.decode(frame, type=type)
        assert (taken if type in FROM_CLIENT else sent)(frame) == [type.__name__]


def test_the_chat_takes_the_examples_and_answers_as_it_says():
    site = Site()
    site.say("bob", "hello")
    peer = Peer(site, "/ws", subprotocols=["chat.v1.json"])
    peer.heard()
    for name, answer in ANSWERS.items():
        (message,) = named(OPERATIONS[name]["messages"])
        for example in CHANNEL["messages"][message]["examples"]:
            peer.say(json.dumps(example["payload"]))
            answers = [each for each in peer.heard() if "id" in json.loads(each)]
            assert [sent(each) for each in answers] == [[answer]]
            assert json.loads(answers[0])["id"] == example["payload"]["id"]


def test_all_that_the_chat_says_is_in_it():
    site = Site(push_rate=1)
    site.say("bob", "hello")
    said: list[str | bytes] = []
    peer = Peer(site, "/ws?cursor=00000000.1", subprotocols=["chat.v1.json"])
    wishes = ['{"type":"nick","name":"ann"}', '{"type":"say","text":"hello"}', "{}", "no JSON"]
    wishes += ['{"type":"history"}', '{"type":"members"}', '{"type":"ping","id":"1"}']
    for wish in wishes + 60 * ['{"type":"say","text":"too often"}']:
        peer.say(wish)
        said += peer.heard()
    kinds = [sent(frame) for frame in said]
    assert all(len(kind) == 1 for kind in kinds)
    assert {name for kind in kinds for name in kind} == {type.__name__ for type in FROM_SERVER}
    assert "retry_after" in json.loads(said[-1])


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"say"}',
        '{"type":"say","text":""}',
        '{"type":"say","text":"hello","to":"bob"}',
        '{"type":"say","text":"hello","id":""}',
        '{"type":"nick","name":"%s"}' % ("n" * 65),
        '{"type":"history","limit":1001}',
        '{"type":"history","before":0}',
        '{"type":"shout","text":"hello"}',
        '{"text":"hello"}',
        "[]",
    ],
)
def test_what_it_does_not_allow_is_refused(frame):
    assert taken(frame) == []
    peer = Peer(Site(), "/ws", subprotocols=["chat.v1.json"])
    peer.heard()
    peer.say(frame)
    (answer,) = peer.heard()
    assert (sent(answer), json.loads(answer)["status"]) == (["Error"], 400)


def test_the_handshake_is_as_it_says():
    binding = CHANNEL["bindings"]["ws"]
    properties = binding["query"]["properties"]
    (subprotocol,) = binding["headers"]["properties"]["Sec-WebSocket-Protocol"]["enum"]
    site = Site()
    for number in range(60):
        site.say("bob", f"message {number}")

    def history(query: str) -> int:
        peer = Peer(site, f"{CHANNEL['address']}?{query}", subprotocols=[subprotocol])
        if peer.status != 101:
            return -peer.status
        assert peer.header("Sec-WebSocket-Protocol") == subprotocol
        frames = peer.heard()
        peer.bye()
        return len(frames) - 1

    assert set(properties) == {"room", "cursor", "history"}
    assert "else 50" in properties["history"]["description"]
    most, least = properties["history"]["maximum"], properties["history"]["minimum"]
    assert [history(query) for query in ("", "room=1", f"history={least}")] == [50, 50, 0]
    assert [history(f"history={most}"), history(f"history={most + 1}")] == [60, -400]
    cursor = site.room.cursor(58)
    assert Draft7Validator(properties["cursor"]).is_valid(cursor)
    assert [history(f"cursor={cursor}"), history("cursor=58")] == [2, -400]
    assert history("room=2") == -404


def test_both_documents_are_served_and_name_each_other():
    curl = Site().curl()
    for path, document, other in (
        ("/api/asyncapi.json", asyncapi(), "/api/openapi.json"),
        ("/api/openapi.json", openapi(), "/api/asyncapi.json"),
    ):
        response = curl.get(path)
        assert (response.status, response.body) == (200, document)
        assert response.header("Content-Type") == "application/json"
        assert other in response.json["info"]["description"]
    assert DOCUMENT["info"]["version"] == curl.get("/api/openapi.json").json["info"]["version"]
