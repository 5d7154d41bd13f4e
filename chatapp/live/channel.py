"""A channel: the elements of one page, and the calls between them and their widgets.

Messages come in by `receive`, by whatever way; they go out by a carrier, a poll or a WebSocket that
is there at the time: the newest one carries. Between two of them what is to be sent waits, bounded;
when there was none for a while, the page is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final

import msgspec

from chatapp.lib.chat import Chat
from chatapp.lib.visitor import Visitor
from chatapp.live.calls import Calls, RemoteCall
from chatapp.live.carrier import Carrier
from chatapp.live.delivery import Delivery
from chatapp.live.element import LiveElement
from chatapp.live.errors import ChannelFull, RemoteError
from chatapp.live.packets import DEEPEST, Call, Failure, Packet, Result, encode, within
from chatapp.live.performing import Performer
from chatapp.live.waiting import wait_for, waits
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.core.drivers import Hub
from cogen.core.timers import Timer

__all__ = ["Channel"]

log = logging.getLogger(__name__)

NAME: Final = 1024  # characters of an error's name


class Channel:
    """One page's.

    Args:
        id: nobody can guess it.
        visitor: whose page it is.
        chat: in which it is mounted, or None.
        elements: on the page, in their order.
        scheduler: runs what waits.
        idle: seconds without a carrier or a message, after which the page is gone.
        largest: bytes of JSON that a call's arguments, or a result, may have.
        forget: called when the page is gone.
    """

    def __init__(
        self,
        id: str,
        visitor: Visitor,
        chat: Chat | None,
        elements: Sequence[LiveElement],
        scheduler: Hub,
        idle: float,
        largest: int,
        forget: Callable[[Channel], None],
    ) -> None:
        self.id = id
        self.visitor = visitor
        self.chat = chat
        self.ended = False
        self.rested = 0.0  # since when nobody is there, by the scheduler's clock
        self.delivery = Delivery()
        self._elements = elements
        self._scheduler = scheduler
        self._idle = idle
        self._largest = largest
        self._forget = forget
        self._calls = Calls(scheduler.timers)
        self._performer = Performer(elements, scheduler, self.delivery.send, largest)
        self._carrier: Carrier | None = None
        self._attended = 0
        self._made = False
        self._timer: Timer | None = None
        self._rest()

    # The page is there

    @property
    def idle(self) -> bool:
        """Nobody is there just now."""
        return not self._attended

    def __enter__(self) -> Channel:
        """A request of the page begins; `__exit__`, it has ended."""
        self._attended += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._made:
            self._made = True
            for number, element in enumerate(self._elements):
                if not self.ended:
                    self._tell(element, element.connect, self, number)
        return self

    def __exit__(self, *_: object) -> None:
        self._attended -= 1
        if not self._attended and not self.ended:
            self._rest()

    def expire(self) -> None:
        """The timer's call."""
        self.end("The page was not heard of for too long.")

    def end(self, reason: str) -> None:
        """The page is gone."""
        if self.ended:
            return
        self.ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._forget(self)
        if self._carrier is not None:
            self._carrier.end()
        self._calls.end(reason)
        for element in self._elements:
            told = element.connected
            element.disconnect()
            if told:
                self._tell(element, element.connectionLost, reason)

    def carry(self, ack: int) -> Carrier:
        """A carrier begins, and takes over from the one before.

        Args:
            ack: the number of the last message that the page has.

        Raises:
            BadAck: it cannot have that.
        """
        carrier = Carrier(self.delivery, ack)
        if self._carrier is not None:
            self._carrier.end()
        self._carrier = carrier
        return carrier

    # From the page

    def receive(self, packet: Packet) -> bool:
        """Take its messages; False: not all, for there is no room for what would come of them.

        Raises:
            BadAck: the page says that it has what it was never sent.
        """
        delivery = self.delivery
        delivery.acknowledge(packet.ack)
        if delivery.full and packet.messages:
            return False
        for message in delivery.accept(packet.first, packet.messages):
            if isinstance(message, Call):
                self._performer.perform(message)
            elif isinstance(message, Result):
                self._answered(message)
            else:
                self._failed(message)
            if self.ended:  # by what was called
                break
            if delivery.full:
                return delivery.received >= packet.first + len(packet.messages) - 1
        return True

    def _answered(self, result: Result) -> None:
        call = self._calls.take(result.id)
        if call is None:
            return
        if len(result.value) > self._largest:
            call.fail_with(RemoteError("ResultTooLarge", f"{len(result.value)} bytes"))
            return
        try:
            value = msgspec.json.decode(result.value)
        except (msgspec.DecodeError, RecursionError) as error:
            call.fail_with(RemoteError("BadResult", str(error)))
            return
        if within(value):
            call.answer(value)
        else:
            call.fail_with(RemoteError("ResultTooDeep", f"more than {DEEPEST} levels"))

    def _failed(self, failure: Failure) -> None:
        call = self._calls.take(failure.id)
        if call is not None:
            kind, message = failure.kind[:NAME], failure.message[: self._largest]
            call.fail_with(RemoteError(kind, message))

    # To the page: what elements need

    def call(self, element: int, name: str, arguments: Sequence[Any], timeout: float) -> RemoteCall:
        """See `LiveElement.callRemote`."""
        encoded = encode(arguments)
        if len(encoded) > self._largest:
            raise ValueError(f"{len(encoded)} bytes of arguments are more than {self._largest}")
        call = RemoteCall(name)
        if self.delivery.full:
            call.fail_with(ChannelFull("The page does not keep up."))
            return call
        rest = encode((element, name, msgspec.Raw(encoded)))[1:]
        number = self._calls.add(call, timeout)
        self.delivery.send(b'["call",%d,%b' % (number, rest))
        return call

    def begin(self, coroutine: Any) -> CoroutineInstance[Any]:
        """See `LiveElement.begin`."""
        return self._scheduler.add(coroutine)

    # Inside

    def _rest(self) -> None:
        self.rested = self._scheduler.timers.time()
        self._timer = self._scheduler.timers.add(self._idle, self)

    def _tell(self, element: LiveElement, hook: Callable[..., Any], *arguments: Any) -> None:
        """Let an element know; what goes wrong in it is its own."""
        try:
            result = hook(*arguments)
            if waits(result):
                self._scheduler.add(_run(result))
        except Exception:
            log.exception("%s could not be told of its page", type(element).__name__)


@coro
def _run(result: Any) -> Generator[Any, Any, Any]:
    return (yield from wait_for(result))
