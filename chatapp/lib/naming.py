"""What a session is called, by itself and when it speaks."""

from __future__ import annotations

from itertools import chain, count

from chatapp.lib.session import Session
from chatapp.model.people import NameTaken, People

__all__ = ["own_name", "speaker"]


def own_name(session: Session, people: People) -> tuple[str, bool]:
    """What it is called, and whether it chose that.

    Who is here is called what the others see: a cookie may be older than the name, which can be
    changed over a connection that stays. Who has chosen none is given one that nobody else has.
    """
    person = people.get(session.id)
    if person is not None:
        return person.name, person.chosen
    if session.name:
        return session.name, True
    given = session.given
    if not given:
        short = session.short_name()
        return short if people.free(short, session.id) else session.short_name(12), False
    names = chain([given], (f"{given} ({number})" for number in count(2)))
    return next(name for name in names if people.free(name, session.id)), False


def speaker(session: Session, people: People) -> str:
    """In whose name it speaks.

    Raises:
        NameTaken: it was away, and its name is another's now.
    """
    name, _ = own_name(session, people)
    if not people.free(name, session.id):
        raise NameTaken(name)
    return name
