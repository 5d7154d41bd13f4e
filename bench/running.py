"""One run: every subject of every row, round after round, so that noise hits all alike."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.plan import Sizes
from bench.progress import Progress
from bench.results import Result, Results
from bench.stream import Failure
from bench.subjects import SUBJECTS
from bench.table import ROWS

__all__ = ["run"]


def run(choice: dict[str, list[str]], sizes: Sizes) -> Results:
    """Measure; what fails once is not measured again, and has no figures."""
    results = Results()
    for row, names in choice.items():
        results.rows[row] = {name: Result(absent=SUBJECTS[name].absent()) for name in names}
    steps = [
        (row, name, number)
        for number in range(sizes.rounds)
        for row, names in choice.items()
        for name in _turned(names, number)
        if not results.rows[row][name].absent
    ]
    progress = Progress(len(steps))
    try:
        for row, name, number in steps:
            progress.step(f"round {number + 1}: {row}, {SUBJECTS[name].title}")
            result = results.rows[row][name]
            if result.failure:
                continue
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                Path(folder).chmod(0o755)  # nginx's worker is nobody
                try:
                    figures = ROWS[row].measure(SUBJECTS[name], sizes, Path(folder))
                except (Failure, OSError) as error:
                    result.failure = f"{error}"
                    progress.say(f"FAILED {row}, {SUBJECTS[name].title}: {error}")
                else:
                    result.rounds.append(figures)
    finally:
        progress.end()
    return results


def _turned(names: list[str], number: int) -> Iterable[str]:
    """Each round begins with another one: nobody always follows the same neighbour."""
    number %= len(names)
    return [*names[number:], *names[:number]]
