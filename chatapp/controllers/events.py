"""Messages as they come: several rooms in one poll, or one room as a stream.

``/api/events`` and ``/api/rooms/<room>/events``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from heapq import merge
from itertools import count, islice
from typing import Any, Final

from chatapp.lib import sse
from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.cursors import format_cursors, parse_cursors, parse_rooms
from chatapp.lib.json import encode, gap_json, message_json, messages_json
from chatapp.lib.polling import attend, follow, limit_of, wait_for_more, wait_of
from chatapp.lib.reading import enter, let_in, read, settle
from chatapp.lib.refusal import Refusal
from chatapp.model.client import Answer, Client
from chatapp.model.message import Message
from chatapp.model.room import Position, Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.web.receipt import Receipt

__all__ = ["EventsController"]

RETRY: Final = 3000  # milliseconds until a reader whose stream has ended comes back

Place = tuple[Room, Position]


class EventsController(BaseController):
    """One poll for several rooms, and server-sent events of one.

    Args:
        rooms: where it is spoken.
        roster: who is there.
        heartbeat: seconds of silence after which a stream says that it is still there.
    """

    def __init__(self, rooms: Rooms, roster: Roster, heartbeat: float) -> None:
        self.rooms = rooms
        self.roster = roster
        self._heartbeat = heartbeat
        self._streams = count(1)

    def poll(self, request: Request) -> Generator[Any, Any, Response]:
        """``GET /api/events``: what comes after ``cursor`` in ``rooms``, in the order of time.

        Query: ``limit`` and ``wait`` as for one room. Without a cursor it answers at once, with
        the one of now; so is a room that the cursor does not have followed from now on.
        """
        query = request.query
        limit, wait = limit_of(query), wait_of(query)
        begun = "cursor" in query
        places = self._places(query.get("rooms", ""), query.get("cursor"))
        self._let_in(request, places)
        clients: list[Client] = []
        with ExitStack() as stack:
            if wait:
                rooms = [room for room, _ in places]
                clients = yield from attend(request, self.roster, rooms, stack)
            answers = yield from _read(request, places, limit)
            if wait and begun and not any(answers):
                ends = [
                    (room, answer.end) for (room, _), answer in zip(places, answers, strict=True)
                ]
                yield from wait_for_more(request, ends, wait, clients)
                self._let_in(request, places)
                places = [(room, Position(end)) for room, end in ends]
                answers = yield from _read(request, places, limit)
        return _merged([room for room, _ in places], answers, limit)

    def stream(self, request: Request, room: str) -> Generator[Any, Any, None]:
        """``GET /api/rooms/<room>/events``: server-sent events, as long as the reader stays.

        ``Last-Event-ID`` is where it goes on, or ``since`` (a cursor) in the query; else it begins
        now.
        """
        request.from_here()
        found = self.rooms.find(room)
        cursor = request.environ.get("HTTP_LAST_EVENT_ID", request.query.get("since"))
        position = found.position(cursor) if cursor is not None else Position(found.log.end)
        tab = f"~{next(self._streams)}"  # no reader can be called so
        client, _, news = enter(request, self.roster, found, tab, transport="stream")
        try:
            yield from settle(request, self.roster, news)
            request.begin(sse.HEADERS)
            yield sse.retry(RETRY) + sse.mark(found.cursor(position.seq))
            while not (client.ended or request.gate.closing):
                answer = yield from read(request, client, Receipt(), position, self._heartbeat)
                position = Position(answer.end)
                yield _events(found, answer) if answer else sse.comment()
        finally:
            self.roster.drop(client)

    def _let_in(self, request: Request, places: Sequence[Place]) -> None:
        for room, _ in places:
            let_in(request, self.roster, room)

    def _places(self, rooms: str, cursor: str | None) -> list[Place]:
        try:
            listed = parse_rooms(rooms)
            cursors = parse_cursors(cursor) if cursor is not None else {}
        except ValueError as error:
            raise Refusal(400, str(error)) from None
        places = []
        for id in listed:
            room, known = self.rooms.find(str(id)), cursors.get(id)
            place = room.position(known) if known is not None else Position(room.log.end)
            places.append((room, place))
        return places


def _read(
    request: Request, places: Sequence[Place], limit: int
) -> Generator[Any, Any, list[Answer]]:
    answers = []
    for room, position in places:
        answers.append((yield from follow(request, room, position, limit)))
    return answers


def _merged(rooms: Sequence[Room], answers: Sequence[Answer], limit: int) -> Response:
    """The oldest of them all; what is left out comes next time."""
    by_time = merge(*(answer.messages for answer in answers), key=_time)
    messages = list(islice(by_time, limit))
    ends = {
        room.id: answer.end - len(answer.messages)
        for room, answer in zip(rooms, answers, strict=True)
    }
    ends.update((message.room, message.seq) for message in messages)
    gaps = [
        b'"%d":%b' % (room.id, gap_json(answer.missed, answer.restarted))
        for room, answer in zip(rooms, answers, strict=True)
        if answer.missed or answer.restarted
    ]
    cursor = format_cursors({room.id: room.cursor(ends[room.id]) for room in rooms})
    body = b'{"messages":%b,"cursor":%b,"gaps":{%b}}'
    return Response(body % (messages_json(messages), encode(cursor), b",".join(gaps)), JSON)


def _time(message: Message) -> tuple[int, int]:
    return message.time, message.room


def _events(room: Room, answer: Answer) -> bytes:
    events = [_event(room, message) for message in answer.messages]
    if answer.missed or answer.restarted:
        resume = answer.first
        gap = {"missed": answer.missed, "restarted": answer.restarted, "resume": resume}
        events.insert(0, sse.event(encode(gap), room.cursor(resume - 1), "gap"))
    return b"".join(events)


def _event(room: Room, message: Message) -> bytes:
    event: bytes | None = message.forms.get("sse")
    if event is None:
        event = sse.event(message_json(message), room.cursor(message.seq))
        message.forms["sse"] = event
    return event
