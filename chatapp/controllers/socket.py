"""Messages both ways on one connection: ``/ws``.

The request tells what the room says; a coroutine beside it hears what the client says. The client
reads as every other one does: out of a bounded queue that a watcher fills. While it does not read,
nothing is taken from the queue, and what that cannot hold is read again from the room's log or the
store; or it is told what it has missed.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Generator, Sequence
from itertools import count as numbers
from typing import Any, Final, Protocol

from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.polling import follow, recent
from chatapp.lib.query import count
from chatapp.lib.reading import enter, read, settle
from chatapp.lib.session import Session
from chatapp.lib.visitor import Caller, Visitor
from chatapp.model.client import Answer, Client
from chatapp.model.ports import Unavailable
from chatapp.model.room import Position, Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.core.coroutines import coro
from cogen.core.events import AddCoro
from cogen.errors import ConnectionClosed
from cogen.web.receipt import Receipt
from cogen.web.websocket import Encoded, WebSocket, upgrade

__all__ = ["Form", "SocketController"]

log = logging.getLogger(__name__)

HISTORY: Final = 50  # messages that who joins is told, unless it wants another number
MOST: Final = 1000
HOUR: Final = 3600.0  # seconds; how long one wait is, does not matter here


class Form(Protocol):
    """A way to speak over it."""

    subprotocol: str | None

    def hello(self, visitor: Visitor, room: Room, answer: Answer) -> Sequence[str | Encoded]:
        """What is sent first, with what the client is told of the past."""
        ...

    def told(self, room: Room, answer: Answer) -> Sequence[str | Encoded]:
        """What the room has said."""
        ...

    def heard(
        self, visitor: Visitor, room: Room, text: str
    ) -> Generator[Any, Any, Sequence[str | Encoded]]:
        """Do what the client sent; gives what is answered."""
        ...


class SocketController(BaseController):
    """WebSockets.

    Args:
        rooms: where it is spoken.
        roster: who is there.
        forms: the ways to speak; the last one is for who offers no subprotocol of the others.
    """

    def __init__(self, rooms: Rooms, roster: Roster, forms: Sequence[Form]) -> None:
        self.rooms = rooms
        self.roster = roster
        self._forms = forms
        self._connections = numbers(1)

    def connect(self, request: Request) -> Generator[Any, Any, Response | None]:
        """``GET /ws``: a WebSocket, as long as the client stays.

        Query: ``room``; ``cursor``, where it goes on; without one, ``history``: how many of the
        newest messages it is told first, 0 to 1000.
        """
        request.from_here()
        socket = upgrade(request.environ)
        query = request.query
        room = self.rooms.find(query["room"]) if "room" in query else self.rooms.main
        position = room.position(query["cursor"]) if "cursor" in query else None
        history = 0 if query.get("history") == "0" else count(query, "history", HISTORY, MOST)
        form = self._form(socket)
        tab = f"~ws{next(self._connections)}"  # no reader can be called so
        client, _, news = enter(request, self.roster, room, tab)
        try:
            yield from settle(request, self.roster, news)
            if position is not None:
                answer = yield from follow(request, room, position, MOST)
            elif history:
                answer = yield from recent(request, room, history)
            else:
                answer = Answer([], room.log.end, 0, False)
            request.switch()
            yield from request.wait(socket.accept(form.subprotocol))
            yield from request.wait(socket.send(*form.hello(request, room, answer)))
            known = Session(request.session.id, request.session.name)  # by now it has its cookie
            talk = _listen(Caller(known, request.address), socket, room, form)
            try:
                yield from request.wait(AddCoro(talk))
                goodbye = yield from self._tell(request, socket, client, form, answer.end)
                talk.cancel()  # who is told to go is not heard any more
                if goodbye is not None:
                    yield from request.wait(socket.close(*goodbye))
            finally:
                if not socket.over:  # else it does what was said before the end
                    talk.cancel()
        finally:
            self.roster.drop(client)
        return None

    def _form(self, socket: WebSocket) -> Form:
        for form in self._forms:
            if form.subprotocol in socket.subprotocols:
                return form
        return self._forms[-1]

    def _tell(
        self, request: Request, socket: WebSocket, client: Client, form: Form, end: int
    ) -> Generator[Any, Any, tuple[int, str] | None]:
        """Whatever the room says from here on; gives the goodbye that it ends with.

        None: the server is being stopped, which says it.
        """
        room = client.room
        try:
            while not (client.ended or request.gate.closing):
                answer = yield from read(request, client, Receipt(), Position(end), HOUR)
                end = answer.end
                if answer:
                    yield from request.wait(socket.send(*form.told(room, answer)))
        except Unavailable as fault:  # what it has missed cannot be read now
            return 1013, str(fault)
        return (1000, "You are not in this room any more.") if client.ended else None


@coro
def _listen(
    visitor: Visitor, socket: WebSocket, room: Room, form: Form
) -> Generator[Any, Any, None]:
    """What the client says, until it is gone: all of it, though it may have gone meanwhile."""
    try:
        while True:
            message = yield socket.receive()
            if not isinstance(message, str):
                yield socket.close(1003, "Text is spoken here.")
                return
            answer = yield from form.heard(visitor, room, message)
            if answer:
                with contextlib.suppress(ConnectionClosed):
                    yield socket.send(*answer)
    except ConnectionClosed:
        return
    except Exception:
        log.exception("what came over a WebSocket could not be done")
        yield socket.close(1011)
