"""Who is in which room: people, and their clients.

A session is a person; each of its tabs in a room is a client of its own. Two clocks run when the
last of a person's clients in a room rests: after ``linger`` seconds it has left the room, and in
the last room its name is free; so a person stays between two polls, and when it changes from one
transport to another. After ``idle`` seconds a client is removed, and with it its subscription and
its queue. Only the place where it was is remembered, of the last ten thousand: one that comes back
goes on from there.

Who has chosen a name is announced: the room is told of its coming and going.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Generator, Iterator
from math import ceil
from typing import Any, Final, NamedTuple

from chatapp.model.client import Bounds, Client, Transport
from chatapp.model.member import Member
from chatapp.model.message import Kind
from chatapp.model.people import NameTaken, People
from chatapp.model.places import Places
from chatapp.model.ports import Broker, Draft, Unavailable
from chatapp.model.room import Position, Room
from chatapp.model.sanctions import Sanctions
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.core.events import Sleep

__all__ = ["Crowded", "Entered", "Roster"]

log = logging.getLogger(__name__)

TICKS: Final = 12  # looks at who rests, in the shorter of the two times


class Crowded(Exception):
    """There are as many clients as there may be."""


class Entered(NamedTuple):
    """A client that begins to read.

    Attributes:
        new: it was made just now.
        news: what is to be waited for before it reads: the room is being told that it has come.
    """

    client: Client
    new: bool
    news: Any


class Roster:
    """Everyone who is here.

    Args:
        broker: announces them.
        bounds: of each client's queue.
        idle: seconds without a pull, after which a client is removed.
        linger: seconds without a pull, after which a person has left.
        most: clients at the same time.
        most_tabs: of one person in one room; the one that was idle longest makes place.
        sanctions: None for none.

    Attributes:
        people: all of them.
        sanctions: whom to let in, and whom to let speak; for who does so.
        reaper: the coroutine that removes who has gone; None while nobody is here. Whoever lets
            somebody in starts it.
        most, transports: of clients; how many there may be, and there are by each transport.
    """

    def __init__(
        self,
        broker: Broker,
        bounds: Bounds,
        idle: float,
        linger: float,
        most: int,
        most_tabs: int = 16,
        sanctions: Sanctions | None = None,
    ) -> None:
        self.people = People()
        self.sanctions = Sanctions() if sanctions is None else sanctions
        self.reaper: CoroutineInstance[None] | None = None
        self._broker = broker
        self._bounds = bounds
        self._look = min(idle, linger) / TICKS
        self._idle = ceil(idle / self._look)
        self._linger = ceil(linger / self._look)
        self.most = most
        self.transports: Counter[Transport] = Counter()
        self._most_tabs = most_tabs
        self._members: defaultdict[int, dict[str, Member]] = defaultdict(dict)
        self._lingering: OrderedDict[Member, None] = OrderedDict()
        self._resting: OrderedDict[Client, None] = OrderedDict()
        self._left = Places()
        self._count = 0
        self._came = 0
        self._tick = 0

    def __len__(self) -> int:
        """How many clients there are."""
        return self._count

    def clients(self) -> list[Client]:
        """All of them."""
        members = [each for room in self._members.values() for each in room.values()]
        return [client for member in members for client in member.clients]

    def times(self, client: Client) -> tuple[float, float]:
        """Seconds since it came, and since nobody reads by it; as exact as the reaper looks."""
        idle = 0 if client.readers else self._tick - client.seen
        return (self._tick - client.came) * self._look, idle * self._look

    def members(self, room: Room) -> list[Member]:
        """Who is in the room."""
        return [member for member in self._members.get(room.id, {}).values() if member.here]

    def names(self, room: Room) -> list[str]:
        """Of all who are in the room, in their order."""
        names = [member.person.name for member in self.members(room)]
        return sorted(names, key=lambda name: (name.casefold(), name))

    # Coming

    def enter(
        self,
        room: Room,
        session: str,
        tab: str,
        name: str,
        chosen: bool,
        position: Position | None = None,
        transport: Transport = "pull",
    ) -> Entered:
        """The client of a session's tab in a room begins to read; it is made if there is none.

        Args:
            name: what the session is to be called; it gives back the one it had.
            chosen: see `Person`.
            position: where a new client begins; None for where its last one was, or else for now.
            transport: by which a new client reads.

        Raises:
            NameTaken: another session has it.
            Crowded: no more clients can be made.
        """
        member = self._members[room.id].get(session)
        client = member.client(tab) if member is not None else None
        new, news = client is None, None
        if client is None or member is None or not member.called(name, chosen):
            if client is None:
                if not self.people.free(name, session):
                    raise NameTaken(name)
                self._make_place(member)
            news = self.rename(session, name, chosen)
            member = self._member(room, session, name, chosen)
            if not member.here:
                news = self._arrive(member) or news
            if client is None:
                left = self._left.take(room.id, session, tab)
                client = Client(room, self._bounds, position or left, tab, transport)
                self._add(client, member)
        if not client.readers:
            self._resting.pop(client, None)
            self._lingering.pop(member, None)
            member.reading += 1
        client.readers += 1
        return Entered(client, new, news)

    def join(self, room: Room, session: str, name: str, address: str = "") -> Any:
        """A session is in the room from now on, though it does not read yet: as if a client rested.

        Args:
            address: see `Person`.

        Returns:
            The news of it, to be waited for; None if there is none.

        Raises:
            NameTaken: another session has the name.
        """
        news = self.rename(session, name, chosen=True)
        member = self._member(room, session, name, chosen=True)
        member.person.address = address
        if not member.here:
            news = self._arrive(member) or news
        if not member.reading:
            self._linger_on(member)
        return news

    def rename(self, session: str, name: str, chosen: bool) -> Any:
        """The session is called so from now on, in all rooms that it is in; they are told.

        Returns:
            The news of it, to be waited for; None if there is none.

        Raises:
            NameTaken: another session has the name.
        """
        person = self.people.get(session)
        if person is None:
            if not self.people.free(name, session):
                raise NameTaken(name)
            return None
        if person.name == name and person.chosen == chosen:
            return None
        before = person.name, person.chosen
        self.people.called(session, name, chosen)
        news = None
        for member in self._seats(session):
            news = self._announce_name(member, *before) or news
        return news

    # Resting, and going

    def rest(self, client: Client) -> None:
        """A pull has ended: when it was the last one, the client is idle from now on."""
        client.readers -= 1
        if client.ended:
            if client.begun:  # maybe only after it was removed
                self._left.remember(client)
        elif not client.readers:
            member: Member = client.member
            client.seen = self._tick
            self._resting[client] = None
            member.reading -= 1
            if not member.reading and member.here:
                self._linger_on(member)

    def drop(self, client: Client) -> None:
        """A client that comes only once has ended: it is removed at once, its place forgotten."""
        if not client.ended:
            self.disconnect(client)
        self._left.forget(client)

    def disconnect(self, client: Client) -> None:
        """It is removed; who reads by it goes on at once, and may come back to where it was."""
        member: Member = client.member
        self._remove(client)
        if not member.reading and member.here:
            self._linger_on(member)
        self._forget(member)

    def leave(self, session: str, room: Room | None = None) -> Any:
        """The session is at once not in this room any more; or in no room, if None is named.

        Returns:
            The news, as `join` does.
        """
        news = None
        for member in list(self._seats(session)):
            if room is None or member.room is room:
                news = self._part(member) or news
                self._empty(member)
        return news

    def close(self, room: Room) -> None:
        """The room is gone: nobody is in it any more, and who waits goes on."""
        for member in list(self._members[room.id].values()):
            if member.here:
                self._depart(member)
            self._empty(member)
        del self._members[room.id]

    @coro
    def reap(self) -> Generator[Any, Any, None]:
        """Remove who has gone; runs as long as there is somebody."""
        try:
            while self._count or self._lingering:
                yield Sleep(self._look)
                self._tick += 1
                news = self._reap()
                if news is not None:
                    try:
                        yield news  # so that the broker's line moves
                    except (Unavailable, LookupError):
                        log.warning("a room could not be told of who has left")
        finally:
            self.reaper = None

    def _reap(self) -> Any:
        news = None
        while self._lingering:
            member = next(iter(self._lingering))
            if self._tick - member.rested <= self._linger:
                break
            news = self._part(member) or news
            self._forget(member)
        while self._resting:
            client = next(iter(self._resting))
            if self._tick - client.seen <= self._idle:
                break
            member = client.member
            self._remove(client)
            self._forget(member)
        return news

    # Inside

    def _seats(self, session: str) -> Iterator[Member]:
        """Of a session, in every room that it is in."""
        for members in self._members.values():
            member = members.get(session)
            if member is not None and member.here:
                yield member

    def _member(self, room: Room, session: str, name: str, chosen: bool) -> Member:
        person = self.people.called(session, name, chosen)
        members = self._members[room.id]
        member = members.get(session)
        if member is None:
            member = members[session] = Member(person, room)
        member.person = person
        return member

    def _add(self, client: Client, member: Member) -> None:
        client.member = member
        client.came = self._tick
        client.number = self._came = self._came + 1
        member.clients += (client,)
        self._count += 1
        self.transports[client.transport] += 1

    def _arrive(self, member: Member) -> Any:
        member.here = True
        member.person.rooms += 1
        return self._tell(member, "join", "joined") if member.person.chosen else None

    def _depart(self, member: Member) -> None:
        member.here = False
        self._lingering.pop(member, None)
        person = member.person
        person.rooms -= 1
        if not person.rooms:
            self.people.gone(person)

    def _part(self, member: Member) -> Any:
        """It leaves the room, which is told."""
        self._depart(member)
        return self._tell(member, "leave", "left") if member.person.chosen else None

    def _announce_name(self, member: Member, before: str, chosen: bool) -> Any:
        name = member.person.name
        if chosen and member.person.chosen:
            return self._say(member, "notice", f"user {before} is now {name}")
        if member.person.chosen:
            return self._tell(member, "join", "joined")
        return None

    def _tell(self, member: Member, kind: Kind, did: str) -> Any:
        return self._say(member, kind, f"user {member.person.name} has {did} the room")

    def _say(self, member: Member, kind: Kind, text: str) -> Any:
        try:
            return self._broker.publish(Draft(member.room.id, member.person.name, text, kind))
        except Unavailable:
            log.warning("a room could not be told of %s", kind)
            return None

    def _linger_on(self, member: Member) -> None:
        member.rested = self._tick
        self._lingering[member] = None
        self._lingering.move_to_end(member)

    def _make_place(self, member: Member | None) -> None:
        """For one more client, maybe of this member."""
        if member is not None and len(member.clients) >= self._most_tabs:
            idle = [client for client in member.clients if not client.readers]
            if not idle:
                raise Crowded
            self._remove(min(idle, key=lambda client: client.seen))
        elif self._count >= self.most:
            raise Crowded

    def _remove(self, client: Client) -> None:
        member: Member = client.member
        member.clients = tuple(each for each in member.clients if each is not client)
        client.end()
        if client.begun:
            self._left.forget(client)
            self._left.remember(client)
        self._resting.pop(client, None)
        if client.readers:
            member.reading -= 1
        self._count -= 1
        self.transports[client.transport] -= 1

    def _empty(self, member: Member) -> None:
        for client in member.clients:
            self._remove(client)
        self._forget(member)

    def _forget(self, member: Member) -> None:
        if not (member.here or member.clients):
            self._members[member.room.id].pop(member.person.session, None)
