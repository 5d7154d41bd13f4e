"""How long something took, each time: counted by steps, as Prometheus has its histograms."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final

__all__ = ["STEPS", "Durations"]

STEPS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Durations:
    """Since the start.

    Attributes:
        total: all of them, in seconds.
    """

    def __init__(self) -> None:
        self.total = 0.0
        self._counts = [0] * (len(STEPS) + 1)

    def add(self, seconds: float) -> None:
        """Once more, and so long."""
        self.total += seconds
        self._counts[bisect_left(STEPS, seconds)] += 1

    def counts(self) -> list[int]:
        """How many took no longer than each of `STEPS`; and last, how many there were."""
        return list(accumulate(self._counts))
