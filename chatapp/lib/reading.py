"""How a visitor reads a room: what every transport does between a client and its answer.

`enter` lets the session in, `settle` tells the room, `read` waits for what comes. Whoever has
entered rests in the end (`Roster.rest`), or is let go (`Roster.drop`), however it ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

from chatapp.lib.naming import own_name
from chatapp.lib.visitor import Visitor
from chatapp.model.client import Answer, Client, Interrupted, Transport
from chatapp.model.message import Message
from chatapp.model.ports import Unavailable
from chatapp.model.room import Position, Room
from chatapp.model.rooms import NoRoom
from chatapp.model.roster import Entered, Roster
from cogen.core.events import AddCoro, Sleep
from cogen.errors import OperationTimeout
from cogen.web.receipt import Receipt

__all__ = ["enter", "let_in", "read", "settle"]


def enter(
    visitor: Visitor,
    roster: Roster,
    room: Room,
    tab: str,
    nick: str | None = None,
    position: Position | None = None,
    transport: Transport = "live",
) -> Entered:
    """The client of the visitor's session begins to read; it is made if there is none.

    Args:
        nick: the name that the session takes, as `checked_name` gave it; None for its own.
        position: where a new client begins; None for where its last one was, or else for now.
        transport: by which it reads; elements of live pages need not say it.

    Raises:
        NameTaken: another session has the name.
        Crowded: no more clients can be made.
        Sanctioned: it was sent out.
    """
    let_in(visitor, roster, room)
    session = visitor.session
    name, chosen = own_name(session, roster.people) if nick is None else (nick, True)
    entered = roster.enter(room, session.id, tab, name, chosen, position, transport)
    entered.client.member.person.address = visitor.address
    if entered.new:
        entered.client.address = visitor.address
    if chosen:
        session.rename(name)
    return entered


def let_in(visitor: Visitor, roster: Roster, room: Room) -> None:
    """Check that it may read in the room; `enter` does so itself.

    Raises:
        Sanctioned: it was sent out.
    """
    if roster.sanctions:
        roster.sanctions.admit(room.id, visitor.session.id, visitor.address)


def settle(visitor: Visitor, roster: Roster, news: Any) -> Generator[Any, Any, None]:
    """After `enter`, or another call of the roster: wait until the rooms have its news.

    Without them, if they cannot be kept: people are here, whether that is written down or not.
    """
    if roster.reaper is None:
        roster.reaper = roster.reap()
        yield from visitor.wait(AddCoro(roster.reaper))
    if news is not None:
        with contextlib.suppress(Unavailable, NoRoom):
            yield from visitor.wait(news)


def read(
    visitor: Visitor, client: Client, receipt: Receipt, position: Position | None, wait: float
) -> Generator[Any, Any, Answer]:
    """What there is for a client, or will be within ``wait`` seconds; maybe nothing.

    Args:
        receipt: will know whether this answer arrives.
        position: where the reader says it is; None to go by what arrived.

    Raises:
        Unavailable: what it has missed cannot be read now.
    """
    answer = client.resume(receipt, position)
    place = client.confirmed
    if answer is None:
        answer = yield from _recall(visitor, client)
    if client.watcher is None and not (client.behind or client.ended):
        # Known before it begins: whatever comes in between finds it, and can end it.
        client.watcher = client.watch()
        yield from visitor.wait(AddCoro(client.watcher))
    if wait and not answer and client.answers(receipt):
        messages: list[Message] = []
        try:
            messages.append((yield from visitor.wait(client.wait(wait))))
            wait = 0.0
        except Interrupted as interrupted:
            wait = interrupted.left
        except OperationTimeout:
            wait = 0.0
        if client.answers(receipt):
            answer = client.collect(messages)
            if answer is None:
                answer = yield from _recall(visitor, client)
    if not client.answers(receipt):
        if not client.ended:
            # A newer pull reads now. Were this one answered at once, two loops of curl on one
            # cookie would chase each other as fast as they can.
            pause = Sleep(wait)
            client.poll(pause)
            try:
                with contextlib.suppress(OperationTimeout, Interrupted):
                    yield from visitor.wait(pause)
            finally:
                client.polled(pause)
        return Answer([], place, 0, False)
    assert answer is not None
    return answer


def _recall(visitor: Visitor, client: Client) -> Generator[Any, Any, Answer | None]:
    """None: meanwhile a newer pull has begun, or the client was removed."""
    receipt = client.receipt
    page = yield from visitor.wait(client.past())
    return client.recall(page) if receipt is not None and client.answers(receipt) else None
