"""The main job: `ChatController.push` and `ChatController.pull`."""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import lru_cache
from typing import IO, Any, Final

from chatapp.lib.base import BaseController, Request, Response, fields
from chatapp.lib.json import answer_json
from chatapp.lib.refusal import Refusal
from chatapp.lib.session import Session
from chatapp.lib.text import answer_text
from chatapp.model.client import Answer, Client, Interrupted
from chatapp.model.names import BadName, checked_name
from chatapp.model.room import BadCursor, Position, Room
from chatapp.model.roster import Crowded, NameTaken, Roster
from cogen.web.receipt import Receipt

__all__ = ["ChatController"]

TEXT: Final = "text/plain; charset=utf-8"
JSON: Final = "application/json"

_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?")
# Not only white space and characters that take no place.
_SEEN: Final = re.compile(r"[^\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_TAB: Final = re.compile("[A-Za-z0-9]{0,16}")


class ChatController(BaseController):
    """Push and pull, as text for shells and as JSON for the page.

    Args:
        room: where it is spoken.
        roster: who is there.
        pull_timeout: the longest wait of a pull, in seconds.
        max_text: the longest message, in bytes of UTF-8.
    """

    def __init__(self, room: Room, roster: Roster, pull_timeout: float, max_text: int) -> None:
        self.room = room
        self.roster = roster
        self._pull_timeout = pull_timeout
        self._max_text = max_text
        # A client that polls wishes the same again and again.
        self._wishes = lru_cache(maxsize=1024)(self._read_query)

    def push(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /chat/push``: the body is a message; answers ``ok <seq>``.

        It needs no client: who only pushes costs no queue and no watcher.
        """
        request.from_here()
        yield request.environ["cogen.input"].whole()  # there already, unless bodies are streamed
        text = self._text(request, request.gate.take())
        message = self.room.say(self._speaker(request.session), text)
        return Response(b"ok %d\r\n" % message.seq, TEXT)

    def pull(self, request: Request, nick: str | None = None) -> Generator[Any, Any, Response]:
        """``GET /chat/pull[/<nick>]``: what has been said since the last pull, or will be soon.

        The first pull of a session makes its client and answers at once; a later one waits if
        there is nothing. Query: ``timeout`` (seconds) shortens the wait, ``since`` (a cursor)
        resumes, ``tab`` tells the readers of one session apart.
        """
        request.from_here()
        timeout, since, tab = self._wishes(request.environ["QUERY_STRING"])
        position = self._position(since) if since is not None else None
        session = request.session
        client, new = self._client(session, tab, nick, position)
        gate, core = request.gate, request.environ["cogen.core"]
        receipt = gate.receipt = Receipt()
        try:
            answer = client.resume(receipt, position)
            if client.watcher is None:
                # Known before it begins: whatever comes in between finds it, and can end it.
                client.watcher = client.watch()
                yield core.events.AddCoro(client.watcher)
            if self.roster.reaper is None:
                self.roster.reaper = self.roster.reap()
                yield core.events.AddCoro(self.roster.reaper)
            if not answer and not new and client.receipt is receipt:
                gate.operation = client.wait(timeout)
                yield b""
                if isinstance(gate.result, Interrupted):
                    timeout = gate.result.left
                if client.receipt is receipt:
                    answer = client.collect([gate.result] if gate.exception is None else [])
            if client.receipt is not receipt:
                # A newer pull reads now. Were this one answered at once, two loops of curl on one
                # cookie would chase each other as fast as they can.
                yield core.events.Sleep(timeout)
                answer = answer.withheld()
        finally:
            if client.receipt is receipt:
                self.roster.rest(client, session.id, tab)
        return self._response(request, answer)

    def _response(self, request: Request, answer: Answer) -> Response:
        """Many readers get the same answer: the newest message, and nothing else."""
        kind = JSON if request.wants_json else TEXT
        alone = answer.alone
        response: Response | None = alone.forms.get(kind) if alone is not None else None
        if response is None:
            cursor = self.room.cursor(answer.end)
            body = answer_json(answer, cursor) if kind is JSON else answer_text(answer)
            response = Response(body, kind, ("X-Chat-Cursor", cursor))
            if alone is not None:
                alone.forms[kind] = response
        return response

    def _client(
        self, session: Session, tab: str, nick: str | None, position: Position | None
    ) -> tuple[Client, bool]:
        try:
            name = checked_name(nick) if nick is not None else self._own_name(session)
            client, new = self.roster.client(session.id, tab, name, position)
        except BadName as error:
            raise Refusal(400, str(error)) from None
        except NameTaken as taken:
            raise Refusal(409, f"The name {taken} is in use; choose another one.") from None
        except Crowded:
            raise Refusal(
                503, "Too many are here; try again later.", ("Retry-After", "10")
            ) from None
        if nick is not None:
            session.rename(name)
        return client, new

    def _own_name(self, session: Session) -> str:
        """The session's name, or a short hexadecimal one that nobody else has."""
        if session.name:
            return session.name
        short = session.short_name()
        return short if self.roster.holder(short) in (None, session.id) else session.short_name(12)

    def _speaker(self, session: Session) -> str:
        name = self._own_name(session)
        if self.roster.holder(name) not in (None, session.id):
            raise Refusal(409, f"The name {name} is another's now; pull with a new one.")
        return name

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

    def _read_query(self, text: str) -> tuple[float, str | None, str]:
        """Of a pull: ``timeout``, ``since`` and ``tab``."""
        query = fields(text)
        return (
            self._timeout(query.get("timeout")),
            query.get("since"),
            self._tab(query.get("tab", "")),
        )

    def _timeout(self, given: str | None) -> float:
        if given is None:
            return self._pull_timeout
        if not _SECONDS.fullmatch(given):
            raise Refusal(400, "timeout is a number of seconds, 0 or more.")
        return min(float(given), self._pull_timeout)

    def _position(self, since: str) -> Position:
        try:
            return self.room.position(since)
        except BadCursor as error:
            raise Refusal(400, str(error)) from None

    @staticmethod
    def _tab(tab: str) -> str:
        if not _TAB.fullmatch(tab):
            raise Refusal(400, "tab has at most 16 letters and digits.")
        return tab
