"""Messages both ways, each once and in order, whatever the connections between do.

Each side numbers what it sends, 1, 2, 3 …, and keeps it until the other says that it has it; what
is not acknowledged is sent again, by whichever connection there is.

Invariants:

    acknowledged <= what was sent <= log.end;  the log has all that is not acknowledged
    a message is accepted once, after the one before it: what came before is dropped, and what comes
    after a hole is not accepted, and not acknowledged

Source: the ``ReliableMessageDelivery`` of ``nevow.athena``, whose part this is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from cogen.core.pubsub import PublishSubscribeQueue, Subscription

__all__ = ["BadAck", "Delivery"]

T = TypeVar("T")

MOST: Final = 4096  # messages that are not acknowledged
LARGEST: Final = 1024 * 1024  # bytes of them


class BadAck(ValueError):
    """The other side says that it has what it was never sent."""


class Delivery:
    """One side's ends of both.

    Attributes:
        log: what was sent, without what is acknowledged.
        received: the number of the last message that was accepted.
    """

    def __init__(self) -> None:
        self.log: PublishSubscribeQueue[bytes] = PublishSubscribeQueue()
        self.received = 0
        self._acknowledged: Subscription = self.log.subscribe()
        self._size = 0

    @property
    def full(self) -> bool:
        """No more is to be sent until some of it is acknowledged."""
        return self.log.end - self._acknowledged.cursor >= MOST or self._size >= LARGEST

    def send(self, message: bytes) -> None:
        """Number it, and wake who waits for something to send."""
        self._size += len(message)
        self.log.publish(message)

    def subscribe(self, ack: int) -> Subscription:
        """For a connection that goes on from there; see `acknowledge`."""
        self.acknowledge(ack)
        return self.log.subscribe(self._acknowledged.cursor)

    def acknowledge(self, ack: int) -> None:
        """The other side has everything up to this number.

        Raises:
            BadAck: it cannot have that.
        """
        acknowledged = self._acknowledged
        if ack > self.log.end:
            raise BadAck(f"Message {ack} was never sent.")
        count = ack - acknowledged.cursor
        if count > 0:
            for message in self.log.since(acknowledged.cursor, count):
                self._size -= len(message)
            acknowledged.cursor = ack
            self.log.compact()

    def accept(self, first: int, messages: Sequence[T]) -> Iterator[T]:
        """Those of these messages that are next, one after the other, each accepted as it is taken.

        Args:
            first: the number of the first of them.
        """
        if first > self.received + 1:
            return
        for number, message in enumerate(messages, first):
            if number == self.received + 1:
                self.received = number
                yield message
