"""The bars that are set for us, and whether they hold.

They are the table *Speed* of the design: what must hold, and what to reach for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.plan import FULL, Sizes
from bench.results import Results

__all__ = ["BARS", "Aim", "Bar", "cells"]

GUNICORNS = ("gunicorn-sync", "gunicorn-gthread", "gunicorn-gevent")


@dataclass(frozen=True)
class Aim:
    """A figure and its limit.

    Attributes:
        text: as it stands in the design.
        value: gives the figure; None where something was not measured.
        limit: at least this, or at most.
        form: gives the figure's text.
        at_most: the limit is an upper one.
    """

    text: str
    value: Callable[[Results], float | None]
    limit: float
    form: str = "{:.2f} ×"
    at_most: bool = False

    def holds(self, value: float) -> bool:
        """Whether the limit is kept."""
        return value <= self.limit if self.at_most else value >= self.limit


@dataclass(frozen=True)
class Bar:
    """One line: what is measured, what must hold, and what to reach for."""

    row: str
    what: str
    bar: Aim
    reach: Aim


def rate(row: str, subject: str, *others: str) -> Callable[[Results], float | None]:
    """Against the best of the others."""

    def value(results: Results) -> float | None:
        rates = [results.rate(row, subject, other) for other in others]
        known = [each.ratio for each in rates if each is not None]
        return min(known, default=None)

    return value


def part(row: str, subject: str, other: str, key: str) -> Callable[[Results], float | None]:
    return lambda results: results.ratio(row, subject, other, key)


def figure(row: str, subject: str, key: str, unit: float = 1) -> Callable[[Results], float | None]:
    def value(results: Results) -> float | None:
        result = results.get(row, subject)
        return result.median(key) / unit if result else None

    return value


def _engine(subject: str, title: str) -> Bar:
    return Bar(
        "longpoll",
        f"long-poll deliveries, {title}",
        Aim("2.5 × bare ASGI", rate("longpoll", subject, "asgi"), 2.5),
        Aim("nchan", rate("longpoll", subject, "nchan"), 1),
    )


def _whole(subject: str, title: str) -> Bar:
    value = rate("longpoll", subject, "asgi")
    return Bar(
        "longpoll",
        f"long-poll deliveries, {title}",
        Aim("1.5 × bare ASGI", value, 1.5),
        Aim("2.5 × bare ASGI", value, 2.5),
    )


def _batches(subject: str, title: str) -> Bar:
    value = rate("batches", subject, "nchan")
    return Bar(
        "batches",
        f"messages delivered in batches, {title}",
        Aim("nchan", value, 1),
        Aim("3 × nchan", value, 3),
    )


def _latency(subject: str, title: str) -> Bar:
    return Bar(
        "latency",
        f"p99 from push to receipt, {title}",
        Aim("bare ASGI's", part("latency", subject, "asgi", "p99"), 1, at_most=True),
        Aim("nchan's", part("latency", subject, "nchan", "p99"), 1, at_most=True),
    )


def _memory(subject: str, title: str, limit: float, reach: float) -> Bar:
    value = figure("memory", subject, "bytes", 1000)
    return Bar(
        "memory",
        f"memory for a parked poll, {title}",
        Aim(f"{limit:g} kB", value, limit, "{:.1f} kB", at_most=True),
        Aim(f"{reach:g} kB", value, reach, "{:.1f} kB", at_most=True),
    )


def _clients(subject: str, title: str) -> Bar:
    value = figure("clients", subject, "growth")
    return Bar(
        "clients",
        f"growth of a delivery's cost with the clients, {title}",
        Aim("less than 1.5 ×", value, 1.5, at_most=True),
        Aim("flat (1.1 ×)", value, 1.1, at_most=True),
    )


_START = figure("start", "chatapp", "seconds")

BARS = (
    _engine("cogen", "cogen alone"),
    _engine("cogen-compiled", "cogen alone, compiled"),
    _whole("chatapp", "ChatApp"),
    _whole("chatapp-compiled", "ChatApp, compiled"),
    _batches("cogen", "cogen"),
    _batches("chatapp", "ChatApp"),
    _latency("cogen", "cogen"),
    _latency("chatapp", "ChatApp"),
    _memory("cogen", "cogen", 7, 5),
    _memory("cogen-compiled", "cogen, compiled", 7, 5),
    _memory("chatapp", "ChatApp", 12, 8),
    _memory("chatapp-compiled", "ChatApp, compiled", 12, 8),
    Bar(
        "plain",
        "plain GET, against gunicorn's best worker",
        Aim("2 × gunicorn", rate("plain", "cogen", *GUNICORNS), 2),
        Aim("2 × gunicorn", rate("plain", "cogen", *GUNICORNS), 2),
    ),
    Bar(
        "plain",
        "plain GET, against bare ASGI on uvicorn",
        Aim("1 × uvicorn", rate("plain", "cogen", "asgi"), 1),
        Aim("1.5 × uvicorn", rate("plain", "cogen", "asgi"), 1.5),
    ),
    _clients("cogen", "cogen"),
    _clients("chatapp", "ChatApp"),
    Bar(
        "start",
        "start of `paster serve` to its first answer",
        Aim("1.5 s", _START, 1.5, "{:.2f} s", at_most=True),
        Aim("0.7 s", _START, 0.7, "{:.2f} s", at_most=True),
    ),
)


def cells(results: Results, sizes: Sizes) -> list[list[str]]:
    """A heading, and a line for each bar whose row was measured.

    The bars are set for a whole run's sizes; a quick run says nothing about those of its rows
    that are smaller, and nothing a run in which servers did not get their core about latency.
    """
    lines = [["", "bar", "measured", "", "reach for", "measured", ""]]
    for bar in BARS:
        if bar.row in results.rows:
            comparable = sizes == FULL or bar.row in ("longpoll", "batches", "plain", "start")
            noisy = bar.row == "latency" and results.noisy(bar.row)  # what only the clock knows
            doubt = "(noisy)" if noisy else "" if comparable else "(quick)"
            texts = [bar.what]
            for aim, kept, not_kept in ((bar.bar, "holds", "missed"), (bar.reach, "yes", "no")):
                value = aim.value(results)
                if value is None:
                    texts += [aim.text, "–", ""]
                else:
                    verdict = kept if aim.holds(value) else not_kept
                    texts += [
                        aim.text,
                        aim.form.format(value),
                        doubt or verdict,
                    ]
            lines.append(texts)
    return lines
