"""What may be a name, and when two names are the same."""

from __future__ import annotations

import unicodedata

__all__ = ["BadName", "checked_name", "same_name"]

LONGEST = 64  # characters


class BadName(ValueError):
    """The message says what is wrong with the name."""


def checked_name(name: str) -> str:
    """The name in its normal form (NFC), without white space around it.

    Raises:
        BadName: empty, too long, with a control character, or with the colon that ends a name in
            the text form of a message.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise BadName("A name has at least one character that is not blank.")
    if len(name) > LONGEST:
        raise BadName(f"A name has at most {LONGEST} characters.")
    for character in name:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp"):
            raise BadName("A name has no control characters.")
    if not any(unicodedata.category(each)[0] in "LNPS" for each in name):
        raise BadName("A name has at least one character that can be seen.")
    if ":" in name:
        raise BadName("A name has no colon.")
    return name


def same_name(name: str) -> str:
    """A key that is equal for names that people would take for the same: bob, Bob, ｂｏｂ."""
    return unicodedata.normalize("NFKC", name).casefold()
