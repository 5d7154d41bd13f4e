"""How something is said: what every way to speak goes through, before it has its place."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator
from hashlib import blake2b
from typing import Any, Final

from chatapp.lib.base import Request
from chatapp.lib.commands import parse_command
from chatapp.lib.naming import own_name, speaker
from chatapp.lib.protection import Limit
from chatapp.lib.reading import let_in, settle
from chatapp.lib.refusal import Refusal
from chatapp.lib.visitor import Visitor
from chatapp.model.message import Kind, Message
from chatapp.model.names import checked_name
from chatapp.model.ports import Broker, Draft, Unavailable
from chatapp.model.room import Room
from chatapp.model.rooms import NoRoom
from chatapp.model.roster import Roster
from chatapp.model.speakers import Speakers

__all__ = ["Speech"]

ESCAPED: Final = 6  # bytes of JSON, or of a form, for one of text at the most: \u001b
REST: Final = 1024  # bytes for everything else in such a body

# Not only white space and characters that take no place.
_SEEN: Final = re.compile(r"[^\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class Speech:
    """Lets sessions speak.

    Args:
        roster: who has which name.
        broker: accepts what is said.
        pushes: how often one may speak.
        logins: how often one may choose a name.
        most: the longest message, in bytes of UTF-8.

    Attributes:
        speakers: who has spoken.
    """

    def __init__(
        self, roster: Roster, broker: Broker, pushes: Limit, logins: Limit, most: int
    ) -> None:
        self.most = most
        self.speakers = Speakers()
        self._roster = roster
        self._broker = broker
        self._pushes = pushes
        self._logins = logins

    def admit(self, request: Request) -> None:
        """Before its body is looked at.

        Raises:
            Refusal: a page of another site sent it, or it came too soon.
        """
        request.from_here()
        self.pace(request)

    def pace(self, visitor: Visitor) -> None:
        """Of `admit`, what concerns everybody: a request, or a line of a connection that stays.

        Raises:
            Refusal: it came too soon.
        """
        self._pushes.check(visitor)

    def pace_name(self, visitor: Visitor, name: str | None = None) -> None:
        """Before it takes another name.

        Args:
            name: the one, as `checked_name` gave it; nothing is looked at if it is called so
                already. (That may be another name than its session's, which is a cookie's, or a
                connection's, and maybe an old one.) None while it is not known.

        Raises:
            Refusal: it did so too often.
            Sanctioned: it may not speak: the rooms would hear of it.
        """
        if name is not None and (name, True) == own_name(visitor.session, self._roster.people):
            return
        self._logins.check(visitor)
        self._hush(visitor, None)

    def checked(self, text: str) -> str:
        """The message without white space at its end.

        Raises:
            Refusal: nothing of it can be seen, or it is too long.
        """
        text = text.rstrip()
        if len(text) > self.most or len(text.encode("utf-8", "replace")) > self.most:
            raise Refusal(413, f"A message has at most {self.most} bytes.")
        if not _SEEN.search(text):
            raise Refusal(400, "The message is empty.")
        return text

    def say(
        self, visitor: Visitor, room: Room, text: str, kind: Kind = "say", nonce: str | None = None
    ) -> Generator[Any, Any, tuple[Message, bool]]:
        """Say it, to the letter; gives the message, and whether it is new.

        Args:
            text: as `checked` gave it.
            kind: ``say``, or ``notice``: what the sender does, which the name is put before.
            nonce: the same again, of the same session, is the same message.

        Raises:
            NameTaken, NoRoom, Sanctioned, Unavailable: it cannot be said now.
        """
        session = visitor.session
        self._hush(visitor, room.id)
        sender = speaker(session, self._roster.people)
        self.speakers.spoke(sender, session.id, visitor.address)
        if kind == "notice":
            text = f"{sender} {text}"
        key = None
        if nonce is not None:  # not the session's id itself: who reads the store is not to have it
            salt = session.id.encode("utf-8", "replace")[:64]
            key = blake2b(nonce.encode(), key=salt, digest_size=16).hexdigest()
        draft = Draft(room.id, sender, text, kind, key)
        said: tuple[Message, bool] = yield from visitor.wait(self._broker.publish(draft))
        return said

    def announce(self, visitor: Visitor, room: Room, text: str) -> Generator[Any, Any, None]:
        """Let a room know what happens; without it, if it cannot be kept.

        Raises:
            Sanctioned: it is not to happen: who does it was sent out.
        """
        let_in(visitor, self._roster, room)
        sender, _ = own_name(visitor.session, self._roster.people)
        with contextlib.suppress(Unavailable, NoRoom):
            yield from visitor.wait(self._broker.publish(Draft(room.id, sender, text, "notice")))

    def obey(self, visitor: Visitor, room: Room, text: str) -> Generator[Any, Any, Message | None]:
        """Say it, or do what it wants (see `chatapp.lib.commands`); None when nothing was said.

        Raises:
            BadName: see `checked_name`.
            NameTaken, NoRoom, Sanctioned, Unavailable: it cannot be said now.
        """
        verb, text = parse_command(self.checked(text))
        if verb == "nick":
            yield from self.rename(visitor, text)
            return None
        message, _ = yield from self.say(visitor, room, text, "notice" if verb == "me" else "say")
        return message

    def rename(self, visitor: Visitor, name: str) -> Generator[Any, Any, str]:
        """Be called so from now on; gives the name in its normal form.

        Raises:
            BadName: see `checked_name`.
            NameTaken: another session has it.
            Sanctioned: it may not speak: the rooms would hear of it.
        """
        name = checked_name(name)
        session = visitor.session
        self.pace_name(visitor, name)
        news = self._roster.rename(session.id, name, chosen=True)
        session.rename(name)
        if news is not None:
            yield from settle(visitor, self._roster, news)
        return name

    def _hush(self, visitor: Visitor, room: int | None) -> None:
        sanctions = self._roster.sanctions
        if sanctions:
            sanctions.hush(room, visitor.session.id, visitor.address)
