"""What was read out of the store, and may be removed before it is given to anybody.

A page that was read just before a removal was kept can arrive just after that, and a request may
hold it while it waits for something else. So each list of old messages is known, weakly, from
before it is asked for until nobody has it any more; a removal takes the words out of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakValueDictionary

from chatapp.model.message import Message

__all__ = ["Recalled", "Recollections"]


class Recalled(list[Message]):
    """Old messages, in order; none until they `arrive`."""

    __slots__ = ("__weakref__", "_removed")

    def __init__(self) -> None:
        super().__init__()
        self._removed: list[int] = []

    def arrive(self, messages: Iterable[Message]) -> None:
        """The store's answer; what was removed meanwhile is taken out of it."""
        self.extend(messages)
        for seq in self._removed:
            self._take_out(seq)

    def erase(self, seq: int) -> None:
        """Message ``seq`` has been removed, maybe after the store looked for it."""
        self._removed.append(seq)
        self._take_out(seq)

    def _take_out(self, seq: int) -> None:
        for message in self:
            if message.seq == seq:
                message.erase()


class Recollections:
    """All lists of a room's old messages that somebody asked for and has."""

    def __init__(self) -> None:
        self._lists: WeakValueDictionary[int, Recalled] = WeakValueDictionary()

    def begin(self) -> Recalled:
        """The store is asked now."""
        recalled = Recalled()
        self._lists[id(recalled)] = recalled
        return recalled

    def erase(self, seq: int) -> None:
        """A removal was kept."""
        for recalled in self._lists.values():
            recalled.erase(seq)
