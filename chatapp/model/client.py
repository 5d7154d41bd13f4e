"""A client: one reader of a room, a bounded queue that a watcher coroutine fills.

Invariants:

    confirmed <= sent <= everything in the queue, which goes on from sent without a hole
    what was sent is confirmed by the next pull: by its cursor; without one, when the last answer
    arrived whole (see `cogen.web.receipt`)
    when anything else comes (another cursor, an answer that was lost, a queue that overflowed) the
    queue is thrown away, and the next answer is read from the room's log, from where the reader is

So the queue is never the only place where a message is: a slow reader costs a bounded queue, and
loses only what the log has lost; that it is told.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

from chatapp.model.message import Message
from chatapp.model.room import Position, Room
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.core.operations import TimedOperation
from cogen.core.queue import Full, Queue
from cogen.errors import CogenError
from cogen.web.receipt import Receipt

__all__ = ["Answer", "Client", "Interrupted"]

# What one answer holds at most.
ANSWER_MESSAGES: Final = 1000
ANSWER_SIZE: Final = 512 * 1024  # characters


class Interrupted(CogenError):
    """The wait is over before its time: a newer pull reads now, or the queue is no longer fed.

    Attributes:
        left: seconds that it had.
    """

    def __init__(self, left: float) -> None:
        super().__init__(left)
        self.left = left


class Client:
    """One reader: a session, or one tab of it.

    Args:
        room: what it reads.
        size: how many messages its queue holds.
        position: where it begins; None for the end of the log.

    Attributes:
        messages: the queue.
        watcher: the coroutine that fills it; None while nobody does.
        receipt: of the newest pull: only that one may wait, answer or rest.
        seen: the roster's time when its last pull ended.
    """

    __slots__ = (
        "_confirmed",
        "_restarted",
        "_sent",
        "_waiting",
        "messages",
        "receipt",
        "room",
        "seen",
        "watcher",
    )

    def __init__(self, room: Room, size: int, position: Position | None = None) -> None:
        self.room = room
        self.messages: Queue[Message] = Queue(size)
        self.watcher: CoroutineInstance[None] | None = None
        self.seen = 0
        self.receipt: Receipt | None = None
        self._confirmed, self._restarted = position or Position(room.log.end)
        self._sent = self._confirmed
        self._waiting: TimedOperation[Message] | None = None

    @coro
    def watch(self) -> Generator[Any, Any, None]:
        """Fill the queue from where the last answer ended; die when it is full."""
        log = self.room.log
        subscription = log.subscribe(since=self._sent)
        try:
            while True:
                batch = yield log.fetch(subscription)
                if batch.missed:  # the log has the gap too: read there
                    self._interrupt()
                    return
                for message in batch:
                    self.messages.put_nowait(message)
        except Full:
            return
        finally:
            log.unsubscribe(subscription)
            self.watcher = None

    def resume(self, receipt: Receipt, position: Position | None = None) -> Answer:
        """A pull begins, and takes over from the one before.

        Args:
            receipt: will know whether this pull's answer arrives.
            position: where the reader says it is; None to go by what arrived.

        Returns:
            What can be answered at once, maybe nothing.
        """
        self._interrupt()
        self._confirmed, self._restarted = position if position is not None else self.position
        self.receipt = receipt
        if self.watcher is None or self._confirmed != self._sent:
            return self._reread()
        return self._answer(self.messages.drain())

    def wait(self, timeout: float) -> TimedOperation[Message]:
        """The next message; `collect` what came of it."""
        self._waiting = self.messages.get(timeout)
        return self._waiting

    def collect(self, messages: list[Message]) -> Answer:
        """The answer after a wait that gave these; with what else has come."""
        self._waiting = None
        if self.watcher is None and not messages:
            return self._reread()
        return self._answer(messages + self.messages.drain())

    @property
    def position(self) -> Position:
        """Where the reader is, as far as can be known now."""
        if self.receipt is None or self.receipt.arrived:
            return Position(self._sent)
        return Position(self._confirmed, self._restarted)

    def leave(self) -> None:
        """Nobody reads any more: end the watcher, and its subscription with it."""
        if self.watcher is not None:
            self.watcher.cancel()
            self.watcher = None

    def _interrupt(self) -> None:
        if self._waiting is not None:
            self._waiting.fail(Interrupted(self._waiting.left))
            self._waiting = None

    def _reread(self) -> Answer:
        self.leave()
        self.messages.drain()
        batch = self.room.read(self._confirmed, ANSWER_MESSAGES, ANSWER_SIZE)
        self._sent = batch.end
        return Answer(batch, batch.end, batch.missed, self._restarted)

    def _answer(self, messages: list[Message]) -> Answer:
        if messages:
            self._sent = messages[-1].seq
        return Answer(messages, self._sent, 0, self._restarted)


class Answer:
    """What one pull gives.

    Attributes:
        messages: in order.
        missed: how many before the first of them are lost for ever.
        restarted: the reader's cursor was of a log that is gone.
        end: the number of the last.
    """

    __slots__ = ("end", "messages", "missed", "restarted")

    def __init__(self, messages: list[Message], end: int, missed: int, restarted: bool) -> None:
        self.messages = messages
        self.end = end
        self.missed = missed
        self.restarted = restarted

    @property
    def first(self) -> int:
        """The number of the first message, or of the one that will come next."""
        return self.end - len(self.messages) + 1

    @property
    def alone(self) -> Message | None:
        """The message, if there is one and nothing else to tell."""
        if len(self.messages) != 1 or self.missed or self.restarted:
            return None
        return self.messages[0]

    def __bool__(self) -> bool:
        """There is something to tell."""
        return bool(self.messages or self.missed or self.restarted)

    def withheld(self) -> Answer:
        """Nothing, at the place where this one begins."""
        return Answer([], self.first - 1 - self.missed, 0, False)
