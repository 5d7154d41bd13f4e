"""The board on which a scheduler's named signals meet those who wait for them."""

from __future__ import annotations

from typing import Any

from cogen.core.waitlist import WaitList

__all__ = ["Signals"]


class Signals:
    """Per name: who waits for it, and which signals still wait for enough recipients."""

    __slots__ = ("_listeners", "_pending")

    def __init__(self) -> None:
        self._listeners: dict[Any, WaitList] = {}
        self._pending: dict[Any, WaitList] = {}

    def listen(self, name: Any, operation: Any) -> None:
        """Park a `WaitForSignal`; it may complete a signal that waits for its recipients."""
        self._listeners.setdefault(name, WaitList()).park(operation)

    def unlisten(self, name: Any, operation: Any) -> None:
        _leave(self._listeners, name, operation)

    def listening(self, name: Any) -> int:
        """How many wait for ``name``."""
        listeners = self._listeners.get(name)
        return len(listeners) if listeners is not None else 0

    def deliver(self, name: Any, value: Any) -> int:
        """Wake everyone who waits for ``name``; returns how many."""
        listeners = self._listeners.pop(name, None)
        return listeners.wake_all(value) if listeners is not None else 0

    def hold(self, name: Any, operation: Any) -> None:
        """Park a `Signal` until enough wait for it."""
        self._pending.setdefault(name, WaitList()).park(operation)

    def release(self, name: Any, operation: Any) -> None:
        _leave(self._pending, name, operation)

    def held(self, name: Any) -> list[Any]:
        """The signals that wait for recipients, oldest first."""
        return list(self._pending.get(name, ()))


def _leave(board: dict[Any, WaitList], name: Any, operation: Any) -> None:
    line = board.get(name)
    if line is not None:
        line.remove(operation)
        if not line:
            del board[name]
