"""The OpenAPI document: valid, complete, and true of what is read and written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from schemathesis import openapi as schemathesis

from chatapp.config.routing import chat_routes
from chatapp.lib.openapi import openapi

DOCUMENT: Any = json.loads(openapi())
OPERATIONS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own.union(*map(references, part.values()))
    return set().union(*map(references, part)) if isinstance(part, list) else set()


def test_it_keeps_to_the_specification():
    schemathesis.from_dict(DOCUMENT).validate()


def test_every_reference_leads_somewhere():
    for reference in references(DOCUMENT):
        found = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]
        assert found


def test_every_schema_is_used():
    used = {reference.rpartition("/")[2] for reference in references(DOCUMENT)}
    assert set(DOCUMENT["components"]["schemas"]) <= used


def test_every_operation_of_the_router_stands_in_it():
    for template, methods in chat_routes().items():
        if template.startswith(("/api/", "/chat/")):
            path = DOCUMENT["paths"][template.replace("...", "")]
            assert {method.lower() for method in methods} - {"head"} == set(path)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_can_succeed_and_says_how(operation):
    assert any(status[0] in "23" for status in operation["responses"])
    assert operation["summary"]
    secured = operation.get("security") == [{"administrator": []}]
    assert ("401" in operation["responses"]) is secured


def test_only_rooms_and_what_stands_in_the_path_must_be_given():
    required = {
        parameter["name"]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if parameter["required"]
    }
    assert required == {"room", "nick", "rooms", "client", "sanction", "seq"}


def test_a_request_may_hold_nothing_else_and_an_answer_may_grow():
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["NewMessage"]["additionalProperties"] is False
    assert schemas["NewMessage"]["required"] == ["text"]
    assert "additionalProperties" not in schemas["Message"]


def test_it_is_the_version_that_is_installed():
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    (version,) = re.findall('^version = "(.*?)"', project, re.MULTILINE)
    assert DOCUMENT["info"]["version"] == version
