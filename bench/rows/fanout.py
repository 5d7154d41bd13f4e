"""Deliveries a second over WebSockets: many are open, one message is pushed at a time."""

from __future__ import annotations

from pathlib import Path

from bench.listeners import Listener
from bench.plan import Sizes
from bench.rows.longpoll import deliveries
from bench.subjects import Subject

__all__ = ["measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """See `Meter.figures`; counted is what reached a listener."""
    return deliveries(subject, sizes.hearing, sizes.warm_up, sizes.seconds, folder, Listener)
