"""What a `cogen.web.duplex.Duplex` asks of a protocol: its grammar, sans I/O."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, Protocol

__all__ = ["GONE", "Codec", "Ending"]


class Ending(NamedTuple):
    """Why nothing more comes.

    Attributes:
        code: as RFC 6455 7.4 numbers it.
        reason: a few words for people, or "".
    """

    code: int
    reason: str = ""


GONE: Final = Ending(1006)  # without a word


class Codec(Protocol):
    """A protocol's grammar, sans I/O.

    Attributes:
        received: whole messages, oldest first; whoever receives takes them out. Short, and a tenth
            of a deque's size.
        ending: set once: the other side has said goodbye, or broken a rule.
    """

    received: list[Any]
    ending: Ending | None

    def feed(self, data: bytes) -> None:
        """Read what came; never raises."""
        ...

    def end(self) -> None:
        """The other side sends no more, whether it has said goodbye or not."""
        ...

    def output(self) -> bytes:
        """What the protocol itself has to say by now; mostly nothing."""
        ...

    def close(self, code: int, reason: str) -> bool:
        """Say goodbye, in the output; True if the other side is to answer it.

        Raises:
            ValueError: nobody may say that.
        """
        ...

    def ping(self) -> None:
        """Ask for a sign of life, in the output."""
        ...
