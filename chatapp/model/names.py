"""What may be a name, and when two names are the same."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["BadName", "checked_name", "hidden", "same_name", "visible"]

LONGEST = 64  # characters

# Default_Ignorable_Code_Point of Unicode 15.0 (DerivedCoreProperties.txt), which unicodedata does
# not know: fonts show nothing for these. And the Braille pattern without a dot.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IGNORED = re.compile(f"[{_UNSEEN}]+")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}( ?\([0-9]+\))?")


class BadName(ValueError):
    """The message says what is wrong with the name."""


def checked_name(name: str) -> str:
    """The name in its normal form (NFC), without white space around it.

    Raises:
        BadName: empty, too long, with a control character, or with what means something else in
            the text form of a message: the colon that ends a name, the dashes of the server's own
            lines, an address.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise BadName("A name has at least one character that is not blank.")
    if len(name) > LONGEST:
        raise BadName(f"A name has at most {LONGEST} characters.")
    if any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in name):
        raise BadName("A name has no control characters.")
    if hidden(name):
        raise BadName("A name has at least one character that can be seen.")
    if ":" in name:
        raise BadName("A name has no colon.")
    if name.startswith("--"):
        raise BadName("A name has no two dashes at its beginning.")
    if _ADDRESS.fullmatch(same_name(name)):
        raise BadName(
            "A name has another form than an address: so are those called who chose none."
        )
    return name


def hidden(text: str) -> bool:
    """Whether no character of it can be seen."""
    return not any(unicodedata.category(each)[0] in "LNPS" for each in _IGNORED.sub("", text))


def visible(text: str) -> str:
    """The text of a stranger as it can stand in a log: what is no letter, mark, sign or blank is
    written as its number, so that it neither ends the line nor turns it round."""
    return "".join(each if each.isprintable() else f"\\u{{{ord(each):x}}}" for each in text)


@lru_cache(maxsize=4096)
def same_name(name: str) -> str:
    """A key that is equal for names that people would take for the same: bob, Bob, ｂｏｂ."""
    folded = unicodedata.normalize("NFKC", name).casefold()  # which may undo the normal form
    return " ".join(unicodedata.normalize("NFKC", _IGNORED.sub("", folded)).split())
