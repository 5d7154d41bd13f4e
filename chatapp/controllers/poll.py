"""Long-poll as the Django and Twisted ancestor had it: ``/chats/<room>/poll``.

The place in the room is the time of the last message, in seconds. Our times are microseconds, which
a double holds exactly until the year 2242, and no two messages of a room have the same: so nothing
is lost or comes twice between two polls. A timestamp of a message that the log no longer has is
looked for in the store.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from typing import Any, Final

from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.body import form
from chatapp.lib.json import encode, gap_json, messages_json
from chatapp.lib.jsonp import checked_callback, jsonp
from chatapp.lib.polling import MOST, USUAL, attend, follow, wait_for_more
from chatapp.lib.query import count
from chatapp.lib.reading import let_in
from chatapp.lib.refusal import Refusal
from chatapp.lib.speech import ESCAPED, REST, Speech
from chatapp.model.client import Answer, Client
from chatapp.model.guests import Guest, Guests
from chatapp.model.message import Message
from chatapp.model.room import Position, Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from chatapp.model.sanctions import own_network

__all__ = ["PollController", "format_timestamp", "parse_timestamp"]

MICROSECONDS: Final = 1_000_000

_TIMESTAMP: Final = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,20})?")


def format_timestamp(time: int) -> bytes:
    """Microseconds as seconds: a JSON number that every client gives back unchanged."""
    return b"%d.%06d" % divmod(time, MICROSECONDS)


def parse_timestamp(text: str) -> int:
    """Seconds, as a client that knows only doubles writes them, as microseconds.

    Raises:
        Refusal: it is no number.
    """
    if not _TIMESTAMP.fullmatch(text):
        raise Refusal(400, "lastupdate is the timestamp of the last answer, or -1.")
    return round(float(text) * MICROSECONDS)


class PollController(BaseController):
    """``{"status", "timestamp", "data"}``, and what these cannot say: ``messages`` and ``gap``.

    Args:
        rooms: where it is spoken.
        roster: who is there.
        speech: by which it is spoken.
        timeout: seconds that a poll waits.
        guests: who reads here and is nobody.
    """

    def __init__(
        self, rooms: Rooms, roster: Roster, speech: Speech, timeout: float, guests: Guests
    ) -> None:
        self.rooms = rooms
        self.roster = roster
        self._speech = speech
        self._timeout = timeout
        self._guests = guests

    def read(self, request: Request, room: str) -> Generator[Any, Any, Response]:
        """``GET``: the next message after ``lastupdate``; status 0 when none came in time.

        One message an answer, whose text is ``data``, for clients that look at nothing else; with
        ``limit`` up to so many. Below 0 it answers at once that one is connected, and 0 begins
        with the newest hundred. With ``callback`` it is a script, which any page may ask for: then
        it is nobody's, and the cookie is not looked at.
        """
        query = request.query
        callback = query.get("callback")
        if callback is not None:
            checked_callback(callback)
        found = self.rooms.find(room)
        self._let_in(request, found, callback)
        last = parse_timestamp(query.get("lastupdate", "0"))
        limit = count(query, "limit", 1, MOST)
        if last < 0:
            body = _body(1, 0, "connected...")
        else:
            clients: Sequence[Client | Guest]
            with ExitStack() as stack:
                if callback is None:
                    clients = yield from attend(request, self.roster, [found], stack)
                else:
                    guest = self._guests.enter(found.id, own_network(request.address))
                    stack.callback(self._guests.leave, guest)
                    clients = [guest]
                body = yield from self._wait(request, found, last, limit, clients)
                self._let_in(request, found, callback)
        return Response(body, JSON) if callback is None else jsonp(callback, body)

    def say(self, request: Request, room: str) -> Generator[Any, Any, Response]:
        """``POST``: the field ``new_message`` is said, or done (see `chatapp.lib.commands`)."""
        self._speech.admit(request)
        found = self.rooms.find(room)
        body = yield from request.body()
        fields = form(request.environ, body, ESCAPED * self._speech.most + REST)
        if "new_message" not in fields:
            raise Refusal(400, "The message is the field new_message.")
        message = yield from self._speech.obey(request, found, fields["new_message"])
        if message is None:
            return Response(_body(1, found.time, "ok"), JSON)
        return Response(_body(1, message.time, message.text, [message]), JSON)

    def _let_in(self, request: Request, room: Room, callback: str | None) -> None:
        if callback is None:
            let_in(request, self.roster, room)
        else:  # the session is not looked at
            self.roster.sanctions.admit(room.id, "", request.address)

    def _wait(
        self, request: Request, room: Room, last: int, limit: int, clients: Sequence[Client | Guest]
    ) -> Generator[Any, Any, bytes]:
        position = yield from _place(request, room, last)
        answer = yield from follow(request, room, position, limit)
        if not answer.messages:
            places = [(room, answer.end)]
            yield from wait_for_more(request, places, self._timeout, clients)
            answer = yield from follow(request, room, position, limit)
        messages: list[Message] = answer.messages
        if not messages:
            return _body(0, last, "")
        text = "\n".join(message.text for message in messages)
        return _body(1, messages[-1].time, text, messages, answer)


def _body(
    status: int,
    time: int,
    data: str,
    messages: Sequence[Message] = (),
    answer: Answer | None = None,
) -> bytes:
    missed = answer.missed if answer is not None else 0
    return b'{"status":%d,"timestamp":%b,"data":%b,"messages":%b,"gap":%b}' % (
        status,
        format_timestamp(time),
        encode(data),
        messages_json(messages),
        gap_json(missed, False),
    )


def _place(request: Request, room: Room, time: int) -> Generator[Any, Any, Position]:
    """After the last message that is not later than this."""
    log = room.log
    if time >= room.time:  # as of almost all who poll
        return Position(log.end)
    if not time:
        return Position(max(0, log.end - USUAL))
    window = log.since(log.base - 1)
    if window and window[0].time <= time:
        return Position(log.base - 1 + bisect_right(window, time, key=_time))
    low, high = 0, log.base - 1
    while low < high:
        middle = (low + high) // 2
        page = yield from request.wait(room.past(middle, 1, 1))
        if page.messages and page.messages[0].time <= time:
            low = page.messages[0].seq
        else:
            high = middle
    return Position(low)


def _time(message: Message) -> int:
    return message.time
