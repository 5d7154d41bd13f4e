"""The main job: `ChatController.push` and `ChatController.pull`."""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chatapp.lib.answering import JSON, TEXT, answered
from chatapp.lib.base import BaseController, Request, Response, fields
from chatapp.lib.body import uncompressed
from chatapp.lib.query import seconds
from chatapp.lib.reading import enter, read, settle
from chatapp.lib.refusal import Refusal
from chatapp.lib.speech import Speech
from chatapp.model.names import checked_name
from chatapp.model.room import Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.web.receipt import Receipt

__all__ = ["ChatController"]

_TAB: Final = re.compile("[A-Za-z0-9]{0,16}")


class _Wish(NamedTuple):
    """What the query of a pull says; see `ChatController.pull`."""

    timeout: float
    since: str | None
    tab: str
    room: str | None


class ChatController(BaseController):
    """Push and pull, as text for shells and as JSON for the page.

    Args:
        rooms: where it is spoken.
        roster: who is there.
        speech: by which it is spoken.
        pull_timeout: the longest wait of a pull, in seconds.
    """

    def __init__(self, rooms: Rooms, roster: Roster, speech: Speech, pull_timeout: float) -> None:
        self.rooms = rooms
        self.roster = roster
        self._speech = speech
        self._pull_timeout = pull_timeout
        # A client that polls wishes the same again and again.
        self._wishes = lru_cache(maxsize=1024)(self._read_query)

    def push(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /chat/push``: the body is a message; answers ``ok <seq>``.

        Or a command (see `chatapp.lib.commands`); ``ok`` alone when that says nothing. It needs no
        client: who only pushes costs no queue and no watcher. Query: ``room`` speaks elsewhere than
        in the main room.
        """
        self._speech.admit(request)
        room = self._room(request.query.get("room"))
        uncompressed(request.environ)
        text = self._text((yield from request.body()))
        message = yield from self._speech.obey(request, room, text)
        return Response(b"ok %d\r\n" % message.seq if message is not None else b"ok\r\n", TEXT)

    def pull(self, request: Request, nick: str | None = None) -> Generator[Any, Any, Response]:
        """``GET /chat/pull[/<nick>]``: what has been said since the last pull, or will be soon.

        The first pull of a session makes its client and answers at once; a later one waits if
        there is nothing. Query: ``timeout`` (seconds) shortens the wait, ``since`` (a cursor)
        resumes, ``tab`` tells the readers of one session apart, ``room`` chooses.
        """
        request.from_here()
        timeout, since, tab, number = self._wishes(request.environ["QUERY_STRING"])
        room = self._room(number)
        position = room.position(since) if since is not None else None
        name = checked_name(nick) if nick is not None else None
        if name is not None:
            self._speech.pace_name(request, name)
        client, new, news = enter(request, self.roster, room, tab, name, position, "pull")
        try:
            if news is not None or self.roster.reaper is None:
                yield from settle(request, self.roster, news)
            receipt = request.gate.receipt = Receipt()
            wait = 0.0 if new else timeout
            answer = yield from read(request, client, receipt, position, wait)
        finally:
            self.roster.rest(client)
        return answered(room, answer, JSON if request.wants_json else TEXT)

    def _room(self, number: str | None) -> Room:
        return self.rooms.main if number is None else self.rooms.find(number)

    def _text(self, body: bytes) -> str:
        body = body.rstrip()
        if len(body) > self._speech.most:
            raise Refusal(413, f"A message has at most {self._speech.most} bytes.")
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            raise Refusal(400, "A message is UTF-8 text.") from None

    def _read_query(self, text: str) -> _Wish:
        query = fields(text)
        return _Wish(
            min(seconds(query, "timeout", self._pull_timeout), self._pull_timeout),
            query.get("since"),
            self._tab(query.get("tab", "")),
            query.get("room"),
        )

    @staticmethod
    def _tab(tab: str) -> str:
        if not _TAB.fullmatch(tab):
            raise Refusal(400, "tab has at most 16 letters and digits.")
        return tab
