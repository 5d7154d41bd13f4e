"""Deliveries a second: many wait, one message is pushed at a time."""

from __future__ import annotations

import time
from pathlib import Path

from bench.gathering import gathered
from bench.meter import Meter
from bench.plan import Sizes
from bench.readers import Reader
from bench.subjects import Subject

__all__ = ["deliveries", "measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """See `Meter.figures`; counted is what reached a reader."""
    return deliveries(subject, sizes.waiting, sizes.warm_up, sizes.seconds, folder)


def deliveries(
    subject: Subject,
    readers: int,
    warm_up: float,
    seconds: float,
    folder: Path,
    kind: type[Reader] = Reader,
) -> dict[str, float]:
    """The same for so many readers, of this kind."""
    with (
        subject.running(folder) as process,
        gathered(subject, process, readers, kind=kind) as crowd,
    ):

        def say(seconds: float) -> int:
            pushed, until = 0, time.monotonic() + seconds
            while not pushed or time.monotonic() < until:
                crowd.say()
                pushed += 1
                crowd.arrived()
                process.doze()
            return pushed

        say(warm_up)
        meter = Meter(process)
        figures = meter.figures(say(seconds) * readers)
        crowd.rest()
        return figures
