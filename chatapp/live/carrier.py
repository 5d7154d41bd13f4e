"""What carries messages to the page at the time: one poll, or a WebSocket."""

from __future__ import annotations

from chatapp.live.delivery import Delivery
from chatapp.live.packets import packet_json
from cogen.core.pubsub import Batch, Fetch
from cogen.errors import CogenError

__all__ = ["Carrier", "TakenOver"]


class TakenOver(CogenError):
    """Another one carries now, or the page is gone."""


class Carrier:
    """One of them.

    Args:
        delivery: what is to be carried.
        ack: the number of the last message that the page has. Raises `BadAck`.

    Attributes:
        ended: another one carries, or the page is gone.
    """

    __slots__ = ("_delivery", "_subscription", "_waiting", "ended")

    def __init__(self, delivery: Delivery, ack: int) -> None:
        self.ended = False
        self._delivery = delivery
        self._subscription = delivery.subscribe(ack)
        self._waiting: Fetch[bytes] | None = None

    def fetch(self, seconds: float | None = None) -> Fetch[bytes]:
        """Wait until there is something to carry, and take it; see `packet`.

        Raises, now or when it is waited for:
            TakenOver: see `ended`.
            OperationTimeout: there was nothing.
        """
        if self.ended:  # while something else was waited for
            raise TakenOver
        self._waiting = self._delivery.log.fetch(self._subscription, seconds)
        return self._waiting

    def take(self) -> Batch[bytes]:
        """What there is to carry at this moment; maybe nothing."""
        subscription = self._subscription
        batch = self._delivery.log.since(subscription.cursor)
        subscription.cursor = batch.end
        return batch

    def packet(self, batch: Batch[bytes]) -> bytes:
        """What is sent, with what was taken; what is in it is to be sent at once."""
        return packet_json(self._delivery.received, batch.first, batch)

    def end(self) -> None:
        """It carries no more: who waits by it goes on."""
        self.ended = True
        self._delivery.log.unsubscribe(self._subscription)
        if self._waiting is not None:
            self._waiting.fail(TakenOver())
            self._waiting = None
