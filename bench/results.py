"""What was measured: figures of every round, and their medians."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

__all__ = ["SATURATED", "Rate", "Result", "Results"]

NOISY = 0.1  # of the time without its core, from which on the clock says little of a server
SATURATED = 0.9  # of its core, from which on a server counts as the bottleneck


@dataclass
class Result:
    """One subject in one row.

    Attributes:
        rounds: the figures of each round.
        absent: what is not installed here, if something is missing.
        failure: what went wrong, if something did.
    """

    rounds: list[dict[str, float]] = field(default_factory=list)
    absent: str = ""
    failure: str = ""

    def __bool__(self) -> bool:
        """There are figures that hold."""
        return bool(self.rounds) and not self.failure

    def median(self, key: str) -> float:
        """The middle of the rounds."""
        return statistics.median(each[key] for each in self.rounds)

    def spread(self, key: str) -> float:
        """From the smallest round to the largest, as a part of the median."""
        values = [each[key] for each in self.rounds]
        return (max(values) - min(values)) / self.median(key)


@dataclass(frozen=True)
class Rate:
    """How much more one does than another.

    Attributes:
        ratio: of the medians.
        by: ``wall`` when both servers were the bottleneck, else ``cpu``.
    """

    ratio: float
    by: str


@dataclass
class Results:
    """Everything: row and subject to result, in the order of the table."""

    rows: dict[str, dict[str, Result]] = field(default_factory=dict)

    def get(self, row: str, subject: str) -> Result:
        """What there is, maybe nothing."""
        return self.rows.get(row, {}).get(subject, Result())

    def ratio(self, row: str, subject: str, other: str, key: str) -> float | None:
        """``subject`` against ``other`` in one figure; None where one of them has none."""
        mine, theirs = self.get(row, subject), self.get(row, other)
        return mine.median(key) / theirs.median(key) if mine and theirs else None

    def rate(self, row: str, subject: str, other: str) -> Rate | None:
        """``subject`` against ``other`` in a row that counts things done; None without figures."""
        mine, theirs = self.get(row, subject), self.get(row, other)
        if not mine or not theirs:
            return None
        saturated = min(mine.median("busy"), theirs.median("busy")) >= SATURATED
        by = "wall" if saturated else "cpu"
        return Rate(mine.median(by) / theirs.median(by), by)

    def noisy(self, row: str) -> bool:
        """Servers were kept waiting for their core: figures by the clock say little."""
        results = self.rows.get(row, {}).values()
        return any(
            result.median("waited") > NOISY
            for result in results
            if result and "waited" in result.rounds[0]
        )

    @property
    def absent(self) -> list[str]:
        """A line for each that could not be measured here."""
        return [
            f"{row}:{subject}: {result.absent} is not installed"
            for row, subjects in self.rows.items()
            for subject, result in subjects.items()
            if result.absent
        ]

    @property
    def failed(self) -> list[str]:
        """A line for each that failed."""
        return [
            f"{row}:{subject}: {result.failure}"
            for row, subjects in self.rows.items()
            for subject, result in subjects.items()
            if result.failure
        ]
