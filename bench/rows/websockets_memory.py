"""Memory for an idle WebSocket: how much the server's resident memory grows by many of them."""

from __future__ import annotations

from pathlib import Path

from bench.listeners import Listener
from bench.plan import Sizes
from bench.rows.memory import growth
from bench.subjects import Subject

__all__ = ["measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """``bytes`` for each WebSocket."""
    return {"bytes": growth(subject, sizes.idle, folder, Listener)}
