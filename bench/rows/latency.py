"""How long a message takes from push to receipt, when a room is calm: a few pushes a second."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from bench.gathering import gathered
from bench.meter import Meter
from bench.plan import Sizes
from bench.readers import Reader, TimedReader
from bench.subjects import Subject

__all__ = ["measure"]

WARM_UP = 5  # pushes


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """``p50`` and ``p99`` of all receipts, in seconds; ``waited`` as `Meter.figures` has it."""
    with (
        subject.running(folder) as process,
        gathered(subject, process, sizes.listening, kind=TimedReader) as crowd,
    ):
        waits: list[float] = []
        meter = Meter(process)
        due = time.perf_counter()
        for number in range(WARM_UP + sizes.pushes):
            # From when it was due: one that had to wait for the one before has waited.
            due += 1 / sizes.rate
            while (left := due - time.perf_counter()) > 0:
                crowd.turn(left)
            crowd.say()
            crowd.arrived()
            process.doze()
            if number >= WARM_UP:
                waits += [arrival - due for arrival in arrivals(crowd.readers)]
        waited = meter.figures(0)["waited"]
        crowd.rest()
    cuts = statistics.quantiles(waits, n=100)
    return {"p50": cuts[49], "p99": cuts[98], "waited": waited}


def arrivals(readers: list[Reader]) -> list[float]:
    """When the last message came to each."""
    return [reader.times[-1] for reader in readers if isinstance(reader, TimedReader)]
