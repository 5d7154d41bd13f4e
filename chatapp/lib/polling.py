"""How an action reads rooms without a client: the cursor that it is given is all that there is.

`attend` says that the session is here while its request waits, `follow` reads what is there, and
`wait_for_more` waits until there is more.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack
from typing import Any, Final

from chatapp.lib.base import Request
from chatapp.lib.query import count, seconds
from chatapp.lib.reading import enter, settle
from chatapp.lib.refusal import Refusal
from chatapp.lib.visitor import Visitor
from chatapp.model.client import Answer, Client
from chatapp.model.guests import Guest
from chatapp.model.ports import Page
from chatapp.model.room import Position, Room
from chatapp.model.roster import Roster
from cogen.core.events import AnyOf

__all__ = ["attend", "before", "follow", "limit_of", "recent", "wait_for_more", "wait_of"]

# Of the client that stands for all polls of a session in a room; no tab can be called so.
TAB: Final = "~poll"
MOST: Final = 1000  # messages in one answer
USUAL: Final = 100  # unless it is asked for more
LONGEST: Final = 60.0  # seconds of one wait
SIZE: Final = 512 * 1024  # characters in one answer; a longer message alone is let in


def limit_of(query: dict[str, str]) -> int:
    """How many messages are asked for: ``limit``. Raises `Refusal`."""
    return count(query, "limit", USUAL, MOST)


def wait_of(query: dict[str, str]) -> float:
    """How long is to be waited if there are none: ``wait``, in seconds. Raises `Refusal`."""
    wait = seconds(query, "wait", 0.0)
    if wait > LONGEST:
        raise Refusal(400, f"wait is at most {LONGEST:.0f} seconds.")
    return wait


def attend(
    request: Request, roster: Roster, rooms: Iterable[Room], stack: ExitStack
) -> Generator[Any, Any, list[Client]]:
    """The request's session is in these rooms until the stack is left, by these clients.

    Raises:
        Refusal: a page of another site asks.
        NameTaken: another session has its name by now.
        Crowded: no more can be here.
    """
    request.from_here()
    clients: list[Client] = []
    for room in rooms:
        client, _, news = enter(request, roster, room, TAB, transport="poll")
        clients.append(client)
        stack.callback(roster.rest, client)
        if news is not None or roster.reaper is None:
            yield from settle(request, roster, news)
    return clients


def follow(
    visitor: Visitor, room: Room, position: Position, limit: int
) -> Generator[Any, Any, Answer]:
    """What comes after a place, out of the log or the store; maybe nothing.

    Raises:
        Unavailable: the store cannot be read now.
    """
    seq, restarted = position
    batch = room.read(seq, limit, SIZE)
    if batch is not None:
        return Answer(batch, batch.end, batch.missed, restarted)
    page = yield from visitor.wait(room.past(seq, limit, SIZE))
    answer = Answer.recalled(position, page)
    room.gaps.tell(answer.missed)
    return answer


def recent(visitor: Visitor, room: Room, limit: int) -> Generator[Any, Any, Answer]:
    """The newest messages, with which somebody begins who has missed nothing.

    Raises:
        Unavailable: the store cannot be read now.
    """
    start = max(0, room.log.end - limit)
    batch = room.read(start, limit, SIZE)
    if batch is not None:
        return Answer(batch, batch.end, 0, False)
    page = yield from visitor.wait(room.past(start, limit, SIZE))
    answer = Answer.recalled(Position(start), page)
    return Answer(answer.messages, answer.end, 0, False)


def before(visitor: Visitor, room: Room, seq: int, limit: int) -> Generator[Any, Any, Page]:
    """The newest messages before message ``seq``; maybe none.

    Raises:
        Unavailable: the store cannot be read now.
    """
    page: Page = yield from visitor.wait(room.before(seq, limit, SIZE))
    return page


def wait_for_more(
    request: Request,
    places: Sequence[tuple[Room, int]],
    wait: float,
    clients: Sequence[Client | Guest] = (),
) -> Generator[Any, Any, None]:
    """Until one of these rooms has a message after this one, or the time is over.

    Also when the server goes down, or one of the clients is woken or removed.

    Args:
        clients: that `attend` gave, for the same rooms; or the guest who waits.
    """
    if len(places) == 1:
        ((room, seq),) = places
        operation: Any = room.log.fetch(room.log.subscribe(since=seq), wait)
    else:
        fetches = [room.log.fetch(room.log.subscribe(since=seq)) for room, seq in places]
        operation = AnyOf(*fetches, timeout=wait)
    try:
        for client, (_, seq) in zip(clients, places, strict=False):
            if client.ended:
                return
            client.poll(operation, seq)
        request.gate.operation = operation
        yield b""  # what it gives is not looked at: it may be more than is to be answered
    finally:
        for client in clients:
            client.polled(operation)
