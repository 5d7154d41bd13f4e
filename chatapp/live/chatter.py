"""The chat of the ancestor, at ``/chatter``: a box for a name, then one to say something.

A page is a client of the default room like every other transport: a bounded queue that a watcher
fills. What it holds goes to the page by calls, each only after the result of the one before; so a
slow page costs that queue and one call, and reads the rest from the room's log or the store later,
or is told what it has missed.

What the page is told is a list of lines, each ``[kind, sender, text, number]``: the kinds of
`Message`, and ``aside`` for what the server says to this page alone. The number is that of the
message, and in a ``removal`` that of the message that is to go; an aside has 0.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from itertools import count
from typing import Any, Final

from chatapp.lib.chat import Chat
from chatapp.lib.naming import own_name
from chatapp.lib.polling import recent
from chatapp.lib.reading import enter, read, settle
from chatapp.lib.text import gap_lines, notice_line
from chatapp.live.element import LiveElement
from chatapp.live.errors import CallError, ChannelFull, RemoteError
from chatapp.live.exposing import expose
from chatapp.model.client import Client
from chatapp.model.message import Message
from chatapp.model.ports import Unavailable
from chatapp.model.room import Position
from cogen.core.events import Sleep
from cogen.errors import OperationTimeout
from cogen.web.receipt import Receipt

__all__ = ["Chatter", "NoChat", "NotLoggedIn"]

HISTORY: Final = 50  # messages that a page is shown that comes for the first time
PATIENCE: Final = 3600.0  # seconds of one wait for the room, or for the page; then the next begins
AGAIN: Final = 2.0  # seconds until what could not be done is tried again

_pages = count(1)


class NoChat(CallError):
    """The element is not mounted in a chat."""


class NotLoggedIn(CallError):
    """`Chatter.setUsername` comes first."""


class Chatter(LiveElement):
    """One page.

    When the page goes, its client is removed at once. Its person leaves as on every transport:
    ``chat.linger`` seconds later, unless the session is back by then, by whatever way. So a reload
    is no leave and no join.
    """

    jsClass = "chatter.ChatterWidget"
    template = "chatter.html"
    stylesheet = "athena/base.css chatter.css"
    timeout = PATIENCE

    _client: Client | None = None

    def connectionMade(self) -> None:
        """Who has a name already need not type it again."""
        if self.chat is not None:
            name, chosen = own_name(self.visitor.session, self.chat.roster.people)
            if chosen:
                self.callRemote("suggest", name)

    @expose
    def setUsername(self, username: str, cursor: str = "") -> Generator[Any, Any, str]:
        """Take a name, and enter the room with it; who is there already takes another one.

        Args:
            cursor: where the page was before it lost its channel; without one it is shown the
                newest messages.

        Returns:
            The name in its normal form.

        Raises:
            NoChat: see there.
            BadName, NameTaken: it cannot have that one.
            BadCursor, Crowded, Refusal: it cannot enter now.
        """
        chat, visitor = self._chat(), self.visitor
        room = chat.rooms.main
        position = room.position(cursor) if cursor else None
        chat.speech.pace(visitor)
        yield from chat.speech.rename(visitor, username)
        if self._client is None:
            client, _, news = enter(visitor, chat.roster, room, f"~live{next(_pages)}")
            self._client = client
            undo = self.finally_do(partial(chat.roster.drop, client))
            yield from settle(visitor, chat.roster, news)
            self.begin(self._stay(chat, client, position, undo))
        return _name(self._client)

    @expose
    def say(self, text: str) -> Generator[Any, Any, str]:
        """Say it, or do what it wants (``/nick``, ``/me``); gives the name that one has then.

        Raises:
            NotLoggedIn: see there.
            Refusal: it is too long, empty, or came too soon.
            BadName, NameTaken, Unavailable: it cannot be done.
        """
        chat, client = self._chat(), self._client
        if client is None:
            raise NotLoggedIn("Choose a username first.")
        visitor = self.visitor
        chat.speech.pace(visitor)
        yield from chat.speech.obey(visitor, client.room, text)
        return _name(client)

    def _chat(self) -> Chat:
        if self.chat is None:
            raise NoChat("There is no chat here.")
        return self.chat

    def _stay(
        self, chat: Chat, client: Client, position: Position | None, undo: Callable[[], Any]
    ) -> Generator[Any, Any, None]:
        """Until the page goes, or may not be here any more."""
        yield from self._deliver(client, position)
        undo()
        chat.roster.drop(client)
        self._client = None
        self.callRemote("loggedOut", "You are not in the room any more.")

    def _deliver(self, client: Client, position: Position | None) -> Generator[Any, Any, None]:
        """Tell the page what the room says, while it is there."""
        visitor, room, reading = self.visitor, client.room, True
        while not client.ended:
            try:
                if position is None:
                    answer, method = (yield from recent(visitor, room, HISTORY)), "displayPast"
                else:
                    answer = yield from read(visitor, client, Receipt(), position, PATIENCE)
                    method = "displayLines"
                reading = True
            except Unavailable as outage:
                if reading:
                    yield from self._show("displayLines", client, [], [notice_line(str(outage))])
                reading = False
                yield Sleep(AGAIN)
                continue
            if answer:
                yield from self._show(method, client, answer.messages, gap_lines(answer))
            position = Position(answer.end)

    def _show(
        self, method: str, client: Client, messages: Sequence[Message], asides: Sequence[bytes]
    ) -> Generator[Any, Any, None]:
        """Let the page show these, in as many calls as it takes, and wait until it has."""
        cursor = client.room.cursor(messages[-1].seq) if messages else ""
        while True:
            lines = [("aside", "", aside.decode(), 0) for aside in asides]
            lines += [_line(message) for message in messages]  # one may be removed meanwhile
            try:
                yield self.callRemote(method, lines, cursor, _name(client))
            except ValueError:
                break
            except ChannelFull:
                yield Sleep(AGAIN)
            except (RemoteError, OperationTimeout):  # it has them, whatever became of it
                return
            else:
                return
        if len(messages) > 1:
            half = len(messages) // 2
            yield from self._show(method, client, messages[:half], asides)
            yield from self._show(method, client, messages[half:], [])
        else:
            (message,) = messages
            too_long = notice_line(f"What {message.sender} says is too long for this page")
            yield from self._show(method, client, [], [*asides, too_long])


def _line(message: Message) -> tuple[str, str, str, int]:
    return message.kind, message.sender, message.text, message.removes or message.seq


def _name(client: Client) -> str:
    name: str = client.member.person.name
    return name
