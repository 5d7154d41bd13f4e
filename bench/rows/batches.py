"""Messages a second that reach readers when pushes come faster than polls.

Several pushers each push their next message as soon as the last is answered; who polls gets all
that has come since its last poll.
"""

from __future__ import annotations

import time
from pathlib import Path

from bench.gathering import gathered
from bench.meter import Meter
from bench.peers import KEPT
from bench.plan import Sizes
from bench.readers import NchanReader, NumberedReader, Reader
from bench.subjects import Subject

__all__ = ["measure"]

KINDS: dict[str, type[Reader]] = {"cookie": Reader, "number": NumberedReader, "nchan": NchanReader}
AHEAD = KEPT // 2  # messages that pushers may be before the readers, of those that a log keeps


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """See `Meter.figures`; counted is what reached a reader. ``batch``: messages in an answer."""
    kind = KINDS[subject.cursor]
    cut = slice(-1) if kind is NchanReader else None  # see there
    with (
        subject.running(folder) as process,
        gathered(subject, process, sizes.waiting, sizes.pushers, kind, True, cut) as crowd,
    ):
        stream = crowd.stream

        def talk(seconds: float) -> int:
            """How many messages have reached a reader meanwhile."""
            before = stream.pushed * stream.readers - stream.left
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if stream.left < AHEAD * stream.readers:
                    for pusher in crowd.pushers:
                        if not pusher.busy:
                            pusher.push()
                crowd.turn(0.1)
            return stream.pushed * stream.readers - stream.left - before

        talk(sizes.warm_up)
        polls = sum(reader.polls for reader in crowd.readers)
        meter = Meter(process)
        messages = talk(sizes.seconds)
        figures = meter.figures(messages)
        polls = sum(reader.polls for reader in crowd.readers) - polls
        crowd.finish()
        crowd.rest()
    return {**figures, "batch": messages / max(1, polls)}
