"""The rooms, and who is in them: ``/api/rooms``."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import msgspec

from chatapp.lib.actor import Actor
from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.body import json_body
from chatapp.lib.json import encode
from chatapp.lib.protection import Administrator, Limit
from chatapp.lib.refusal import Refusal
from chatapp.lib.schemas import NewRoom
from chatapp.model.room import Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.core.coroutines import coro

__all__ = ["RoomsController"]

LONGEST: Final = 8192  # bytes of a body that has a room's name
NAMED: Final = 10  # of those in a room, on the list of rooms

_decoder: Final = msgspec.json.Decoder(NewRoom)


class RoomsController(BaseController):
    """Lists rooms and members; an administrator adds, renames and removes rooms.

    What has begun to change is changed to its end, also when the administrator's connection drops:
    the store does it all the same, and the rooms known here are to be those that are kept.

    Args:
        rooms: all of them.
        roster: who is there.
        administrator: who may change them.
        creations: how often one may make a room.
    """

    def __init__(
        self, rooms: Rooms, roster: Roster, administrator: Administrator, creations: Limit
    ) -> None:
        self.rooms = rooms
        self.roster = roster
        self._administrator = administrator
        self._creations = creations

    def index(self, request: Request) -> Response:
        """``GET /api/rooms``: by name, with who is there and where each one's log ends."""
        return Response(encode({"rooms": [self._listed(room) for room in self.rooms]}), JSON)

    def create(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /api/rooms``, administrator: 201 with the room."""
        actor = self._administrator.check(request)
        self._creations.check(request)
        name = yield from self._name(request)
        note = actor.note("room.create", name=name)
        room = yield from request.finish(self.rooms.create(name, note))
        return Response(
            encode(_described(room)),
            JSON,
            ("Location", f"/api/rooms/{room.id}"),
            status="201 Created",
        )

    def rename(self, request: Request, room: str) -> Generator[Any, Any, Response]:
        """``PATCH /api/rooms/<room>``, administrator: 200 with the room."""
        actor = self._administrator.check(request)
        found = self.rooms.find(room)
        name = yield from self._name(request)
        note = actor.note("room.rename", f"room {found.id}", name=name, before=found.name)
        yield from request.finish(self.rooms.rename(found, name, note))
        return Response(encode(_described(found)), JSON)

    def remove(self, request: Request, room: str) -> Generator[Any, Any, Response]:
        """``DELETE /api/rooms/<room>``, administrator: 204; whoever is in it goes on."""
        actor = self._administrator.check(request)
        found = self.rooms.find(room)
        if found is self.rooms.main:
            detail = "This room cannot be removed: it is where people speak who name none."
            raise Refusal(409, detail)
        yield from request.finish(self._remove(found, actor))
        return Response(b"", "", status="204 No Content")

    def members(self, request: Request, room: str) -> Response:
        """``GET /api/rooms/<room>/members``: who is here, by name."""
        names = self.roster.names(self.rooms.find(room))
        return Response(encode({"members": [{"name": name} for name in names]}), JSON)

    def _listed(self, room: Room) -> dict[str, Any]:
        names = self.roster.names(room)
        return {
            **_described(room),
            "people": len(names),
            "members": names[:NAMED],
            "cursor": room.cursor(room.log.end),
        }

    @coro
    def _remove(self, room: Room, actor: Actor) -> Generator[Any, Any, None]:
        note = actor.note("room.remove", f"room {room.id}", name=room.name)
        yield self.rooms.remove(room, note)
        self.roster.close(room)
        self.roster.sanctions.close(room.id)

    def _name(self, request: Request) -> Generator[Any, Any, str]:
        body = yield from request.body()
        return json_body(request.environ, body, _decoder, LONGEST).name


def _described(room: Room) -> dict[str, Any]:
    return {"id": room.id, "name": room.name}
