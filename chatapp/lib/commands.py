"""What may be written in the place of a message: ``/nick ann``, ``/me waves``.

``//`` at the beginning is one slash that is said. What begins with a slash and is no command is
said as it is: people write paths.

At a terminal there is more to be wanted (`ASIDE`), which is between that one and the server.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ASIDE", "Command", "parse_aside", "parse_command"]

ASIDE: Final = frozenset({"help", "history", "join", "quit", "who"})


class Command(NamedTuple):
    """What is wanted.

    Attributes:
        verb: ``say`` the text, tell that one does it (``me``), or be called so (``nick``); or one
            of `ASIDE`.
    """

    verb: str
    text: str


def parse_command(text: str) -> Command:
    """What a text wants, as it was typed."""
    if text.startswith("//"):
        return Command("say", text[1:])
    word, _, rest = text.partition(" ")
    rest = rest.strip()
    if word == "/nick":
        return Command("nick", rest)
    if word == "/me" and rest:
        return Command("me", rest)
    return Command("say", text)


def parse_aside(text: str) -> Command | None:
    """What a line at a terminal wants of the server; None: it is for everybody, as any text."""
    word, _, rest = text.partition(" ")
    if word.startswith("/") and word[1:] in ASIDE:
        return Command(word[1:], rest.strip())
    return None
