"""A live view of who is parked: ``/status``."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Generator
from typing import Any, Final, get_args

from chatapp.lib.actor import Actor
from chatapp.lib.answering import JSON
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.json import encode
from chatapp.lib.metrics import Parts
from chatapp.lib.protection import Administrator, Inspector
from chatapp.lib.query import count
from chatapp.lib.refusal import Refusal
from chatapp.lib.schemas import ClientStatus, Status, Totals
from chatapp.model.client import Client, Transport
from chatapp.model.records import Note, Records
from chatapp.model.roster import Roster
from cogen.core.coroutines import coro
from cogen.core.events import Sleep

__all__ = ["StatusController"]

log = logging.getLogger(__name__)

USUAL: Final = 100  # clients in one answer, unless it is asked for more
MOST: Final = 1000
SLICE: Final = 512  # clients that are looked at before the others get their turn
DONE: Final = Response(b"", "", status="204 No Content")


class StatusController(BaseController):
    """Shows clients, wakes them, and disconnects them.

    Args:
        parts: where they are.
        administrator: who may do something to them.
        inspector: who may see them.
        records: keep what was done to them.
    """

    def __init__(
        self, parts: Parts, administrator: Administrator, inspector: Inspector, records: Records
    ) -> None:
        self._parts = parts
        self._records = records
        self._administrator = administrator
        self._inspector = inspector

    def index(self, request: Request) -> Generator[Any, Any, Response]:
        """``GET /status``, for inspectors: the clients that are farthest behind, and totals.

        Query: ``room`` and ``transport`` choose, ``order`` (``lag``, ``age``, ``idle``) says which
        come first, ``limit`` how many.
        """
        self._inspector.check(request)
        query, roster = request.query, self._parts.roster
        fits = self._filter(query)
        key = _order(query.get("order", "lag"), roster)
        limit = count(query, "limit", USUAL, MOST)
        first: list[Client] = []
        matched = queued = 0
        clients = roster.clients()
        for start in range(0, len(clients), SLICE):
            if start:
                yield from request.wait(Sleep(0))
            fitting = [*filter(fits, clients[start : start + SLICE])]
            first = heapq.nlargest(limit, [*first, *fitting], key=key)
            matched += len(fitting)
            queued += sum(client.messages.qsize() for client in fitting)
        status = Status(
            [self._described(client) for client in first],
            matched,
            queued,
            self._totals(request.gate.server.statistics()),
        )
        return Response(encode(status), JSON)

    def wake(self, request: Request, client: str) -> Generator[Any, Any, Response]:
        """``POST /status/<client>/wake``, administrator: 204; who waits is answered with what there
        is."""
        actor, found = self._administrator.check(request), self._find(client)
        found.wake()
        yield from self._note(request, actor, "client.wake", found)
        return DONE

    def disconnect(self, request: Request, client: str) -> Generator[Any, Any, Response]:
        """``POST /status/<client>/disconnect``, administrator: 204; a poll is answered, everything
        else ends, and its queue is gone."""
        actor, found = self._administrator.check(request), self._find(client)
        log.info("client %d is disconnected", found.number)
        self._parts.roster.disconnect(found)
        yield from self._note(request, actor, "client.disconnect", found)
        return DONE

    def _note(
        self, request: Request, actor: Actor, action: str, client: Client
    ) -> Generator[Any, Any, None]:
        """Afterwards: nothing is kept of what was done, and the store may be what is slow. But to
        its end, also when the administrator's connection drops: what was done is to stand there."""
        details = {"name": client.member.person.name, "transport": client.transport}
        note = actor.note(action, f"client {client.number}", room=client.room.id, **details)
        yield from request.finish(self._keep(note))

    @coro
    def _keep(self, note: Note) -> Generator[Any, Any, None]:
        yield self._records.note(note)

    def _filter(self, query: dict[str, str]) -> Callable[[Client], bool]:
        room = self._parts.rooms.find(query["room"]) if "room" in query else None
        transport = query.get("transport")
        if transport is not None and transport not in get_args(Transport):
            raise Refusal(400, f"transport is one of {', '.join(get_args(Transport))}.")
        return lambda client: (
            (room is None or client.room is room)
            and (transport is None or client.transport == transport)
        )

    def _find(self, number: str) -> Client:
        if number.isascii() and number.isdigit() and len(number) < 16:
            wanted = int(number)
            for client in self._parts.roster.clients():
                if client.number == wanted:
                    return client
        raise Refusal(404, "There is no such client, or it has gone.")

    def _described(self, client: Client) -> ClientStatus:
        room, place = client.room, client.place
        age, idle = self._parts.roster.times(client)
        return ClientStatus(
            number=client.number,
            room=room.id,
            transport=client.transport,
            name=client.member.person.name,
            cursor=room.cursor(place) if place is not None else None,
            end=room.log.end,
            lag=_lag(client),
            queued=client.messages.qsize(),
            bound=client.messages.maxsize,
            readers=client.readers,
            age=round(age, 3),
            idle=round(idle, 3),
            address=client.address,
        )

    def _totals(self, server: Any) -> Totals:
        rooms, roster, broker, pages = self._parts
        scheduler = server.scheduler
        return Totals(
            clients={name: roster.transports[name] for name in get_args(Transport)},
            people=len(roster.people),
            rooms=len(rooms),
            live_channels=sum(map(len, pages)),
            live_calls=sum(each.calls for each in pages),
            commit_queue=broker.statistics().waiting,
            connections=server.connections,
            parked=server.parked,
            coroutines=scheduler.coroutines,
            ready=scheduler.ready,
            timers=scheduler.timers,
        )


def _order(name: str, roster: Roster) -> Callable[[Client], float]:
    if name == "lag":
        return _lag
    if name == "age":
        return lambda client: -client.number  # they are numbered as they come
    if name == "idle":
        return lambda client: roster.times(client)[1]
    raise Refusal(400, "order is lag, age or idle.")


def _lag(client: Client) -> int:
    """Messages of its room that it does not have yet; 0 while that cannot be known."""
    place = client.place
    return max(0, client.room.log.end - place) if place is not None else 0
