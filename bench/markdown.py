"""The results as a page: ``results.md``."""

from __future__ import annotations

from bench import bars, text
from bench.plan import FULL, Sizes
from bench.results import Results
from bench.table import ROWS

__all__ = ["page"]

METHOD = """\
The server is alone on one core, the load generator on another. Every row is measured for each \
server in turn, then all of it again, {rounds}, so that what else the machine does hits all alike; \
figures are medians, *spread* is from the worst round to the best, as a part of the median. \
**Compare ratios, not machines.**

Rates are given per second by the clock and per second of the server's processor time (of all its \
processes, from `/proc/<pid>/stat`). Where a server used less than {saturated:.0%} of its core, \
something else was the bottleneck (the load generator, or other work on the machine), and the \
clock says little of the server: then ratios are of processor time, and say so: *(cpu)*. \
*Kept waiting* is the part of the time in which a server was ready to run and something else had \
its core; with much of that a latency says more of the machine than of the server: *(noisy)*.

The load generator checks every message: each reader gets each one once, and all in one order. A \
server that loses, doubles or reorders one has failed, and has no figures. Before a push that \
must find everybody parked it waits until the server sleeps. The peers are in `bench/peers/`.\
"""

QUICK_RUN = (
    "**A quick run:** smaller numbers, shorter, in one round. It shows that everything works, and "
    "the order of magnitude."
)


def page(results: Results, sizes: Sizes, machine: dict[str, str], versions: dict[str, str]) -> str:
    """All of it.

    Args:
        machine: what `bench.machine.describe` says.
        versions: of the servers.
    """
    rounds = f"{sizes.rounds} rounds" if sizes.rounds > 1 else "in one round"
    parts = [
        "# What `make bench` measured",
        "Made by `make bench`; do not edit.",
        "![The same figures, as bars](results.svg)",
        "\n".join(f"- {name}: {value}" for name, value in machine.items())
        + "\n- versions: "
        + ", ".join(f"{name} {value}" for name, value in versions.items()),
        *([] if sizes == FULL else [QUICK_RUN]),
        METHOD.format(rounds=rounds, saturated=text.SATURATED),
        "## The bars",
        table(bars.cells(results, sizes)),
    ]
    for name in results.rows:
        row = ROWS[name]
        parts += [f"## {row.heading(sizes)}", table(text.cells(row, results, sizes))]
    if results.failed:
        parts += ["## Failed", "\n".join(f"- {line}" for line in results.failed)]
    return "\n\n".join(parts) + "\n"


def table(lines: list[list[str]]) -> str:
    """A table of Markdown; the first column to the left, the others to the right."""
    rows = ["| " + " | ".join(each.replace("|", "\\|") for each in line) + " |" for line in lines]
    rows.insert(1, "| --- |" + " ---: |" * (len(lines[0]) - 1))
    return "\n".join(rows)
