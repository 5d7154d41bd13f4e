"""From one person's click to the message on another's page: real pages, a message at a time."""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

from bench.meter import Meter
from bench.people import people
from bench.plan import Sizes
from bench.subjects import Subject

__all__ = ["measure"]

WARM_UP = 5  # clicks
PAUSES = (0.02, 0.08)  # seconds from one to the next: a click falls anywhere in a frame


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """``standing_…`` in the document, ``painted_…``: half, 95 %, and the slowest, in seconds.

    ``waited`` as `Meter.figures` has it.
    """
    chance = random.Random(1)
    with subject.running(folder) as process, people(subject, process.port) as them:
        for _ in range(WARM_UP):
            them.say()
        meter = Meter(process)
        waits = []
        for _ in range(sizes.clicks):
            time.sleep(chance.uniform(*PAUSES))
            waits.append(them.say())
        waited = meter.figures(0)["waited"]
        them.check()
    standing, painted = zip(*waits, strict=True)
    return {**_cuts("standing", standing), **_cuts("painted", painted), "waited": waited}


def _cuts(name: str, waits: tuple[float, ...]) -> dict[str, float]:
    cuts = statistics.quantiles(waits, n=20, method="inclusive")
    return {f"{name}_p50": cuts[9], f"{name}_p95": cuts[18], f"{name}_most": max(waits)}
