"""Who has which name: one name belongs to one session, as long as that is here."""

from __future__ import annotations

from chatapp.model.names import same_name

__all__ = ["NameTaken", "People", "Person"]


class NameTaken(Exception):
    """Another session that is here has the name. The argument is the name."""


class Person:
    """A session that is here, in one room or several.

    Attributes:
        session: its id.
        name: what the others see.
        chosen: the name was chosen, not given: the rooms are told of such a one's coming and going.
        rooms: how many of them it is in.
        address: of IP, where it was last seen; "" when that is not known.
    """

    __slots__ = ("address", "chosen", "name", "rooms", "session")

    def __init__(self, session: str, name: str, chosen: bool) -> None:
        self.session = session
        self.name = name
        self.chosen = chosen
        self.rooms = 0
        self.address = ""


class People:
    """All that are here, by session and by name."""

    def __init__(self) -> None:
        self._sessions: dict[str, Person] = {}
        self._names: dict[str, Person] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def get(self, session: str) -> Person | None:
        """The session's person, if it is here."""
        return self._sessions.get(session)

    def holder(self, name: str) -> str | None:
        """The id of the session that has the name, or None."""
        person = self._names.get(same_name(name))
        return person.session if person is not None else None

    def free(self, name: str, session: str) -> bool:
        """The session may have the name."""
        return self.holder(name) in (None, session)

    def called(self, session: str, name: str, chosen: bool) -> Person:
        """The session's person, with this name from now on; the one it had is free.

        Raises:
            NameTaken: another session has it.
        """
        person = self._sessions.get(session)
        if person is not None and person.name == name and person.chosen == chosen:
            return person
        if not self.free(name, session):
            raise NameTaken(name)
        if person is None:
            person = self._sessions[session] = Person(session, name, chosen)
        else:
            del self._names[same_name(person.name)]
            person.name, person.chosen = name, chosen
        self._names[same_name(name)] = person
        return person

    def gone(self, person: Person) -> None:
        """It is in no room any more."""
        del self._sessions[person.session]
        del self._names[same_name(person.name)]
