"""What the documents that describe the interface, OpenAPI and AsyncAPI, have in common."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from inspect import cleandoc
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

__all__ = ["CURSOR", "ROOM", "Json", "described", "information", "reference"]

Json = dict[str, Any]

# Parameters of both.
ROOM: Final[Any] = Annotated[int, Meta(ge=1, description="a room's id")]
CURSOR: Final[Any] = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8}\.[0-9]{1,18}$", description="a cursor: what is after it")
]

_REFERENCE: Final = "#/components/schemas/{name}"


def information(description: str) -> Json:
    """Whose document it is, and of which version."""
    return {"title": "ChatApp", "version": version("ChatApp"), "description": description}


def reference(type: type[msgspec.Struct]) -> Json:
    """The schema of a type, by where it stands in the document."""
    return {"$ref": _REFERENCE.format(name=type.__name__)}


def described(types: Iterable[type[msgspec.Struct]]) -> Json:
    """The schemas of types, and of those that they are made of, by name."""
    _, schemas = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    for schema in schemas.values():
        schema["description"] = cleandoc(schema["description"])
    return schemas
