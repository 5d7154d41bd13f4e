"""Does what the browser asks for, and answers.

The browser hears of what it did wrong, and of what was raised for it to hear; of everything else,
only that the call failed. The log has the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final

import msgspec

from chatapp.lib.faults import FAULTS, refused
from chatapp.live.element import LiveElement
from chatapp.live.errors import BadArguments, Busy, CallError, NotCallable
from chatapp.live.exposing import exposed_methods
from chatapp.live.packets import DEEPEST, Call, encode, within
from chatapp.live.waiting import wait_for, waits
from cogen.core.coroutines import coro
from cogen.core.drivers import Hub
from cogen.errors import OperationTimeout

__all__ = ["Performer"]

log = logging.getLogger(__name__)

MOST: Final = 1024  # calls of one page that wait at the same time

_arguments = msgspec.json.Decoder(list[Any])


class Performer:
    """For one page.

    Args:
        elements: on it, in their order.
        scheduler: runs what waits.
        send: sends an answer.
        largest: bytes of JSON that the arguments, or a result, may have.
    """

    def __init__(
        self,
        elements: Sequence[LiveElement],
        scheduler: Hub,
        send: Callable[[bytes], None],
        largest: int,
    ) -> None:
        self._elements = elements
        self._scheduler = scheduler
        self._send = send
        self._largest = largest
        self._waiting = 0

    def perform(self, call: Call) -> None:
        """Begin a call; whatever becomes of it is answered, now or later."""
        try:
            if self._waiting >= MOST:
                raise Busy(f"{MOST} calls of this page wait already.")
            result = self._begin(call)
        except Exception as error:
            self._refuse(call, error)
            return
        if waits(result):
            self._waiting += 1
            self._scheduler.add(self._finish(call, result))
        else:
            self._give(call, result)

    @coro
    def _finish(self, call: Call, result: Any) -> Generator[Any, Any, None]:
        """To its end, even if the page goes meanwhile: what was said is said."""
        try:
            self._give(call, (yield from wait_for(result)))
        except Exception as error:
            self._refuse(call, error)
        finally:
            self._waiting -= 1

    def _begin(self, call: Call) -> Any:
        if call.element >= len(self._elements):
            raise NotCallable(f"The page has no element {call.element}.")
        element = self._elements[call.element]
        exposed = exposed_methods(type(element)).get(call.method)
        if exposed is None:
            raise NotCallable("The element has no such exposed method.")
        if len(call.arguments) > self._largest:
            raise BadArguments(f"The arguments may have at most {self._largest} bytes.")
        try:
            arguments = _arguments.decode(call.arguments)
        except (msgspec.DecodeError, RecursionError):
            raise BadArguments("The arguments are no array that can be read.") from None
        if not within(arguments, DEEPEST + 1):
            raise BadArguments(f"The arguments are nested deeper than {DEEPEST} levels.")
        return getattr(element, call.method)(*exposed.check(arguments))

    def _give(self, call: Call, value: Any) -> None:
        try:
            encoded = self._encoded("result", call.id, value)
        except Exception as error:  # an object of the application's, which can raise anything
            self._refuse(call, error)
        else:
            self._send(encoded)

    def _refuse(self, call: Call, error: Exception) -> None:
        try:
            encoded = self._encoded("error", call.id, *self._described(call, error))
        except Exception as worse:  # so can its errors
            encoded = encode(("error", call.id, *self._failed(call, worse)))
        self._send(encoded)

    def _encoded(self, *answer: Any) -> bytes:
        encoded = encode(answer)
        if len(encoded) > self._largest:
            raise ValueError(f"an answer of {len(encoded)} bytes is too large")
        return encoded

    def _described(self, call: Call, error: Exception) -> tuple[str, str]:
        """The type and the text that the browser hears of."""
        kind = type(error).__name__
        if isinstance(error, BadArguments | Busy | NotCallable):
            log.warning("a call of %s was refused: %a", self._named(call), str(error))
        elif isinstance(error, FAULTS):
            return kind, refused(error).detail
        elif isinstance(error, OperationTimeout):
            return "OperationTimeout", "It took too long."
        elif not isinstance(error, CallError):
            return self._failed(call, error)
        return kind, str(error)

    def _failed(self, call: Call, error: Exception) -> tuple[str, str]:
        log.error("a call of %s failed", self._named(call), exc_info=error)
        return "ServerError", "The call failed on the server."

    def _named(self, call: Call) -> str:
        known = call.element < len(self._elements)
        kind = type(self._elements[call.element]).__name__ if known else "no element"
        return f"{kind}.{call.method!a:.80}"
