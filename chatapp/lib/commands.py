"""What may be written in the place of a message: ``/nick ann``, ``/me waves``.

``//`` at the beginning is one slash that is said. What begins with a slash and is no command is
said as it is: people write paths.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Command", "parse_command"]


class Command(NamedTuple):
    """What is wanted.

    Attributes:
        verb: ``say`` the text, tell that one does it (``me``), or be called so (``nick``).
    """

    verb: Literal["say", "me", "nick"]
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
