"""LiveElement: the server's half of something on a page; the other half is a widget in the browser.

    class Echo(LiveElement):
        jsClass = "echo.EchoWidget"     # what echo.js exports, which lies beside this module
        template = "echo.html"          # so does this: the inside of the widget's node

        @expose
        def say(self, text: str):
            self.callRemote("addText", text)

An element is made anew for each page that connects, and once when it is mounted, to see what it
is: so a constructor only makes; what others are to see begins in `connectionMade`.

Source: ``nevow.athena.LiveElement``, and its names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from typing import Any, ClassVar, Protocol

from chatapp.lib.chat import Chat
from chatapp.lib.visitor import Visitor
from chatapp.live.calls import RemoteCall
from chatapp.live.errors import ChannelLost
from chatapp.live.exposing import REFUSED, exposed_names
from chatapp.live.waiting import wait_for, waits
from cogen.core.coroutines import CoroutineInstance, coro

__all__ = ["Line", "LiveElement"]

log = logging.getLogger(__name__)


class Line(Protocol):
    """What an element needs of the channel to its page."""

    @property
    def visitor(self) -> Visitor: ...

    @property
    def chat(self) -> Chat | None: ...

    def call(self, element: int, name: str, arguments: Sequence[Any], timeout: float) -> RemoteCall:
        """Send a call."""
        ...

    def begin(self, coroutine: Any) -> CoroutineInstance[Any]:
        """Start a coroutine."""
        ...


class LiveElement:
    """One of them. A subclass's constructor need not call this one's, which there is not.

    Attributes:
        template: the file with the inside of the widget's node; beside the class's module.
        jsClass: ``module.Class``: the browser's half, in ``module.js`` there.
        stylesheet: the files with its looks, separated by white space, or "". ``athena/base.css``
            is that of the chat's own pages.
        timeout: seconds that a call of `callRemote` may take.
    """

    template: ClassVar[str] = ""
    jsClass: ClassVar[str] = ""
    stylesheet: ClassVar[str] = ""
    timeout: float = 60.0

    _line: Line | None = None
    _number: int = 0
    _gone: bool = False
    _farewells: dict[object, Callable[[], Any]] | None = None

    def __init_subclass__(cls, refuse: Sequence[str] = (), **more: Any) -> None:
        """``class Quiet(Chatter, refuse=("say",))`` takes back what a base exposes.

        Raises:
            TypeError: it exposes what may not be, or refuses what is not exposed.
        """
        super().__init_subclass__(**more)
        for name in sorted(exposed_names(cls)):
            if name.startswith("_") or hasattr(LiveElement, name):
                raise TypeError(f"{cls.__name__}.{name} is not for the browser")
        for name in refuse:
            if name not in exposed_names(cls):
                raise TypeError(f"{cls.__name__} refuses {name}, which is not exposed")
        setattr(cls, REFUSED, tuple(refuse))

    # What subclasses write

    def connectionMade(self) -> Any:
        """The page is there. May be a generator or ``async def``, and wait; see `begin`."""

    def connectionLost(self, reason: str) -> Any:
        """The page is gone, for this reason. May wait too, to its end."""

    # What they use

    @property
    def connected(self) -> bool:
        """The page is there."""
        return self._line is not None

    @property
    def visitor(self) -> Visitor:
        """Whose page it is. Raises `ChannelLost`: there is none."""
        return self._there().visitor

    @property
    def chat(self) -> Chat | None:
        """The chat that it is mounted in; None when it is served alone."""
        return self._there().chat

    def callRemote(self, name: str, *arguments: Any) -> RemoteCall:
        """Call a method of the widget: it is sent now. Yield or await what this gives, or do not.

        Args:
            name: of the widget's method.
            arguments: what JSON has a form for.

        Raises:
            TypeError: JSON has no form for them.
            ValueError: they are too large.
        """
        if self._line is None:
            call = RemoteCall(name)
            call.fail_with(ChannelLost("The page is gone."), heard=True)
            return call
        return self._line.call(self._number, name, arguments, self.timeout)

    def begin(self, coroutine: Any) -> CoroutineInstance[Any]:
        """Start what a generator function or ``async def`` gave; cancelled when the page is gone.

        Raises:
            ChannelLost: it is.
        """
        ends: list[Callable[[], Any]] = []
        instance = self._there().begin(_live(coroutine, ends))
        ends.append(self.finally_do(instance.cancel))
        return instance

    def finally_do(self, farewell: Callable[[], Any]) -> Callable[[], Any]:
        """Call this when the page is gone, before `connectionLost`; at once, if it is.

        Gives its own undo.
        """
        if self._gone:
            farewell()
            return lambda: None
        if self._farewells is None:
            self._farewells = {}
        farewells, key = self._farewells, object()
        farewells[key] = farewell
        return lambda: farewells.pop(key, None)

    # The channel's calls

    @property
    def gone(self) -> bool:
        """It had a page, or was made only to be looked at; it gets no other."""
        return self._gone

    def connect(self, line: Line, number: int) -> None:
        """The page is there."""
        self._line, self._number = line, number
        made = self.connectionMade()
        if waits(made):
            self.begin(made)

    def disconnect(self) -> None:
        """It is gone, or it was made only to be looked at."""
        self._line, self._gone = None, True
        farewells, self._farewells = self._farewells or {}, None
        for farewell in list(farewells.values()):
            try:
                farewell()
            except Exception:
                log.exception("%s could not leave something", type(self).__name__)

    def _there(self) -> Line:
        if self._line is None:
            raise ChannelLost("The page is gone.")
        return self._line


@coro
def _live(coroutine: Any, ends: list[Callable[[], Any]]) -> Generator[Any, Any, Any]:
    try:
        return (yield from wait_for(coroutine))
    finally:
        for end in ends:
            end()
