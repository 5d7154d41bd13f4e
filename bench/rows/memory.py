"""Memory for a parked poll: how much the server's resident memory grows by many of them."""

from __future__ import annotations

from pathlib import Path

from bench.gathering import gather, gathered
from bench.plan import Sizes
from bench.readers import Reader
from bench.subjects import Subject

__all__ = ["growth", "measure"]

BEFORE = 16  # parked beforehand: by then the server has loaded all that it needs


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """``bytes`` for each poll."""
    return {"bytes": growth(subject, sizes.parked, folder)}


def growth(subject: Subject, readers: int, folder: Path, kind: type[Reader] = Reader) -> float:
    """Bytes for each of so many readers, of this kind."""
    with (
        subject.running(folder) as process,
        gathered(subject, process, BEFORE, kind=kind) as crowd,
    ):
        before = process.memory()
        gather(crowd, subject, process, readers, kind)
        after = process.memory()
        crowd.say()  # they were parked indeed
        crowd.rest()
    return (after - before) / readers
