"""A client: one reader of a room, a bounded queue that a watcher coroutine fills.

Invariants:

    confirmed <= sent <= everything in the queue, which goes on from sent without a hole
    what was sent is confirmed by the next pull: by its cursor; without one, when the last answer
    arrived whole (see `cogen.web.receipt`)
    when anything else comes (another cursor, an answer that was lost, a queue that overflowed) the
    queue is thrown away, and the next answer is read from the room's log, from where the reader is;
    or from the store, when the log no longer has that

So the queue is never the only place where a message is: a slow reader costs a bounded queue, and
loses only what the store has lost; that it is told.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final, Literal, NamedTuple

from chatapp.model.message import Message
from chatapp.model.ports import Page
from chatapp.model.room import Position, Room
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.core.operations import Operation, TimedOperation
from cogen.core.queue import Full, Queue
from cogen.errors import CogenError
from cogen.web.receipt import Receipt

__all__ = ["Answer", "Bounds", "Client", "Interrupted", "Transport"]

Transport = Literal["pull", "poll", "stream", "websocket", "telnet", "live"]

NOWHERE: Final = -1
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


class Bounds(NamedTuple):
    """Of a client's queue.

    Attributes:
        messages: so many at the most.
        size: characters of all their texts; a longer message alone is let in.
    """

    messages: int
    size: int


class Client:
    """One reader: a session, or one tab of it.

    Args:
        room: what it reads.
        bounds: of its queue.
        position: where it begins; None for the end of the log when it first reads.
        tab: tells a session's readers of one room apart.
        transport: by which it reads.

    Attributes:
        number: the roster's: by which people name it.
        address: where it came from; "" if that is not known.
        came: the roster's time when it was made.
        member: the roster's: whose it is.
        messages: the queue.
        watcher: the coroutine that fills it; None while nobody does.
        readers: pulls that are under way; while there is none, it rests.
        receipt: of the newest pull; see `answers`.
        seen: the roster's time when its last pull ended.
        ended: it was removed: who reads from it is to end.
    """

    __slots__ = (
        "_bounds",
        "_confirmed",
        "_polls",
        "_restarted",
        "_sent",
        "_size",
        "_waiting",
        "address",
        "came",
        "ended",
        "member",
        "messages",
        "number",
        "readers",
        "receipt",
        "room",
        "seen",
        "tab",
        "transport",
        "watcher",
    )

    def __init__(
        self,
        room: Room,
        bounds: Bounds,
        position: Position | None = None,
        tab: str = "",
        transport: Transport = "pull",
    ) -> None:
        self.room = room
        self.tab = tab
        self.transport: Transport = transport
        self.address = ""
        self.number = 0
        self.came = 0
        self.member: Any = None
        self.messages: Queue[Message] = Queue(bounds.messages)
        self.watcher: CoroutineInstance[None] | None = None
        self.readers = 0
        self.seen = 0
        self.ended = False
        self.receipt: Receipt | None = None
        self._confirmed, self._restarted = position or Position(NOWHERE)
        self._sent = self._confirmed
        self._bounds = bounds
        self._size = 0  # of what is in the queue
        self._waiting: TimedOperation[Message] | None = None
        self._polls: tuple[Operation[Any], ...] = ()

    @coro
    def watch(self) -> Generator[Any, Any, None]:
        """Fill the queue from where the last answer ended; die when it is full."""
        log = self.room.log
        subscription = log.subscribe(since=self._sent)
        try:
            while True:
                batch = yield log.fetch(subscription)
                if batch.missed:  # the log has the gap too: read there
                    return
                for message in batch:
                    size = self._size + len(message.text)
                    if size > self._bounds.size and not self.messages.empty():
                        raise Full
                    self.messages.put_nowait(message)
                    self._size = size
        except Full:
            return
        finally:
            log.unsubscribe(subscription)
            self.watcher = None
            self._interrupt()

    def resume(self, receipt: Receipt, position: Position | None = None) -> Answer | None:
        """A pull begins, and takes over from the one before.

        Args:
            receipt: will know whether this pull's answer arrives.
            position: where the reader says it is; None to go by what arrived.

        Returns:
            What can be answered at once, maybe nothing; or None: `past` is to be asked.
        """
        self._interrupt()
        if position is None:
            position = self.position if self.begun else Position(self.room.log.end)
        self._confirmed, self._restarted = position
        self.receipt = receipt
        if self.watcher is None or self._confirmed != self._sent or self.behind:
            return self._reread()
        return self._answer(self.messages.drain())

    def answers(self, receipt: Receipt) -> bool:
        """A pull may wait, and answer: it is the newest, and nobody goes on from where it began."""
        return self.receipt is receipt and not self.ended

    def past(self) -> Any:
        """What follows the reader's place out of the store, to be waited for; then `recall` it."""
        return self.room.past(self._confirmed, ANSWER_MESSAGES, ANSWER_SIZE)

    def recall(self, page: Page) -> Answer:
        """The answer that the store had."""
        answer = Answer.recalled(Position(self._confirmed, self._restarted), page)
        self.room.gaps.tell(answer.missed)
        self._sent = answer.end
        return answer

    @property
    def behind(self) -> bool:
        """The room's log no longer has what comes next: to fill the queue is of no use."""
        return self._sent < self.room.log.base - 1

    def wait(self, timeout: float) -> TimedOperation[Message]:
        """The next message; `collect` what came of it."""
        self._waiting = self.messages.get(timeout)
        return self._waiting

    def collect(self, messages: list[Message]) -> Answer | None:
        """The answer after a wait that gave these; with what else has come. None as in `resume`."""
        self._waiting = None
        if self.watcher is None and not messages:
            return self._reread()
        return self._answer(messages + self.messages.drain())

    def poll(self, operation: Operation[Any], seq: int | None = None) -> None:
        """A poll begins to wait that has its own cursor, after message ``seq``; or, without one, a
        pull whose place a newer one has taken."""
        self._polls += (operation,)
        if seq is not None:
            self._sent = seq

    def polled(self, operation: Operation[Any]) -> None:
        """It waits no more."""
        self._polls = tuple(each for each in self._polls if each is not operation)

    def wake(self) -> None:
        """Who waits goes on at once, with what there is."""
        self._interrupt()
        for operation in self._polls:
            operation.fail(Interrupted(0.0))

    @property
    def confirmed(self) -> int:
        """The number of the last message that is known to have arrived."""
        return self._confirmed

    @property
    def begun(self) -> bool:
        """It has a place in the log."""
        return self._confirmed != NOWHERE

    @property
    def place(self) -> int | None:
        """The number of the last message that it has, of several polls the newest; None while
        nobody can know."""
        if self.begun:
            return self.position.seq
        return self._sent if self._polls else None

    @property
    def position(self) -> Position:
        """Where the reader is, as far as can be known now."""
        if self.receipt is None or self.receipt.arrived:
            return Position(self._sent)
        return Position(self._confirmed, self._restarted)

    def leave(self) -> None:
        """The queue is not fed any more: end the watcher, and its subscription with it."""
        if self.watcher is not None:
            self.watcher.cancel()
            self.watcher = None

    def end(self) -> None:
        """It is removed; a pull that waits goes on, and answers nothing."""
        self.ended = True
        self.leave()
        self.wake()

    def _interrupt(self) -> None:
        if self._waiting is not None:
            self._waiting.fail(Interrupted(self._waiting.left))
            self._waiting = None

    def _reread(self) -> Answer | None:
        self.leave()
        self.messages.drain()
        self._size = 0
        batch = self.room.read(self._confirmed, ANSWER_MESSAGES, ANSWER_SIZE)
        if batch is None:
            self._sent = self._confirmed  # should the store fail, this pull will have sent nothing
            return None
        self._sent = batch.end
        return Answer(batch, batch.end, batch.missed, self._restarted)

    def _answer(self, messages: list[Message]) -> Answer:
        self._size = 0
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

    @classmethod
    def recalled(cls, position: Position, page: Page) -> Answer:
        """What the store had after a place."""
        seq, restarted = position
        messages, base = page
        first = messages[0].seq if messages else max(base, seq + 1)
        return cls(messages, first - 1 + len(messages), first - seq - 1, restarted)

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
