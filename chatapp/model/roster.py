"""Who is here: sessions with their names, and their clients.

A session is a person; each of its tabs is a client of its own. A name belongs to one session as
long as that has a client. Clients that have not pulled for a while are removed, and with them
their subscription, their queue, and at last the name. Only the place where they were is
remembered, of the last ten thousand: one that comes back goes on from there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from typing import Any, Final

from chatapp.model.client import Client
from chatapp.model.names import same_name
from chatapp.model.room import Position, Room
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.core.events import Sleep

__all__ = ["Crowded", "Member", "NameTaken", "Roster"]

REMEMBERED: Final = 10_000  # readers that have left, with the place where they were
TICKS: Final = 12  # looks for idle clients in one idle time


class NameTaken(Exception):
    """Another session that is here has the name. The argument is the name."""


class Crowded(Exception):
    """There are as many clients as there may be."""


class Member:
    """A session that is here.

    Attributes:
        session: its id.
        name: what the others see.
        clients: by tab; "" is who names none (curl).
    """

    __slots__ = ("clients", "name", "session")

    def __init__(self, session: str, name: str) -> None:
        self.session = session
        self.name = name
        self.clients: dict[str, Client] = {}


class Roster:
    """Everyone who is here.

    Args:
        room: what they read.
        queue_size: bound of each client's queue, in messages.
        idle: seconds without a pull after which a client is removed.
        most: clients at the same time.
        most_tabs: clients of one session; the one that was idle longest makes place.
    """

    def __init__(
        self, room: Room, queue_size: int, idle: float, most: int, most_tabs: int = 16
    ) -> None:
        self.room = room
        self.reaper: CoroutineInstance[None] | None = None
        self._queue_size = queue_size
        self._idle = idle
        self._most = most
        self._most_tabs = most_tabs
        self._members: dict[str, Member] = {}
        self._names: dict[str, Member] = {}
        self._resting: OrderedDict[Client, tuple[Member, str]] = OrderedDict()
        self._left: OrderedDict[tuple[str, str], Position] = OrderedDict()
        self._count = 0
        self._tick = 0

    def __len__(self) -> int:
        """How many clients there are."""
        return self._count

    def member(self, session: str) -> Member | None:
        """The session, if it is here."""
        return self._members.get(session)

    def holder(self, name: str) -> str | None:
        """The id of the session that has the name, or None."""
        member = self._names.get(same_name(name))
        return member.session if member is not None else None

    def client(
        self, session: str, tab: str, name: str, position: Position | None
    ) -> tuple[Client, bool]:
        """The client of a session's tab, and whether it was made just now.

        Args:
            name: what the session is to be called; it gives back the one it had.
            position: where a new client begins; None for where its last one was, or else for now.

        Raises:
            NameTaken: another session has it.
            Crowded: no more clients can be made.
        """
        member = self._members.get(session)
        client = member.clients.get(tab) if member is not None else None
        renamed = member is None or member.name != name
        if renamed and self.holder(name) not in (None, session):
            raise NameTaken(name)
        if client is None:
            self._make_place(member)
            member = self._members.get(session)
        if member is None or renamed:
            member = self._called(session, name)
        if client is not None:
            self._resting.pop(client, None)
            return client, False
        left = self._left.pop((session, tab), None)
        client = Client(self.room, self._queue_size, position or left)
        member.clients[tab] = client
        self._count += 1
        return client, True

    def rest(self, client: Client, session: str, tab: str) -> None:
        """A pull has ended: from now on the client is idle."""
        member = self._members.get(session)
        if member is not None and member.clients.get(tab) is client:
            client.seen = self._tick
            self._resting[client] = (member, tab)
            self._resting.move_to_end(client)

    @coro
    def reap(self) -> Generator[Any, Any, None]:
        """Remove idle clients; runs as long as there is a client."""
        try:
            while self._count:
                yield Sleep(self._idle / TICKS)
                self._tick += 1
                while self._resting:
                    client, (member, tab) = next(iter(self._resting.items()))
                    if self._tick - client.seen <= TICKS:
                        break
                    self._drop(member, tab)
        finally:
            self.reaper = None

    def _called(self, session: str, name: str) -> Member:
        """The session's member, with this name from now on."""
        member = self._members.get(session)
        if member is None:
            member = self._members[session] = Member(session, name)
        else:
            del self._names[same_name(member.name)]
            member.name = name
        self._names[same_name(name)] = member
        return member

    def _make_place(self, member: Member | None) -> None:
        """For one more client, maybe of this member."""
        if member is not None and len(member.clients) >= self._most_tabs:
            idle = [tab for tab, client in member.clients.items() if client in self._resting]
            if not idle:
                raise Crowded
            self._drop(member, min(idle, key=lambda tab: member.clients[tab].seen))
        elif self._count >= self._most:
            raise Crowded

    def _drop(self, member: Member, tab: str) -> None:
        client = member.clients.pop(tab)
        client.leave()
        self._left[member.session, tab] = client.position
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        self._resting.pop(client, None)
        self._count -= 1
        if not member.clients:
            del self._members[member.session]
            del self._names[same_name(member.name)]
