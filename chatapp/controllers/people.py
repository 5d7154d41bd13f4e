"""People who may not speak, or not be here, for a time: ``/api/people/sanctions``."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any, Final

import msgspec

from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.body import json_body
from chatapp.lib.json import encode
from chatapp.lib.protection import Administrator
from chatapp.lib.refusal import Refusal
from chatapp.lib.schemas import NewSanction
from chatapp.model.guests import Guests
from chatapp.model.ports import Conflict, Unavailable
from chatapp.model.records import Note, Records, Sanction
from chatapp.model.room import Room
from chatapp.model.rooms import NoRoom, Rooms
from chatapp.model.roster import Roster
from chatapp.model.sanctions import MICROSECONDS, digest_of, own_network
from chatapp.model.speakers import Speaker, Speakers
from cogen.core.coroutines import coro

__all__ = ["PeopleController"]

LONGEST: Final = 8192  # bytes of a body with a name and a reason

_decoder: Final = msgspec.json.Decoder(NewSanction)


class PeopleController(BaseController):
    """Lists, imposes and lifts sanctions.

    Args:
        rooms: where they hold.
        roster: who is there.
        speakers: who has spoken, maybe without being there.
        records: keep them.
        administrator: who may do it.
        guests: who reads and is nobody.
    """

    def __init__(
        self,
        rooms: Rooms,
        roster: Roster,
        speakers: Speakers,
        records: Records,
        administrator: Administrator,
        guests: Guests,
    ) -> None:
        self.rooms = rooms
        self.roster = roster
        self._speakers = speakers
        self._records = records
        self._administrator = administrator
        self._guests = guests

    def index(self, request: Request) -> Response:
        """``GET``, administrator: those that hold, the oldest first."""
        self._administrator.check(request)
        shown = [_described(sanction) for sanction in self.roster.sanctions]
        return Response(encode({"sanctions": shown}), JSON)

    def impose(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST``, administrator: 201 with the sanction; who is sent out is so at once."""
        actor = self._administrator.check(request)
        body = yield from request.body()
        wish = json_body(request.environ, body, _decoder, LONGEST)
        room = self.rooms.find(str(wish.room)) if wish.room is not None else None
        somebody = self._who(wish.name)
        sanction = Sanction(
            wish.kind,
            room.id if room is not None else None,
            digest_of(somebody.session),
            own_network(somebody.address) if wish.network else "",
            somebody.name,
            actor.time,
            actor.time + wish.seconds * MICROSECONDS,
            actor.name,
            wish.why,
        )
        details = {"room": sanction.room, "seconds": wish.seconds, "why": wish.why}
        note = actor.note(f"person.{wish.kind}", somebody.name, network=sanction.network, **details)
        kept = yield from request.finish(self._impose(sanction, room, note))
        where = "Location", f"/api/people/sanctions/{kept.id}"
        return Response(encode(_described(kept)), JSON, where, status="201 Created")

    def lift(self, request: Request, sanction: str) -> Generator[Any, Any, Response]:
        """``DELETE``, administrator: 204; it holds no longer."""
        actor = self._administrator.check(request)
        found = self.roster.sanctions.find(sanction)
        note = actor.note("person.lift", found.name, kind=found.kind, id=found.id)
        yield from request.finish(self._lift(found, note))
        return Response(b"", "", status="204 No Content")

    def _who(self, name: str) -> Speaker:
        """Who is here under this name, or has spoken under it."""
        session = self.roster.people.holder(name)
        person = self.roster.people.get(session) if session is not None else None
        if person is not None:
            return Speaker(person.name, person.session, person.address)
        speaker = self._speakers.called(name)
        if speaker is None:
            raise Refusal(404, "Nobody of this name is here, or has spoken lately.")
        return speaker

    @coro
    def _impose(
        self, sanction: Sanction, room: Room | None, note: Note
    ) -> Generator[Any, Any, Sanction]:
        try:
            kept: Sanction = yield self._records.impose(sanction, note)
        except Conflict:  # it was removed in this moment
            raise NoRoom("There is no such room.") from None
        self.roster.sanctions.add(kept)
        if kept.kind == "out":
            self._guests.send_out(kept.network, kept.room)
            rooms = [room] if room is not None else [*self.rooms]
            for news in [self._send_out(kept, each) for each in rooms]:
                if news is not None:
                    with contextlib.suppress(Unavailable, NoRoom):
                        yield news
        return kept

    def _send_out(self, sanction: Sanction, room: Room) -> Any:
        """Gives the news of it, to be waited for; None if there is none."""
        news = None
        for member in self.roster.members(room):
            person = member.person
            if sanction.concerns(digest_of(person.session), own_network(person.address)):
                news = self.roster.leave(person.session, room) or news
        return news

    @coro
    def _lift(self, sanction: Sanction, note: Note) -> Generator[Any, Any, None]:
        yield self._records.lift(sanction.id, note)
        self.roster.sanctions.discard(sanction)


def _described(sanction: Sanction) -> dict[str, Any]:
    """Without what only the server needs."""
    shown = sanction._asdict()
    del shown["session"]
    return shown
