"""A request that is refused: plain text for who asks for text, problem+json for who asks for JSON.

RFC 9457; the types are those of the HTTP status (``about:blank``).
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec

__all__ = ["Refusal", "wants_json"]


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


def wants_json(accept: str | None) -> bool:
    """Whether an ``Accept`` header asks for JSON by name."""
    return accept is not None and "json" in accept.lower()
