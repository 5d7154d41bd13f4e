"""What is said in a benchmark: numbered lines of one length, so that one comparison checks many."""

from __future__ import annotations

from collections import deque

__all__ = ["LENGTH", "SPEAKER", "Failure", "Stream"]

SPEAKER = b"bench"
LINE = SPEAKER + b": %09d is what was said\r\n"
LENGTH = len(LINE % 0)


class Failure(Exception):
    """A message was lost, doubled or reordered, or a server did not do its work."""


class Stream:
    """What every reader is to get: each message once, all in the same order.

    The order is the one in which the first reader gets them, in which each pusher's messages must
    stand one after another as they were pushed; so a single pusher's order is the only one.

    Attributes:
        data: the lines that a reader has got, in that order.
        pushed: how many have been pushed.
        readers: how many get them.
        left: how many have not reached a reader yet, each reader's counted.
        unanswered: how many pushes have not been answered.
    """

    def __init__(self) -> None:
        self.data = b""
        self.pushed = 0
        self.readers = 0
        self.left = 0
        self.unanswered = 0
        self._owners: dict[int, object] = {}
        self._due: dict[object, deque[int]] = {}

    def push(self, pusher: object) -> bytes:
        """The line of the next message, which is pushed now."""
        number = self.pushed
        self._owners[number] = pusher
        self._due.setdefault(pusher, deque()).append(number)
        self.pushed += 1
        self.left += self.readers
        self.unanswered += 1
        return LINE % number

    def take(self, at: int, body: bytes) -> int:
        """An answer has reached a reader that has the first ``at`` bytes; gives what it has now.

        Raises:
            Failure: that is not what was due.
        """
        end = at + len(body)
        if not body or len(body) % LENGTH:
            raise Failure(f"these are no messages: {body[:80]!r}")
        known = len(self.data)
        if end > known:
            self._learn(body[known - at :])
        if body != self.data[at:end]:
            place = next(n for n in range(0, len(body), LENGTH) if not self._is(at, body, n))
            came, due = body[place:][:LENGTH], self.data[at + place :][:LENGTH]
            raise Failure(f"{due!r} was due, which others have got, and {came!r} came")
        self.left -= len(body) // LENGTH
        return end

    def _is(self, at: int, body: bytes, place: int) -> bool:
        return body[place:][:LENGTH] == self.data[at + place :][:LENGTH]

    def _learn(self, lines: bytes) -> None:
        """What no reader has got before."""
        for place in range(0, len(lines), LENGTH):
            line = lines[place : place + LENGTH]
            digits = line[len(SPEAKER) + 2 :][:9]
            if not digits.isdigit() or line != LINE % int(digits):
                raise Failure(f"this is no message: {line!r}")
            number = int(digits)
            if number >= self.pushed:
                raise Failure(f"message {number} came before it was pushed")
            owner = self._owners.pop(number, None)
            if owner is None:
                raise Failure(f"message {number} came twice")
            due = self._due[owner].popleft()
            if due != number:
                raise Failure(f"message {due} was lost: {number} came")
        self.data += lines
