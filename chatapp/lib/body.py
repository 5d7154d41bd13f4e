"""What a request's body holds: JSON that fits a type, or a form.

A body is refused before it is looked at when it is compressed (a few bytes could unpack to
gigabytes), of another type (which also keeps away forms of other sites: no form is JSON), or larger
than what it is for can need.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from chatapp.lib.base import fields
from chatapp.lib.refusal import Refusal

__all__ = ["decoded", "form", "json_body", "uncompressed"]

T = TypeVar("T")

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
LONGEST: Final = 200  # characters of what is said to be wrong


def uncompressed(environ: dict[str, Any]) -> None:
    """Check that a body is sent as it is.

    Raises:
        Refusal: 415, it is compressed.
    """
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        detail = "A body is sent as it is, not compressed."
        raise Refusal(415, detail, ("Accept-Encoding", "identity"))  # RFC 9110, 12.5.3


def json_body(
    environ: dict[str, Any], body: bytes, decoder: msgspec.json.Decoder[T], most: int
) -> T:
    """What the decoder makes of a JSON body.

    Args:
        environ: the request's WSGI environ.
        body: all of it.
        decoder: of a Struct, say; its errors are told to the client, by the path of the field.
        most: bytes that it may have.

    Raises:
        Refusal: 413, 415, or 400 with what is wrong.
    """
    return decoded(decoder, _text(environ, body, JSON, most))


def decoded(decoder: msgspec.json.Decoder[T], text: str) -> T:
    """What the decoder makes of JSON.

    Raises:
        Refusal: 400, with what is wrong.
    """
    try:
        return decoder.decode(text)
    except RecursionError:
        raise Refusal(400, "The JSON is nested too deeply.") from None
    except msgspec.DecodeError as error:
        said = str(error).replace("`", "")[:LONGEST]  # it may repeat what a client made up
        raise Refusal(400, f"{said}.") from None


def form(environ: dict[str, Any], body: bytes, most: int) -> dict[str, str]:
    """The fields of a form, as browsers and jQuery send it by default; see `fields`.

    ``multipart/form-data`` is for files, which nobody sends us, and is refused.

    Raises:
        Refusal: 413, 415, or 400 for too many fields.
    """
    return fields(_text(environ, body, FORM, most))


def _text(environ: dict[str, Any], body: bytes, media: str, most: int) -> str:
    uncompressed(environ)
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != media:
        raise Refusal(415, f"This takes {media}.", ("Accept", media))
    if len(body) > most:
        raise Refusal(413, f"The body may have at most {most} bytes.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "The body is not UTF-8.") from None
