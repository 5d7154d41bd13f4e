"""All channels of one mounted page, by their ids; each is a session's, and nobody else's."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from chatapp.lib.chat import Chat
from chatapp.lib.visitor import Visitor
from chatapp.live.channel import Channel
from chatapp.live.element import LiveElement
from chatapp.model.roster import Crowded
from cogen.core.drivers import Hub
from cogen.core.operations import Operation

__all__ = ["ChannelBounds", "Channels", "NoChannel"]


class NoChannel(LookupError):
    """There is none of this id; or it is not this session's."""


class ChannelBounds(NamedTuple):
    """Of channels.

    Attributes:
        idle: seconds in which a page is not heard of, after which it is gone.
        largest: bytes of JSON that a call's arguments, or a result, may have.
        most: channels at the same time.
        most_pages: of one session; the one that was not heard of for the longest time makes place.
    """

    idle: float
    largest: int
    most: int
    most_pages: int


class Channels:
    """Those that are open.

    Args:
        factories: of the elements on the page, in their order.
        bounds: of all of them.
    """

    def __init__(
        self, factories: Sequence[Callable[[], LiveElement]], bounds: ChannelBounds
    ) -> None:
        self.bounds = bounds
        self._factories = factories
        self._open: dict[str, Channel] = {}
        self._sessions: defaultdict[str, dict[str, Channel]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._open)

    def open(self, visitor: Visitor, chat: Chat | None) -> Operation[Channel]:
        """One for a new page, whose elements hear of it when the page is heard of.

        Raises, when it is waited for:
            Crowded: there are as many as may be.
        """
        return _Opening(self, visitor, chat)

    def make(self, visitor: Visitor, chat: Chat | None, scheduler: Hub) -> Channel:
        """See `open`."""
        session = visitor.session.id
        idlest = self._in_place(session)
        elements = _made(self._factories)
        if idlest is not None:
            idlest.end("Too many pages are open.")
        channel = Channel(
            secrets.token_urlsafe(24),
            visitor,
            chat,
            elements,
            scheduler,
            self.bounds.idle,
            self.bounds.largest,
            self._forget,
        )
        self._open[channel.id] = self._sessions[session][channel.id] = channel
        return channel

    def find(self, id: str, session: str) -> Channel:
        """The session's channel.

        Raises:
            NoChannel: it has none of this id.
        """
        channel = self._sessions[session].get(id) if session in self._sessions else None
        if channel is None:
            raise NoChannel("The page has no channel any more: open a new one.")
        return channel

    def _in_place(self, session: str) -> Channel | None:
        """The one that is to go for a new one of this session, if one is."""
        pages = self._sessions.get(session, {})
        if len(pages) >= self.bounds.most_pages:
            idle = [channel for channel in pages.values() if channel.idle]
            if not idle:
                raise Crowded
            return min(idle, key=lambda channel: channel.rested)
        if len(self._open) >= self.bounds.most:
            raise Crowded
        return None

    def _forget(self, channel: Any) -> None:
        session = channel.visitor.session.id
        del self._open[channel.id]
        pages = self._sessions[session]
        del pages[channel.id]
        if not pages:
            del self._sessions[session]


def _made(factories: Sequence[Callable[[], LiveElement]]) -> list[LiveElement]:
    """An element of each; if one fails, those before it leave what they have come to."""
    elements: list[LiveElement] = []
    try:
        for factory in factories:
            elements.append(factory())
            if elements[-1].gone:
                raise TypeError(f"{factory!r} is to make an element anew for each page")
    except BaseException:
        for element in elements:
            element.disconnect()
        raise
    return elements


class _Opening(Operation[Channel]):
    """See `Channels.open`: whoever waits for it knows on which scheduler that is."""

    __slots__ = ("_channels", "_chat", "_visitor")

    def __init__(self, channels: Channels, visitor: Visitor, chat: Chat | None) -> None:
        super().__init__()
        self._channels = channels
        self._visitor = visitor
        self._chat = chat

    def _begin(self) -> bool:
        self._outcome = self._channels.make(self._visitor, self._chat, self.scheduler)
        return True
