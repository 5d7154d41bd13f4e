"""The chat of the ancestor, at ``/chatter``: one box for a name, then one to say something."""

from __future__ import annotations

from chatapp.live.element import LiveElement

__all__ = ["Chatter"]


class Chatter(LiveElement):
    """One page."""

    jsClass = "chatter.ChatterWidget"
    template = "chatter.html"
    stylesheet = "chatter.css"
