"""What a delivery costs the server when ever more clients wait."""

from __future__ import annotations

from pathlib import Path

from bench.plan import Sizes
from bench.rows.longpoll import deliveries
from bench.subjects import Subject

__all__ = ["measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """Seconds for a delivery: ``cpu0``, ``wall0`` for the first of ``sizes.crowds``, and so on.

    ``growth``: of the processor time, from the smallest crowd to the largest.
    """
    figures: dict[str, float] = {}
    for place, readers in enumerate(sizes.crowds):
        own = folder / f"{readers}"
        own.mkdir()
        rates = deliveries(subject, readers, sizes.warm_up, sizes.seconds, own)
        figures[f"cpu{place}"] = 1 / rates["cpu"]
        figures[f"wall{place}"] = 1 / rates["wall"]
    figures["growth"] = figures[f"cpu{len(sizes.crowds) - 1}"] / figures["cpu0"]
    return figures
