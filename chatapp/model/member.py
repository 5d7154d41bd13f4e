"""A person in a room, with the clients by which it reads there."""

from __future__ import annotations

from chatapp.model.client import Client
from chatapp.model.people import Person
from chatapp.model.room import Room

__all__ = ["Member"]


class Member:
    """A person in a room.

    Attributes:
        here: it has not left; its clients may still be there when it has.
        reading: how many of its clients do not rest.
        rested: the roster's time when the last one began to.
        clients: each of another tab. A tuple: most have one, and a dict is five times as large.
    """

    __slots__ = ("clients", "here", "person", "reading", "rested", "room")

    def __init__(self, person: Person, room: Room) -> None:
        self.person = person
        self.room = room
        self.here = False
        self.reading = 0
        self.rested = 0
        self.clients: tuple[Client, ...] = ()

    def called(self, name: str, chosen: bool) -> bool:
        """It is here, under this name."""
        person = self.person
        return self.here and person.name == name and person.chosen == chosen

    def client(self, tab: str) -> Client | None:
        """The one of this tab; "" is the tab of who names none (curl)."""
        for client in self.clients:
            if client.tab == tab:
                return client
        return None
