"""A request that is refused: plain text for who asks for text, problem+json for who asks for JSON.

RFC 9457; the types are those of the HTTP status (``about:blank``).

Who asks for nothing, or for anything, gets what the address is for: programs below ``/api/`` and
``/chats/`` get JSON, people and shells everywhere else text.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

import msgspec
from webob.acceptparse import create_accept_header

__all__ = ["Refusal", "refused_in_json", "wants_json"]

_FOR_PROGRAMS: Final = ("/api/", "/chats/")
_TEXT: Final = ("text/plain", "text/*", "*/*")
_JSON: Final = ("application/json", "application/*", "*/*")


class Refusal(Exception):
    """Raise it in an action.

    Args:
        status: the HTTP status.
        detail: what is wrong and what can be done, one or two sentences.
        headers: more headers, e.g. ``Allow``.
    """

    def __init__(self, status: int, detail: str, *headers: tuple[str, str]) -> None:
        super().__init__(status, detail)
        self.status = HTTPStatus(status)
        self.detail = detail
        self.headers = list(headers)

    def render(self, json: bool) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status, headers and body of the response."""
        title = self.status.phrase
        if json:
            kind = "application/problem+json"
            body = msgspec.json.encode(
                {
                    "type": "about:blank",
                    "title": title,
                    "status": int(self.status),
                    "detail": self.detail,
                }
            )
        else:
            kind = "text/plain; charset=utf-8"
            body = f"{int(self.status)} {title}: {self.detail}\r\n".encode()
        headers = [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *self.headers,
        ]
        return f"{int(self.status)} {title}", headers, body


def refused_in_json(environ: dict[str, Any]) -> bool:
    """In which form this request (a WSGI environ) would be refused."""
    for_programs = environ["PATH_INFO"].startswith(_FOR_PROGRAMS)
    return wants_json(environ.get("HTTP_ACCEPT"), for_programs)


@lru_cache(maxsize=1024)
def wants_json(accept: str | None, by_default: bool = False) -> bool:
    """Whether an ``Accept`` header asks for JSON rather than for text (RFC 9110, 12.5.1).

    Args:
        accept: the header, or None. One that is malformed counts as none.
        by_default: JSON is what is given unless text is preferred; otherwise only who names JSON,
            and does not prefer text, gets it.
    """
    ranges: dict[str, float] = {}
    for media, quality, _, _ in getattr(create_accept_header(accept), "parsed", None) or ():
        media = media.partition(";")[0].lower()  # no charset= makes JSON something else
        media = media.replace("problem+json", "json")
        ranges[media] = max(quality, ranges.get(media, 0.0))
    named = ranges.get(_JSON[0], 0.0) > 0
    return (named or by_default) and _quality(ranges, _JSON) >= _quality(ranges, _TEXT)


def _quality(ranges: dict[str, float], candidates: tuple[str, str, str]) -> float:
    """Of the most specific range that fits; 0.0 if none does."""
    for media in candidates:
        if media in ranges:
            return ranges[media]
    return 0.0
