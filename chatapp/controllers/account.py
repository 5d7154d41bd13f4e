"""The name of a session, and what only an administrator says: ``/api/login`` and so on."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any, Final

import msgspec

from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.body import json_body
from chatapp.lib.json import encode
from chatapp.lib.naming import speaker
from chatapp.lib.protection import Administrator
from chatapp.lib.reading import let_in, settle
from chatapp.lib.schemas import Login, Wall
from chatapp.lib.speech import ESCAPED, REST, Speech
from chatapp.model.names import checked_name
from chatapp.model.ports import Broker, Draft
from chatapp.model.records import Note, Records
from chatapp.model.rooms import NoRoom, Rooms
from chatapp.model.roster import Roster
from cogen.core.coroutines import coro

__all__ = ["AccountController"]

LONGEST: Final = 8192  # bytes of a body that has a name
NAMELESS: Final = "administrator"

_login: Final = msgspec.json.Decoder(Login)
_wall: Final = msgspec.json.Decoder(Wall)


class AccountController(BaseController):
    """Login, logout, wall.

    Args:
        rooms: who logs in is in the main one; a wall is heard in all.
        roster: who is there.
        broker: accepts a wall.
        speech: checks its text, and how often one chooses a name.
        administrator: who may send it.
        records: keep that it was sent.
    """

    def __init__(
        self,
        rooms: Rooms,
        roster: Roster,
        broker: Broker,
        speech: Speech,
        administrator: Administrator,
        records: Records,
    ) -> None:
        self.rooms = rooms
        self.roster = roster
        self._broker = broker
        self._speech = speech
        self._administrator = administrator
        self._records = records

    def login(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /api/login``: 200 with the name, which nobody else who is here has."""
        request.from_here()
        self._speech.pace_name(request)
        body = yield from request.body()
        name = checked_name(json_body(request.environ, body, _login, LONGEST).name)
        session = request.session
        let_in(request, self.roster, self.rooms.main)
        news = self.roster.join(self.rooms.main, session.id, name, request.address)
        session.rename(name)
        yield from settle(request, self.roster, news)
        return Response(encode({"name": name}), JSON)

    def logout(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /api/logout``: 204; the name is free, and the session in no room.

        The rooms hear of it, so one does it as often as one may speak.
        """
        self._speech.admit(request)
        session = request.session
        news = self.roster.leave(session.id)
        session.rename("")
        yield from settle(request, self.roster, news)
        return Response(b"", "", status="204 No Content")

    def wall(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /api/wall``, administrator: 204 when every room has heard it."""
        actor = self._administrator.check(request)
        body = yield from request.body()
        most = ESCAPED * self._speech.most + REST
        text = self._speech.checked(json_body(request.environ, body, _wall, most).text)
        session = request.session
        sender = speaker(session, self.roster.people) if session.name else NAMELESS
        note = actor.note("wall", text=text, sender=sender)
        yield from request.finish(self._wall(sender, text, note))
        return Response(b"", "", status="204 No Content")

    @coro
    def _wall(self, sender: str, text: str, note: Note) -> Generator[Any, Any, None]:
        yield self._records.note(note)
        said = [self._broker.publish(Draft(room.id, sender, text, "wall")) for room in self.rooms]
        for published in said:
            with contextlib.suppress(NoRoom):  # it was removed in this moment
                yield published
