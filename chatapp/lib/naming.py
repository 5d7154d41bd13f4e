"""What a session is called, by itself and when it speaks."""

from __future__ import annotations

from chatapp.lib.session import Session
from chatapp.model.people import NameTaken, People

__all__ = ["own_name", "speaker"]


def own_name(session: Session, people: People) -> str:
    """The name that it chose, or a short hexadecimal one that nobody else has."""
    if session.name:
        return session.name
    person = people.get(session.id)
    if person is not None and not person.chosen:
        return person.name
    short = session.short_name()
    return short if people.free(short, session.id) else session.short_name(12)


def speaker(session: Session, people: People) -> str:
    """In whose name it speaks.

    Raises:
        NameTaken: it was away, and its name is another's now.
    """
    name = own_name(session, people)
    if not people.free(name, session.id):
        raise NameTaken(name)
    return name
