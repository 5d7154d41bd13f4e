"""The main job: `ChatController.push` and `ChatController.pull`."""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import lru_cache
from typing import IO, Any, Final, NamedTuple

from chatapp.lib.base import BaseController, Request, Response, fields
from chatapp.lib.json import answer_json
from chatapp.lib.naming import speaker
from chatapp.lib.reading import enter, read, settle
from chatapp.lib.refusal import Refusal
from chatapp.lib.text import answer_text
from chatapp.model.client import Answer
from chatapp.model.names import checked_name
from chatapp.model.ports import Broker, Draft
from chatapp.model.room import Room
from chatapp.model.rooms import Rooms
from chatapp.model.roster import Roster
from cogen.web.receipt import Receipt

__all__ = ["ChatController"]

TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"

_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?")
# Not only white space and characters that take no place.
_SEEN: Final = re.compile(r"[^\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
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
        broker: accepts what is said.
        pull_timeout: the longest wait of a pull, in seconds.
        max_text: the longest message, in bytes of UTF-8.
    """

    def __init__(
        self, rooms: Rooms, roster: Roster, broker: Broker, pull_timeout: float, max_text: int
    ) -> None:
        self.rooms = rooms
        self.roster = roster
        self._broker = broker
        self._pull_timeout = pull_timeout
        self._max_text = max_text
        # A client that polls wishes the same again and again.
        self._wishes = lru_cache(maxsize=1024)(self._read_query)

    def push(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /chat/push``: the body is a message; answers ``ok <seq>``.

        It needs no client: who only pushes costs no queue and no watcher. Query: ``room`` speaks
        elsewhere than in the main room.
        """
        request.from_here()
        room = self._room(fields(request.environ["QUERY_STRING"]).get("room"))
        yield request.environ["cogen.input"].whole()  # there already, unless bodies are streamed
        text = self._text(request, request.gate.take())
        draft = Draft(room.id, speaker(request.session, self.roster.people), text)
        message, _ = yield from request.wait(self._broker.publish(draft))
        return Response(b"ok %d\r\n" % message.seq, TEXT)

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
        client, new, news = enter(request, self.roster, room, tab, name, position)
        try:
            if news is not None or self.roster.reaper is None:
                yield from settle(request, self.roster, news)
            receipt = request.gate.receipt = Receipt()
            wait = 0.0 if new else timeout
            answer = yield from read(request, client, receipt, position, wait)
        finally:
            self.roster.rest(client, request.session.id, tab)
        return self._response(request, room, answer)

    def _response(self, request: Request, room: Room, answer: Answer) -> Response:
        """Many readers get the same answer: the newest message, and nothing else."""
        kind = JSON if request.wants_json else TEXT
        alone = answer.alone
        response: Response | None = alone.forms.get(kind) if alone is not None else None
        if response is None:
            cursor = room.cursor(answer.end)
            body = answer_json(answer, cursor) if kind is JSON else answer_text(answer)
            response = Response(body, kind, ("X-Chat-Cursor", cursor))
            if alone is not None:
                alone.forms[kind] = response
        return response

    def _room(self, number: str | None) -> Room:
        return self.rooms.main if number is None else self.rooms.find(number)

    def _text(self, request: Request, file: IO[bytes]) -> str:
        coding = request.environ.get("HTTP_CONTENT_ENCODING", "identity")
        if coding.lower() != "identity":
            raise Refusal(415, "A message is sent as it is, not compressed.")
        body = file.read().rstrip()
        if len(body) > self._max_text:
            raise Refusal(413, f"A message has at most {self._max_text} bytes.")
        try:
            text = body.decode("utf-8").rstrip()
        except UnicodeDecodeError:
            raise Refusal(400, "A message is UTF-8 text.") from None
        if not _SEEN.search(text):
            raise Refusal(400, "The message is empty.")
        return text

    def _read_query(self, text: str) -> _Wish:
        query = fields(text)
        return _Wish(
            self._timeout(query.get("timeout")),
            query.get("since"),
            self._tab(query.get("tab", "")),
            query.get("room"),
        )

    def _timeout(self, given: str | None) -> float:
        if given is None:
            return self._pull_timeout
        if not _SECONDS.fullmatch(given):
            raise Refusal(400, "timeout is a number of seconds, 0 or more.")
        return min(float(given), self._pull_timeout)

    @staticmethod
    def _tab(tab: str) -> str:
        if not _TAB.fullmatch(tab):
            raise Refusal(400, "tab has at most 16 letters and digits.")
        return tab
