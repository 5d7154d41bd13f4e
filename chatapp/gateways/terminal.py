"""One person at a terminal, whatever carries the lines: what is typed, and what the room says.

Two coroutines: one hears what is typed, one delivers what the room says. Neither outlives the
other, and when they have ended the person has left.

Nobody is told twice or too late: a person sees the room from the moment in which it has entered,
and only what the room has accepted, its own lines too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any, Final

from chatapp.gateways.asides import Asides
from chatapp.lib.commands import parse_aside
from chatapp.lib.faults import FAULTS, refused
from chatapp.lib.polling import follow
from chatapp.lib.reading import enter, let_in, read, settle
from chatapp.lib.refusal import Refusal
from chatapp.lib.speech import Speech
from chatapp.lib.text import answer_text, notice_line
from chatapp.lib.visitor import Visitor
from chatapp.model.client import Answer, Client
from chatapp.model.ports import Unavailable
from chatapp.model.room import Position, Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.core.anyof import AnyOf
from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.errors import ConnectionClosed, OperationTimeout, ServerClosing
from cogen.web.codec import Ending
from cogen.web.receipt import Receipt

__all__ = ["Terminal"]

PATIENCE: Final = 3600.0  # seconds of one wait for the room; then the next begins
REST: Final = 1000  # messages that who goes is shown at once
AGAIN: Final = 2.0  # seconds until what could not be read is tried again

# As RFC 6455 7.4.1 numbers why a connection ends.
DONE: Final = 1000
GOING: Final = 1001
SENT_AWAY: Final = 1008
LATER: Final = 1013


class Terminal:
    """The conversation.

    Args:
        visitor: who it is; its session is of this terminal alone.
        rooms: where it is spoken.
        roster: who is there.
        speech: by which it is spoken.
        send: shows lines, each with its end; gives what is to be waited for.
    """

    def __init__(
        self,
        visitor: Visitor,
        rooms: Rooms,
        roster: Roster,
        speech: Speech,
        send: Callable[[bytes], Any],
    ) -> None:
        self._visitor = visitor
        self._rooms = rooms
        self._roster = roster
        self._speech = speech
        self._send = send
        self._asides = Asides(rooms, roster)
        self._client: Client  # by which it reads the room where it is
        self._position: Position

    @coro
    def stay(self, receive: Callable[[], Any]) -> Generator[Any, Any, Ending]:
        """Come, be here, and go; gives why it is over, for the person to read.

        Args:
            receive: gives what is to be waited for: the next line that is typed, None when there
                are no more. It may raise `ConnectionClosed`, and `OperationTimeout` when nothing
                was typed for too long.
        """
        visitor, roster, main = self._visitor, self._roster, self._rooms.main
        try:
            self._speech.pace(visitor)
            address = visitor.address or "here"
            yield from self._speech.announce(visitor, main, f"New connection from {address}")
            news = self._enter(main)
        except FAULTS as fault:
            return Ending(LATER, refused(fault).detail)
        try:
            yield from settle(visitor, roster, news)
            yield from self._tell([f"You are {self._name}, in {main.name}. /help tells more."])
            ending: Ending
            _, ending = yield AnyOf(self._listen(receive), self._deliver())
            if ending.code == DONE:  # else nobody is there, or nobody has the time
                yield from self._show_rest()
        finally:
            roster.drop(self._client)
            news = roster.leave(visitor.session.id)
        yield from settle(visitor, roster, news)
        return ending

    @coro
    def _listen(self, receive: Callable[[], Any]) -> Generator[Any, Any, Ending]:
        """Hear what is typed, until it is over."""
        while True:
            try:
                line = yield receive()
            except ServerClosing:
                return Ending(GOING, "The server is going down.")
            except OperationTimeout:
                return Ending(DONE, "Nothing was typed for too long.")
            except ConnectionClosed as closed:
                return Ending(closed.code, closed.reason)
            try:
                if line is None or not (yield from self._hear(line.rstrip())):
                    return Ending(DONE, "Goodbye.")
            except FAULTS as fault:
                yield from self._tell([refused(fault).detail])

    def _hear(self, line: str) -> Generator[Any, Any, bool]:
        """Do what a line wants; False: to go."""
        if not line:
            return True
        self._speech.pace(self._visitor)
        aside = parse_aside(line)
        if aside is None:
            name = self._name
            yield from self._speech.obey(self._visitor, self._room, line)
            if self._name != name:
                yield from self._tell([f"You are {self._name} now."])
        elif aside.verb == "quit":
            return False
        elif aside.verb == "join" and aside.text:
            yield from self._join(self._asides.room(aside.text))
        elif aside.verb == "history":
            yield from self._show_past(self._asides.count(aside.text))
        else:
            yield from self._tell(self._asides.answer(aside.verb, self._room))
        return True

    def _join(self, room: Room) -> Generator[Any, Any, None]:
        if room is self._room:
            raise Refusal(400, f"You are in {room.name} already.")
        yield from self._move(room)  # of which `_deliver` tells, before what is said there

    def _show_past(self, count: int) -> Generator[Any, Any, None]:
        """In pieces, as much as one answer may have."""
        room, end = self._room, self._room.log.end
        place = max(0, end - count)
        while place < end:
            answer = yield from follow(self._visitor, room, Position(place), end - place)
            messages = [message for message in answer.messages if message.seq <= end]
            yield from self._show(answer_text(Answer(messages, answer.end, 0, False)))
            place = max(answer.end, place + 1)
        yield from self._tell([f"That is what was said in {room.name}."])

    @coro
    def _deliver(self) -> Generator[Any, Any, Ending]:
        """Show what the room says, until the person can be in no room any more."""
        client, reading = self._client, True
        while True:
            while client is not self._client:
                client = self._client
                yield from self._tell([f"You are in {client.room.name} now."])
            try:
                answer = yield from read(self._visitor, client, Receipt(), self._position, PATIENCE)
                reading = True
            except Unavailable as outage:
                if reading:
                    yield from self._tell([str(outage)])
                reading = False
                yield Sleep(AGAIN)
                continue
            if client is self._client and client.ended:
                # Else it is the room that has gone; which the main one never does.
                if client.member.here or client.room is self._rooms.main:
                    return Ending(SENT_AWAY, self._why(client.room))
                before = client.room
                try:
                    yield from self._move(self._rooms.main)
                except FAULTS as fault:
                    return Ending(LATER, refused(fault).detail)
                client = self._client
                gone = self._rooms.get(before.id) is None
                what = "The room is gone" if gone else f"You were sent out of {before.name}"
                yield from self._tell([f"{what}; you are in {client.room.name} now."])
            elif answer:
                self._position = Position(answer.end)
                yield from self._show(answer_text(answer))

    def _why(self, room: Room) -> str:
        """It is in the room no more, which is still there."""
        try:
            let_in(self._visitor, self._roster, room)
        except FAULTS as fault:
            return refused(fault).detail
        return "You were disconnected."

    def _show_rest(self) -> Generator[Any, Any, None]:
        """What the room has said until now: who goes sees its own last lines come back."""
        with contextlib.suppress(*FAULTS):
            answer = yield from follow(self._visitor, self._room, self._position, REST)
            if answer:
                yield from self._show(answer_text(answer))

    # Where it is, and as whom

    @property
    def _room(self) -> Room:
        return self._client.room

    @property
    def _name(self) -> str:
        name: str = self._client.member.person.name
        return name

    def _enter(self, room: Room) -> Any:
        """Gives the news of it, to be waited for. Raises as `enter` does."""
        self._client, _, news = enter(self._visitor, self._roster, room, "", transport="telnet")
        self._position = Position(room.log.end)
        return news

    def _move(self, room: Room) -> Generator[Any, Any, None]:
        before = self._client
        news = self._enter(room)
        self._roster.drop(before)  # whoever reads by it goes on at once
        left = self._roster.leave(self._visitor.session.id, before.room)
        for each in (news, left):
            yield from settle(self._visitor, self._roster, each)

    # What the person sees

    def _tell(self, lines: list[str]) -> Generator[Any, Any, None]:
        """The server's own."""
        yield from self._show(b"".join(notice_line(line) + b"\r\n" for line in lines))

    def _show(self, text: bytes) -> Generator[Any, Any, None]:
        # If it has ended, `receive` says so, once all that was typed before is heard.
        with contextlib.suppress(ConnectionClosed):
            yield self._send(text)
