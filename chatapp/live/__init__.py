"""Live elements: objects on the server and in the page that call each other (Nevow's Athena)."""

from chatapp.live.element import LiveElement
from chatapp.live.elements import Elements
from chatapp.live.errors import CallError, ChannelFull, ChannelLost, RemoteError
from chatapp.live.exposing import expose

__all__ = [
    "CallError",
    "ChannelFull",
    "ChannelLost",
    "Elements",
    "LiveElement",
    "RemoteError",
    "expose",
]
