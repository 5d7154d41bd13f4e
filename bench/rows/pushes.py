"""Messages a second that are accepted, each answered when it is kept, from many pushers at once.

One reader listens, and checks that each comes once.
"""

from __future__ import annotations

import time
from pathlib import Path

from bench.gathering import gathered
from bench.meter import Meter
from bench.peers import KEPT
from bench.plan import Sizes
from bench.subjects import Subject

__all__ = ["measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """See `Meter.figures`; counted is what was answered."""
    with (
        subject.running(folder) as process,
        gathered(subject, process, 1, sizes.speakers, batches=True) as crowd,
    ):
        stream = crowd.stream

        def talk(seconds: float) -> int:
            before = stream.pushed - stream.unanswered
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if stream.left < KEPT // 2:
                    for pusher in crowd.pushers:
                        if not pusher.busy:
                            pusher.push()
                crowd.turn(0.1)
            return stream.pushed - stream.unanswered - before

        talk(sizes.warm_up)
        meter = Meter(process)
        figures = meter.figures(talk(sizes.seconds))
        crowd.finish()
        crowd.rest()
    return figures
