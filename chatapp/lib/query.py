"""Numbers in a query."""

from __future__ import annotations

import re
from typing import Final

from chatapp.lib.refusal import Refusal

__all__ = ["count", "seconds"]

_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{0,9})?")
_COUNT: Final = re.compile(r"[0-9]{1,18}")


def seconds(query: dict[str, str], name: str, default: float) -> float:
    """A length of time.

    Raises:
        Refusal: it is none.
    """
    given = query.get(name)
    if given is None:
        return default
    if not _SECONDS.fullmatch(given):
        raise Refusal(400, f"{name} is a number of seconds, 0 or more.")
    return float(given)


def count(query: dict[str, str], name: str, default: int, most: int = 10**18) -> int:
    """A whole number from 1 to ``most``.

    Raises:
        Refusal: it is none.
    """
    given = query.get(name)
    if given is None:
        return default
    if not _COUNT.fullmatch(given) or not 1 <= int(given) <= most:
        upper = f" to {most}" if most < 10**18 else " or more"
        raise Refusal(400, f"{name} is a whole number, 1{upper}.")
    return int(given)
