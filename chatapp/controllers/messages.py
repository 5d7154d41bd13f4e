"""What was said in one room, and more to say: ``/api/rooms/<room>/messages``."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from typing import Any, Final

import msgspec

from chatapp.lib.answering import JSON, answered
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.body import json_body
from chatapp.lib.json import answer_json, message_json
from chatapp.lib.polling import attend, before, follow, limit_of, recent, wait_for_more, wait_of
from chatapp.lib.query import count
from chatapp.lib.reading import let_in
from chatapp.lib.refusal import Refusal
from chatapp.lib.schemas import NewMessage
from chatapp.lib.speech import ESCAPED, REST, Speech
from chatapp.model.client import Answer, Client
from chatapp.model.room import Position, Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster

__all__ = ["MessagesController"]

_decoder: Final = msgspec.json.Decoder(NewMessage)


class MessagesController(BaseController):
    """Reads by cursor, without a client; speaks to the letter.

    Args:
        rooms: where it is spoken.
        roster: who is there.
        speech: by which it is spoken.
    """

    def __init__(self, rooms: Rooms, roster: Roster, speech: Speech) -> None:
        self.rooms = rooms
        self.roster = roster
        self._speech = speech
        self._longest = ESCAPED * speech.most + REST

    def index(self, request: Request, room: str) -> Generator[Any, Any, Response]:
        """``GET``: what comes after ``since``, or before message ``before``, or else the newest.

        Query: ``limit`` (messages), ``wait`` (seconds, if there is none yet); who waits is here.
        """
        query = request.query
        found = self.rooms.find(room)
        let_in(request, self.roster, found)
        limit, wait = limit_of(query), wait_of(query)
        since = query.get("since")
        if "before" in query:
            if since is not None:
                raise Refusal(400, "Messages are read since a cursor or before a number, not both.")
            return (yield from self._before(request, found, count(query, "before", 1), limit))
        position = found.position(since) if since is not None else None
        clients: list[Client] = []
        with ExitStack() as stack:
            if wait:
                clients = yield from attend(request, self.roster, [found], stack)
            answer = yield from _read(request, found, position, limit)
            if wait and not answer:
                yield from wait_for_more(request, [(found, answer.end)], wait, clients)
                let_in(request, self.roster, found)
                answer = yield from _read(request, found, Position(answer.end), limit)
        return answered(found, answer, JSON)

    def create(self, request: Request, room: str) -> Generator[Any, Any, Response]:
        """``POST``: 201 with the message; 200 if its ``nonce`` had been said before."""
        self._speech.admit(request)
        found = self.rooms.find(room)
        body = yield from request.body()
        said = json_body(request.environ, body, _decoder, self._longest)
        text = self._speech.checked(said.text)
        message, new = yield from self._speech.say(request, found, text, said.kind, said.nonce)
        status = "201 Created" if new else "200 OK"
        return Response(message_json(message), JSON, status=status)

    def _before(
        self, request: Request, room: Room, seq: int, limit: int
    ) -> Generator[Any, Any, Response]:
        page = yield from before(request, room, seq, limit)
        end = page.messages[-1].seq if page.messages else min(seq - 1, room.log.end)
        answer = Answer(page.messages, end, 0, False)
        return Response(answer_json(answer, room.cursor(end)), JSON)


def _read(
    request: Request, room: Room, position: Position | None, limit: int
) -> Generator[Any, Any, Answer]:
    if position is None:
        return (yield from recent(request, room, limit))
    return (yield from follow(request, room, position, limit))
