"""The broker of one process: what is said waits in a line, is kept in groups, and is then heard.

Invariants:

    one group at a time is with the store; what comes meanwhile is the next group
    a message gets its number when its group begins, from the end of its room; the group is kept
    whole or not at all, so a room's numbers have no holes
    nobody hears a message, and nobody is told that it was accepted, before it is kept

Whoever published need not stay: what stands in the line is said, though its connection has dropped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from chatapp.broker.durations import Durations
from chatapp.model.message import Message
from chatapp.model.ports import Conflict, Draft, Entry, Store, Unavailable
from chatapp.model.room import Room
from chatapp.model.rooms import NoRoom, Rooms
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.core.operations import Operation
from cogen.errors import ServerClosing

__all__ = ["Accepted", "BrokerStatistics", "LocalBroker", "Publish"]

log = logging.getLogger(__name__)

GROUP: Final = 1000  # messages that are kept at once
MOST: Final = 10_000  # messages in the line; who comes then is told to come later
MICROSECONDS: Final = 1_000_000


class Accepted(NamedTuple):
    """What became of a draft.

    Attributes:
        new: False when its key had been said before; then the message is the one of that time.
    """

    message: Message
    new: bool


class _Outcome(NamedTuple):
    """Of one that stands in the line.

    Attributes:
        room: hears the message, once it is kept; None when it did long ago.
    """

    published: Publish
    accepted: Accepted
    room: Room | None


@dataclass(frozen=True, slots=True)
class BrokerStatistics:
    """A broker at one moment.

    Attributes:
        accepted: messages since the start.
        refused: messages that could not be kept, since the start.
        waiting: messages that are not kept yet.
        most: so many may stand in the line.
        commits: how long the store took to keep a group; not those that it could not keep.
    """

    accepted: int
    refused: int
    waiting: int
    most: int
    commits: Durations


class LocalBroker:
    """See `chatapp.model.ports.Broker`.

    Args:
        rooms: where messages are heard.
        store: where they are kept.
        clock: seconds since the Unix epoch.
        monotonic: seconds, never going back.
    """

    def __init__(
        self,
        rooms: Rooms,
        store: Store,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rooms = rooms
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._commits = Durations()
        self._accepted = 0
        self._refused = 0
        self._group = 0  # messages that are with the store
        self._line: list[Publish] = []
        self._pump: CoroutineInstance[None] | None = None

    def publish(self, draft: Draft) -> Publish:
        """Put it in the line, from this moment on; who waits gets `Accepted`.

        The line moves as long as somebody waits for something in it.

        Raises:
            Unavailable: here, when the line is too long; to who waits, when it cannot be kept.
            NoRoom: to who waits: the room is gone.
        """
        if len(self._line) >= MOST:
            raise Unavailable("Too much is being said at once; try again.")
        published = Publish(self, draft)
        self._line.append(published)
        return published

    def move(self, add: Callable[[Any], Any]) -> None:
        """Let the line move; ``add`` starts a coroutine."""
        if self._pump is None:
            self._pump = self._keep()
            add(self._pump)

    def statistics(self) -> BrokerStatistics:
        """What there is at this moment."""
        waiting = len(self._line) + self._group
        return BrokerStatistics(self._accepted, self._refused, waiting, MOST, self._commits)

    @coro
    def _keep(self) -> Generator[Any, Any, None]:
        try:
            while self._line:
                group, self._line = self._line[:GROUP], self._line[GROUP:]
                self._group = len(group)
                try:
                    yield from self._accept(group)
                except Unavailable as error:
                    self._refuse(group, *error.args)
                except Exception:
                    log.exception("what was said could not be kept")
                    self._refuse(group, "The message could not be kept.")
        finally:
            self._group = 0
            self._pump = None

    def _accept(self, group: list[Publish]) -> Generator[Any, Any, None]:
        outcomes = self._number(group, {})
        try:
            yield from self._append(outcomes)
        except Conflict:  # a key was said before; that is rare, so it is looked up only now
            keys = [(each.draft.room, each.draft.key) for each in group if each.draft.key]
            outcomes = self._number(group, (yield self._store.find(keys)))
            yield from self._append(outcomes)
        for published, accepted, room in outcomes:
            if room is not None:  # also while it is being removed, which may fail
                room.hear(accepted.message)
            published.settle(accepted)

    def _append(self, outcomes: list[_Outcome]) -> Generator[Any, Any, None]:
        entries = [
            Entry(accepted.message, published.draft.key)
            for published, accepted, _ in outcomes
            if accepted.new
        ]
        if entries:
            begun = self._monotonic()
            yield self._store.append(entries)
            self._commits.add(self._monotonic() - begun)
            self._accepted += len(entries)

    def _number(self, group: list[Publish], said: dict[tuple[int, str], Message]) -> list[_Outcome]:
        """Give each its message.

        Args:
            said: what is kept already, by room and key.
        """
        now = int(self._clock() * MICROSECONDS)
        newest: dict[int, Message] = {}
        outcomes: list[_Outcome] = []
        for published in group:
            number, sender, text, kind, key = published.draft
            message = said.get((number, key)) if key else None
            room: Room | None = None
            if message is None:
                room = self._rooms.get(number)
                if room is None:
                    published.settle(NoRoom("The room is no longer there."))
                    continue
                last = newest.get(number)
                end, time = (last.seq, last.time) if last else (room.log.end, room.time)
                message = Message(number, end + 1, max(now, time + 1), sender, kind, text)
                newest[number] = message
                if key:
                    said[number, key] = message
            outcomes.append(_Outcome(published, Accepted(message, room is not None), room))
        return outcomes

    def _refuse(self, group: list[Publish], why: str) -> None:
        self._refused += len(group)
        for published in group:
            published.settle(Unavailable(why))


class Publish(Operation[Accepted]):
    """See `LocalBroker.publish`. It has its outcome whether anybody waits for it or not."""

    __slots__ = ("_broker", "_settled", "draft")

    def __init__(self, broker: LocalBroker, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self._broker = broker
        self._settled: Accepted | Exception | None = None

    def settle(self, outcome: Accepted | Exception) -> None:
        """The broker's call; the first counts."""
        if self._settled is None:
            self._settled = outcome
            self.wake()

    def fail(self, error: BaseException) -> bool:
        # The server's end does not end it: what stands in the line will be said.
        return False if isinstance(error, ServerClosing) else super().fail(error)

    def _begin(self) -> bool:
        if self._settled is None:
            self._broker.move(self.scheduler.add)
        return self._settled is not None

    def _take(self, outcome: Any) -> Accepted:
        settled = self._settled
        assert settled is not None
        if isinstance(settled, Exception):
            raise settled
        return settled
