"""Who waits, first come first served.

Parking is O(1), and so is leaving from anywhere in the line: a timeout or a dropped connection
never searches. (A deque would make leaving O(n), a plain dict makes taking the first O(n).)

Most lists are empty most of the time, and then cost one slot; in most others one waits, and stands
in that slot itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

__all__ = ["WaitList"]


class WaitList:
    """FIFO of parked operations."""

    __slots__ = ("_parked",)

    def __init__(self) -> None:
        self._parked: Any = None  # or one operation, or an OrderedDict of them

    def __len__(self) -> int:
        parked = self._parked
        if type(parked) is OrderedDict:
            return len(parked)
        return 0 if parked is None else 1

    def __iter__(self) -> Iterator[Any]:
        parked = self._parked
        if type(parked) is OrderedDict:
            return iter(parked)
        return iter(() if parked is None else (parked,))

    def park(self, operation: Any) -> None:
        """Stand at the end of the line."""
        parked = self._parked
        if parked is None:
            self._parked = operation
        elif type(parked) is OrderedDict:
            parked[operation] = None
        else:
            self._parked = OrderedDict(((parked, None), (operation, None)))

    def remove(self, operation: Any) -> None:
        """Leave the line; no error if it has been called out of it already."""
        parked = self._parked
        if type(parked) is OrderedDict:
            parked.pop(operation, None)
            if not parked:
                self._parked = None
        elif parked is operation:
            self._parked = None

    def pop(self) -> Any:
        """Call out the first. Raises KeyError when nobody waits."""
        parked = self._parked
        if type(parked) is not OrderedDict:
            if parked is None:
                raise KeyError("nobody waits")
            self._parked = None
            return parked
        operation, _ = parked.popitem(last=False)
        if not parked:
            self._parked = None
        return operation

    def wake_all(self, value: Any = None) -> int:
        """Empty the line and wake everyone in it, in order; returns how many."""
        parked, self._parked = self._parked, None
        if parked is None:
            return 0
        if type(parked) is not OrderedDict:
            parked.wake(value)
            return 1
        for operation in parked:
            operation.wake(value)
        return len(parked)
