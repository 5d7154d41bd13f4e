"""A set of live elements, which leave it by themselves when their pages are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from chatapp.live.calls import RemoteCall
from chatapp.live.element import LiveElement

__all__ = ["Elements"]

E = TypeVar("E", bound=LiveElement)


class Elements(Generic[E]):
    """Those that were added and are still there, in the order in which they were added."""

    def __init__(self) -> None:
        self._there: dict[E, Callable[[], Any]] = {}

    def __len__(self) -> int:
        return len(self._there)

    def __contains__(self, element: object) -> bool:
        return element in self._there

    def __iter__(self) -> Iterator[E]:
        """As they are now: who comes or goes meanwhile does not matter."""
        return iter(tuple(self._there))

    def add(self, element: E) -> None:
        """Take it in, until it is gone; no effect if it is in."""
        if element not in self._there:
            self._there[element] = lambda: None
            undo = element.finally_do(lambda: self._there.pop(element, None))
            if element in self._there:  # it is not gone already
                self._there[element] = undo

    def callRemote(self, name: str, *arguments: Any) -> list[RemoteCall]:
        """The widgets of all of them: see `LiveElement.callRemote`."""
        return [element.callRemote(name, *arguments) for element in self]

    def discard(self, element: E) -> None:
        """Let it go; no effect if it is not in."""
        undo = self._there.pop(element, None)
        if undo is not None:
            undo()
