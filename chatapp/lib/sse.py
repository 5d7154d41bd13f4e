"""Server-sent events: the bytes of a stream (WHATWG HTML, section 9.2, "Server-sent events").

An event is a few lines and an empty one. CR, LF and CR LF all end a line for the reader, so data
that holds them goes into several ``data:`` lines, and the reader puts LF between them: no text can
begin a field, or an event, of its own.
"""

from __future__ import annotations

from typing import Final

__all__ = ["HEADERS", "comment", "event", "mark", "retry"]

# Proxies are to pass on each event at once, as it is (nginx heeds the last).
HEADERS: Final = (
    ("Content-Type", "text/event-stream"),
    ("Cache-Control", "no-cache, no-transform"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Accel-Buffering", "no"),
)


def event(data: bytes | str, id: str | None = None, event: str | None = None) -> bytes:
    """One event.

    Args:
        data: text; bytes are UTF-8.
        id: what a reader that comes back sends as ``Last-Event-ID``.
        event: its type; None for ``message``.

    Raises:
        ValueError: the id or the type has a line end or NUL.
    """
    if isinstance(data, str):
        data = data.encode("utf-8", "replace")
    lines = [b"data: " + line for line in _lines(data)]
    if id is not None:
        lines.insert(0, b"id: " + _one_line(id))
    if event is not None:
        lines.insert(0, b"event: " + _one_line(event))
    return b"\n".join(lines) + b"\n\n"


def mark(id: str) -> bytes:
    """Where the reader is, without an event: it sends this as ``Last-Event-ID`` all the same."""
    return b"id: %b\n\n" % _one_line(id)


def retry(milliseconds: int) -> bytes:
    """How long a reader waits before it comes back, when the stream has ended."""
    return b"retry: %d\n\n" % milliseconds


def comment(text: str = "") -> bytes:
    """What a reader ignores: a heartbeat, by which proxies and we see that it is still there."""
    lines = [b": " + line for line in _lines(text.encode("utf-8", "replace"))]
    return b"\n".join(lines) + b"\n\n"


def _lines(data: bytes) -> list[bytes]:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _one_line(value: str) -> bytes:
    if any(each in value for each in "\r\n\0"):
        raise ValueError("An event's id and type have no line ends and no NUL.")
    return value.encode("utf-8", "replace")
