"""What a session is called, by itself and when it speaks."""

from __future__ import annotations

from itertools import chain, count

from chatapp.lib.session import Session
from chatapp.model.people import NameTaken, People

__all__ = ["own_name", "speaker"]


def own_name(session: Session, people: People) -> str:
    """The name that it chose, or one that it is given and that nobody else has."""
    if session.name:
        return session.name
    person = people.get(session.id)
    if person is not None and not person.chosen:
        return person.name
    given = session.given
    if not given:
        short = session.short_name()
        return short if people.free(short, session.id) else session.short_name(12)
    names = chain([given], (f"{given} ({number})" for number in count(2)))
    return next(name for name in names if people.free(name, session.id))


def speaker(session: Session, people: People) -> str:
    """In whose name it speaks.

    Raises:
        NameTaken: it was away, and its name is another's now.
    """
    name = own_name(session, people)
    if not people.free(name, session.id):
        raise NameTaken(name)
    return name
