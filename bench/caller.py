"""A page's calls, and its answers to the server's; each is checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.stream import Failure

__all__ = ["Caller"]

Message = Sequence[Any]


class Caller:
    """One page's end, without its connections.

    Attributes:
        done: calls that have their result, or were answered.
        going: a call that has its result is followed by another.
    """

    def __init__(self) -> None:
        self.done = 0
        self.going = False
        self._made = 0
        self._heard = 0
        self._awaited: dict[int, int | None] = {}
        self._last: int | None = None

    @property
    def idle(self) -> bool:
        """Each call has its result."""
        return not self._awaited

    def begin(self, width: int, up: bool) -> list[Message]:
        """So many calls are in flight from now on.

        Args:
            up: from the page to the server.
        """
        self.going = up
        return [self._echo() for _ in range(width)] if up else [self._call("start", width, None)]

    def stop(self, up: bool) -> list[Message]:
        """No more; those in flight are still to have their results."""
        self.going = False
        if up:
            return []
        message = self._call("stop", None, None)
        self._last = self._made
        return [message]

    def take(self, messages: Sequence[Message]) -> list[Message]:
        """These came; gives what is to be said to them.

        Raises:
            Failure: one is not what it should be.
        """
        said = []
        for message in messages:
            if message[0] == "call":
                said.append(self._answer(message))
            elif message[0] == "result":
                self._check(message[1], message[2])
                if self.going:
                    said.append(self._echo())
            else:
                raise Failure(f"a call failed: {message}")
        return said

    def _echo(self) -> Message:
        value = -1 - self._made
        return self._call("echo", value, value)

    def _call(self, method: str, argument: int | None, result: int | None) -> Message:
        self._made += 1
        self._awaited[self._made] = result
        return "call", self._made, 0, method, [] if argument is None else [argument]

    def _check(self, number: int, value: Any) -> None:
        if number not in self._awaited:
            raise Failure(f"call {number} has no result to come, and {value!r} came")
        due = self._awaited.pop(number)
        if number == self._last:
            due = self._heard
        else:
            self.done += due is not None
        if value != due:
            raise Failure(f"the result of call {number} was to be {due}, not {value!r}")

    def _answer(self, message: Message) -> Message:
        self._heard += 1
        _, number, *call = message
        if call != [0, "echo", [self._heard]]:
            raise Failure(f"the server's call {self._heard} was due, and {call} came")
        self.done += 1
        return "result", number, self._heard
