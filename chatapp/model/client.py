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
from typing import Any

from chatapp.model.message import Message
from chatapp.model.room import Position, Room
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.core.operations import Operation
from cogen.core.pubsub import Batch
from cogen.core.queue import Full, Queue
from cogen.errors import CogenError
from cogen.web.receipt import Receipt

__all__ = ["Client", "Superseded"]

# What one answer holds at most.
ANSWER_MESSAGES = 1000
ANSWER_SIZE = 512 * 1024  # characters


class Superseded(CogenError):
    """A newer pull of the same client has taken over; the messages go there."""


class Client:
    """One reader: a session, or one tab of it.

    Args:
        room: what it reads.
        size: how many messages its queue holds.
        position: where it begins; None for the end of the log.

    Attributes:
        messages: the queue.
        watcher: the coroutine that fills it; None before the first.
    """

    __slots__ = (
        "_confirmed",
        "_receipt",
        "_restarted",
        "_sent",
        "_waiting",
        "messages",
        "room",
        "seen",
        "watcher",
    )

    def __init__(self, room: Room, size: int, position: Position | None = None) -> None:
        start = position if position is not None else Position(room.log.end)
        self.room = room
        self.messages: Queue[Message] = Queue(size)
        self.watcher: CoroutineInstance[None] | None = None
        self.seen = 0
        self._confirmed = self._sent = start.seq
        self._restarted = start.restarted
        self._receipt: Receipt | None = None
        self._waiting: Operation[Message] | None = None

    @property
    def cursor(self) -> str:
        """Where the last answer ended."""
        return self.room.cursor(self._sent)

    @property
    def dead(self) -> bool:
        """Nobody fills the queue: it overflowed, or has not begun."""
        return self.watcher is None or self.watcher.ended

    @coro
    def watch(self) -> Generator[Any, Any, None]:
        """Fill the queue from where the last answer ended; die when it is full."""
        log = self.room.log
        subscription = log.subscribe(since=self._sent)
        try:
            while True:
                batch = yield log.fetch(subscription)
                if batch.missed:
                    return  # the log has the gap too: the next answer is read from there
                for message in batch:
                    self.messages.put_nowait(message)
        except Full:
            return
        finally:
            log.unsubscribe(subscription)

    def resume(self, position: Position | None = None) -> Answer:
        """A pull begins: what can be answered at once, maybe nothing.

        Args:
            position: where the reader says it is; None to go by what arrived.
        """
        if self._waiting is not None:
            self._waiting.fail(Superseded())
            self._waiting = None
        if position is not None:
            self._confirmed = position.seq
            self._restarted = self._restarted or position.restarted
        elif self._receipt is None or self._receipt.arrived:
            self._confirmed = self._sent
        self._receipt = None
        if self.dead or self._confirmed != self._sent:
            return self._reread()
        return self._answer(self.messages.drain())

    def wait(self, timeout: float) -> Operation[Message]:
        """The next message; give it to `collect`."""
        self._waiting = self.messages.get(timeout)
        return self._waiting

    def collect(self, message: Message) -> Answer:
        """The answer after a wait: the message, and what else has come."""
        self._waiting = None
        return self._answer([message, *self.messages.drain()])

    def answered(self, answer: Answer, receipt: Receipt) -> None:
        """The answer goes out; ``receipt`` will know whether it arrives."""
        self._sent = answer.end
        self._receipt = receipt
        self._restarted = False

    def leave(self) -> None:
        """Nobody reads any more: end the watcher, and its subscription with it."""
        if self.watcher is not None:
            self.watcher.cancel()

    def _reread(self) -> Answer:
        self.leave()
        self.watcher = None
        self.messages.drain()
        batch = self.room.read(self._confirmed, ANSWER_MESSAGES, ANSWER_SIZE)
        self._sent = batch.end
        return Answer(batch, self._restarted)

    def _answer(self, messages: list[Message]) -> Answer:
        end = messages[-1].seq if messages else self._sent
        return Answer(Batch(messages, 0, end), self._restarted)


class Answer:
    """What one pull gives.

    Attributes:
        messages: in order.
        missed: how many before the first of them are lost for ever.
        restarted: the reader's cursor was of a log that is gone.
        first: the number of the first message, or of the one that will come next.
        end: the number of the last.
    """

    __slots__ = ("end", "first", "messages", "missed", "restarted")

    def __init__(self, batch: Batch[Message], restarted: bool) -> None:
        self.messages: list[Message] = batch
        self.missed = batch.missed
        self.first = batch.first
        self.end = batch.end
        self.restarted = restarted

    def __bool__(self) -> bool:
        """There is something to tell."""
        return bool(self.messages or self.missed or self.restarted)
