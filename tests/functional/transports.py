"""Every way to hear a room, each as one reader: what it hears, and what it is told that it missed.

The first of them is the one whose coming the room is told.

A transport is an asynchronous generator. The first that it gives is empty: from now on it hears
everything. It goes on for ever.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final, NamedTuple

from tests.functional.sockets import CHAT_V1, Socket
from tests.functional.wire import Answer, Wire

__all__ = ["CONNECTED", "TRANSPORTS", "Heard", "Transport"]

_GAP: Final = re.compile(r"-- ([0-9]+) messages? missed, resume from ([0-9]+) --")
_AS_JSON: Final = "Accept: application/json\r\n"


class Heard(NamedTuple):
    """One answer, or one event.

    Attributes:
        lines: ``sender: text`` of each message.
        missed: how many before the first of them are lost.
        resume: the number of the message that comes next, if it is told with the gap.
    """

    lines: list[str]
    missed: int = 0
    resume: int | None = None

    def __bool__(self) -> bool:
        return bool(self.lines or self.missed)


Transport = Callable[[Wire], AsyncIterator[Heard]]
NOTHING: Final = Heard([])


async def text_by_cookie(wire: Wire) -> AsyncIterator[Heard]:
    """curl with a cookie jar."""
    while True:
        yield _text(await _ask(wire, "/chat/pull"))


async def text_by_cursor(wire: Wire) -> AsyncIterator[Heard]:
    answer = await _ask(wire, "/chat/pull")
    while True:
        yield _text(answer)
        answer = await _ask(wire, f"/chat/pull?since={answer.headers['x-chat-cursor']}")


async def json_by_cursor(wire: Wire) -> AsyncIterator[Heard]:
    """The chat page."""
    answer = json.loads((await _ask(wire, "/chat/pull", _AS_JSON)).body)
    while True:
        yield _json(answer["messages"], answer["gap"])
        target = f"/chat/pull?tab=1&since={answer['cursor']}"
        answer = json.loads((await _ask(wire, target, _AS_JSON)).body)


async def messages(wire: Wire) -> AsyncIterator[Heard]:
    """``GET /api/rooms/1/messages``."""
    path = "/api/rooms/1/messages?limit=1000"
    answer = json.loads((await _ask(wire, path)).body)
    yield NOTHING
    while True:
        target = f"{path}&wait=10&since={answer['cursor']}"
        answer = json.loads((await _ask(wire, target)).body)
        yield _json(answer["messages"], answer["gap"])


async def several_rooms(wire: Wire) -> AsyncIterator[Heard]:
    """``GET /api/events``."""
    path = "/api/events?rooms=1"
    answer = json.loads((await _ask(wire, path)).body)
    while True:
        gap = answer["gaps"].get("1", {"missed": 0, "restarted": False})
        yield _json(answer["messages"], gap)
        target = f"{path}&wait=10&cursor={answer['cursor']}"
        answer = json.loads((await _ask(wire, target)).body)


async def stream(wire: Wire) -> AsyncIterator[Heard]:
    """Server-sent events on one connection."""
    async for events in _events(wire):
        for event in events:
            yield _event(event)


async def broken_stream(wire: Wire) -> AsyncIterator[Heard]:
    """The same on a connection that breaks as soon as it has brought something."""
    last = ""
    while True:
        async for events in _events(wire, last):
            for event in events:
                last = _field(event, "id") or last
                yield _event(event)
            if any(map(_event, events)):
                break
        wire.close()


async def poll(wire: Wire) -> AsyncIterator[Heard]:
    """``lastupdate``, and one message an answer. Something has to be said before."""
    path = "/chats/1/poll?lastupdate="
    answer = json.loads((await _ask(wire, f"{path}0&limit=1000")).body)
    yield NOTHING
    while True:
        answer = json.loads((await _ask(wire, f"{path}{answer['timestamp']!r}")).body)
        if answer["status"]:
            assert answer["data"] == answer["messages"][0]["text"]
        yield _json(answer["messages"], answer["gap"])


async def script_poll(wire: Wire) -> AsyncIterator[Heard]:
    """The same as a script, with more messages an answer."""
    last = "0"
    while True:
        answer = await _ask(wire, f"/chats/1/poll?limit=1000&callback=f&lastupdate={last}")
        content = json.loads(answer.body.removeprefix(b"/**/f(").removesuffix(b");"))
        yield NOTHING if last == "0" else _json(content["messages"], content["gap"])
        last = repr(content["timestamp"])


async def socket(wire: Wire) -> AsyncIterator[Heard]:
    """A WebSocket in plain text."""
    plain = Socket(wire, "?history=0")
    await plain.open()
    yield NOTHING
    async for lines in plain.messages():
        for line in lines:
            gap = _GAP.fullmatch(line)
            yield Heard([], int(gap[1]), int(gap[2])) if gap else Heard([line])


async def json_socket(wire: Wire) -> AsyncIterator[Heard]:
    """A WebSocket that speaks chat.v1.json."""
    async for heard, _ in _frames(wire, "?history=0"):
        yield heard


async def broken_socket(wire: Wire) -> AsyncIterator[Heard]:
    """The same on a connection that breaks as soon as it has brought something."""
    query = "?history=0"
    while True:
        async for heard, cursor in _frames(wire, query):
            query = f"?cursor={cursor}"
            yield heard
            if heard.lines:
                break
        wire.close()


async def telnet(wire: Wire) -> AsyncIterator[Heard]:
    """A terminal. The room is told of its coming."""
    with contextlib.closing(Wire(wire.telnet)) as terminal:
        await terminal.put(b"")
        unread = b""
        while True:
            *lines, unread = (unread + await terminal.piece()).split(b"\r\n")
            for line in map(bytes.decode, lines):
                gap = _GAP.fullmatch(line)
                if gap:
                    yield Heard([], int(gap[1]), int(gap[2]))
                else:
                    yield NOTHING if line.startswith("-- ") else Heard([line])


TRANSPORTS: dict[str, Transport] = {
    "telnet": telnet,
    "text, by cookie": text_by_cookie,
    "text, by cursor": text_by_cursor,
    "JSON, by cursor": json_by_cursor,
    "messages": messages,
    "several rooms": several_rooms,
    "stream": stream,
    "broken stream": broken_stream,
    "poll": poll,
    "script": script_poll,
    "socket": socket,
    "JSON socket": json_socket,
    "broken socket": broken_socket,
}


CONNECTED: Final = ("telnet", "stream", "broken stream", "socket", "JSON socket", "broken socket")


async def _ask(wire: Wire, target: str, headers: str = "") -> Answer:
    answer = await wire.ask("GET", target, headers=headers)
    assert answer.status == 200, answer
    return answer


async def _events(wire: Wire, last: str = "") -> AsyncIterator[list[bytes]]:
    """Those of one connection, as they come."""
    headers = f"Last-Event-ID: {last}\r\n" if last else ""
    await wire.send("GET", "/api/rooms/1/events", headers=headers)
    status, _ = await wire.head()
    assert status == 200
    unread = b""
    while chunk := await wire.chunk():
        *events, unread = (unread + chunk).split(b"\n\n")
        yield events


async def _frames(wire: Wire, query: str) -> AsyncIterator[tuple[Heard, str]]:
    """What each frame of one connection brings, and where it goes on behind it."""
    socket = Socket(wire, query, CHAT_V1)
    await socket.open()
    async for texts in socket.messages():
        for frame in map(json.loads, texts):
            if frame["type"] == "gap":
                heard = Heard([], frame["missed"], frame["resume"])
            else:  # a message; or the greeting, which brings none
                said = [frame["message"]] if "message" in frame else []
                heard = _json(said, {"missed": 0, "restarted": False})
            yield heard, frame["cursor"]


def _text(answer: Answer) -> Heard:
    lines = answer.body.decode().split("\r\n")[:-1]
    gap = _GAP.fullmatch(lines[0]) if lines else None
    return Heard(lines[1:], int(gap[1]), int(gap[2])) if gap else Heard(lines)


def _json(said: Iterable[dict[str, Any]], gap: dict[str, Any]) -> Heard:
    assert not gap["restarted"]
    return Heard([f"{each['sender']}: {each['text']}" for each in said], gap["missed"])


def _event(event: bytes) -> Heard:
    kind, data = _field(event, "event"), _field(event, "data")
    if not data:  # a heartbeat, or a mark of where the reader is
        return NOTHING
    content = json.loads(data)
    if kind == "gap":
        assert not content["restarted"]
        return Heard([], content["missed"], content["resume"])
    return _json([content], {"missed": 0, "restarted": False})


def _field(event: bytes, name: str) -> str:
    """Of an event; empty if it has none."""
    fields = [line.partition(": ") for line in event.decode().split("\n")]
    return next((value for key, _, value in fields if key == name), "")
