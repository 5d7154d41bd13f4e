"""A row's figures as cells, for the screen and for Markdown."""

from __future__ import annotations

from bench.plan import Sizes
from bench.results import SATURATED, Result, Results
from bench.subjects import SUBJECTS
from bench.table import Row

__all__ = ["SATURATED", "aligned", "cells"]


def cells(row: Row, results: Results, sizes: Sizes) -> list[list[str]]:
    """A heading, and a line for each subject."""
    head = ["", *(column.heading.format(sizes=sizes) for column in row.columns), "spread"]
    head += [f"× {SUBJECTS[other].title}" for other in row.others]
    lines = [head]
    for name, result in results.rows[row.name].items():
        texts = [SUBJECTS[name].title, *_figures(row, name, result, results)]
        lines.append(texts + [""] * (len(head) - len(texts)))
    return lines


def _figures(row: Row, name: str, result: Result, results: Results) -> list[str]:
    if not result:
        return ["failed" if result.failure else "not installed" if result.absent else "–"]
    texts = [column.form(result.median(column.key)) for column in row.columns]
    shown = row.pictured[0]
    texts.append(f"{result.spread(shown):.0%}" if len(result.rounds) > 1 else "–")
    for other in row.others:
        if "wall" in result.rounds[0]:
            rate = results.rate(row.name, name, other)
            texts.append("–" if rate is None else f"{rate.ratio:.2f} ({rate.by})")
        else:
            ratio = results.ratio(row.name, name, other, row.columns[-1].key)
            texts.append("–" if ratio is None else f"{ratio:.2f}")
    return texts


def aligned(lines: list[list[str]]) -> str:
    """For the screen: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            each.rjust(width) if place else each.ljust(width)
            for place, (each, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
