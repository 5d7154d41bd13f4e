"""What was said is taken back by an administrator: ``/api/rooms/<room>/messages/<seq>``."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

from chatapp.lib.actor import Actor
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.protection import Administrator
from chatapp.model.message import removal_text
from chatapp.model.ports import Broker, Draft
from chatapp.model.room import NoMessage, Room
from chatapp.model.rooms import Rooms
from cogen.core.coroutines import coro

__all__ = ["RemovalController"]

SENDER: Final = "administrator"


class RemovalController(BaseController):
    """Removes messages. Their places stay, so that a room's numbers have no holes; and the room is
    told, so that who has one already can take it away.

    Args:
        rooms: where they are.
        broker: tells the room.
        administrator: who may do it.
    """

    def __init__(self, rooms: Rooms, broker: Broker, administrator: Administrator) -> None:
        self.rooms = rooms
        self._broker = broker
        self._administrator = administrator

    def remove(self, request: Request, room: str, seq: str) -> Generator[Any, Any, Response]:
        """``DELETE``, administrator: 204; a second time too, and then nothing happens."""
        actor = self._administrator.check(request)
        found = self.rooms.find(room)
        if not (seq.isascii() and seq.isdigit() and len(seq) < 19):
            raise NoMessage("There is no such message.")
        yield from request.finish(self._remove(found, int(seq), actor))
        return Response(b"", "", status="204 No Content")

    @coro
    def _remove(self, room: Room, seq: int, actor: Actor) -> Generator[Any, Any, None]:
        message = yield room.find(seq)
        if message.kind != "removed":
            details = {"sender": message.sender, "kind": message.kind}
            yield room.erase(
                seq, actor.note("message.remove", f"room {room.id}", seq=seq, **details)
            )
        # Its key lets it be said once, however often the removal has to be tried.
        key = f"removal {seq}"
        yield self._broker.publish(Draft(room.id, SENDER, removal_text(seq), "removal", key))
