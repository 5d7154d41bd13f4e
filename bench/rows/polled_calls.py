"""The same calls by polls, and by requests that bring what is said."""

from __future__ import annotations

from pathlib import Path

from bench.pages import PollingPage
from bench.plan import Sizes
from bench.rows import calls
from bench.subjects import Subject

__all__ = ["measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """See `calls.measure`."""
    return calls.measure(subject, sizes, folder, PollingPage)
