"""Who waits, first come first served.

Parking is O(1), and so is leaving from anywhere in the line: a timeout or a dropped connection
never searches. (A deque would make leaving O(n), a plain dict makes taking the first O(n).)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

__all__ = ["WaitList"]


class WaitList:
    """FIFO of parked operations. Most lists are empty most of the time, and then cost one slot."""

    __slots__ = ("_parked",)

    def __init__(self) -> None:
        self._parked: OrderedDict[Any, None] | None = None

    def __len__(self) -> int:
        return len(self._parked) if self._parked is not None else 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parked or ())

    def park(self, operation: Any) -> None:
        """Stand at the end of the line."""
        if self._parked is None:
            self._parked = OrderedDict()
        self._parked[operation] = None

    def remove(self, operation: Any) -> None:
        """Leave the line; no error if it has been called out of it already."""
        if self._parked is not None:
            self._parked.pop(operation, None)
            if not self._parked:
                self._parked = None

    def pop(self) -> Any:
        """Call out the first. Raises KeyError when nobody waits."""
        if self._parked is None:
            raise KeyError("nobody waits")
        operation, _ = self._parked.popitem(last=False)
        if not self._parked:
            self._parked = None
        return operation

    def wake_all(self, value: Any = None) -> int:
        """Empty the line and wake everyone in it, in order; returns how many."""
        parked, self._parked = self._parked, None
        if parked is None:
            return 0
        for operation in parked:
            operation.wake(value)
        return len(parked)
