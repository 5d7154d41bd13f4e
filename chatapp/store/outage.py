"""Something that does not work for a while is said once in the log, and again when it is over."""

from __future__ import annotations

import logging

__all__ = ["Outage"]

log = logging.getLogger(__name__)


class Outage:
    """Any thread may call it.

    Args:
        what: cannot be done meanwhile, e.g. "messages cannot be kept".
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._lasts = False

    def begins(self, cause: BaseException) -> None:
        """It did not work; maybe not for the first time."""
        if not self._lasts:
            self._lasts = True
            log.error("%s: %s: %s", self._what, type(cause).__name__, cause)

    def ends(self) -> None:
        """It worked."""
        if self._lasts:
            self._lasts = False
            log.warning("over: %s", self._what)
