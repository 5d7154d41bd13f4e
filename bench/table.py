"""The rows of the table: who takes part, what is measured, and how its figures are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.plan import Sizes
from bench.rows import (
    batches,
    calls,
    clicks,
    clients,
    fanout,
    latency,
    longpoll,
    memory,
    plain,
    polled_calls,
    pushes,
    start,
    websockets_memory,
)
from bench.subjects import Subject

__all__ = ["ROWS", "Column", "Row"]

Measure = Callable[[Subject, Sizes, Path], dict[str, float]]


@dataclass(frozen=True)
class Column:
    """One figure.

    Attributes:
        key: in what `Row.measure` gives.
        heading: over its column.
        form: gives the text.
    """

    key: str
    heading: str
    form: Callable[[float], str]


def number(value: float) -> str:
    return f"{value:,.0f}"


def share(value: float) -> str:
    return f"{value:.0%}"


@dataclass(frozen=True)
class Row:
    """One row of the table of the design, which is a table itself.

    Attributes:
        name: as ``ONLY`` names it.
        title: what is measured, as a sentence without its point; has the sizes in braces.
        measure: measures one subject once.
        subjects: names of who takes part.
        columns: the figures.
        short, unit: the picture's title, and what its bars are; may have sizes too.
        pictured: keys of the columns that it shows.
        others: who the rates are compared with, or else the last column.
    """

    name: str
    title: str
    measure: Measure
    subjects: tuple[str, ...]
    columns: tuple[Column, ...]
    short: str
    unit: str
    pictured: tuple[str, ...]
    others: tuple[str, ...] = ()

    def heading(self, sizes: Sizes) -> str:
        """The title, with the sizes of this run."""
        return self.title.format(sizes=sizes)


def milliseconds(value: float) -> str:
    return f"{value * 1e3:.1f} ms"


def microseconds(value: float) -> str:
    return f"{value * 1e6:.1f} µs"


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def kilobytes(value: float) -> str:
    return f"{value / 1000:.1f} kB"


def times(value: float) -> str:
    return f"{value:.2f} ×"


WAITED = Column("waited", "kept waiting", share)
RATES = (
    Column("wall", "per second", number),
    Column("cpu", "per CPU second", number),
    Column("busy", "server busy", share),
    Column("load", "load busy", share),
    WAITED,
)
CALLS = (
    Column("up_one", "CPU, up, 1 page", number),
    Column("up_many", "CPU, up, {sizes.calling:,} pages", number),
    Column("down_one", "CPU, down, 1 page", number),
    Column("down_many", "CPU, down, {sizes.calling:,} pages", number),
    Column("up_one_wall", "wall, up, 1", number),
    Column("up_many_wall", "up, {sizes.calling:,}", number),
    Column("down_one_wall", "down, 1", number),
    Column("down_many_wall", "down, {sizes.calling:,}", number),
    WAITED,
)
WEBSOCKETS = "cogen chatapp websockets aiohttp nchan".split()
EVERYONE = "cogen chatapp asgi starlette aiohttp tornado gevent nchan".split()

_ALL = (
    Row(
        "longpoll",
        "Long-poll deliveries: {sizes.waiting} clients wait, one push at a time",
        longpoll.measure,
        ("cogen", "cogen4", "cogen-compiled", "chatapp", "chatapp-compiled", *EVERYONE[2:]),
        RATES,
        "Long-poll deliveries",
        "a second of processor time; {sizes.waiting} clients, one push at a time",
        ("cpu",),
        ("asgi", "nchan"),
    ),
    Row(
        "batches",
        "Messages delivered to {sizes.waiting} clients when pushes come faster than polls "
        "({sizes.pushers} pushers, each without a pause)",
        batches.measure,
        ("cogen", "chatapp", "asgi", "nchan"),
        (*RATES, Column("batch", "in one answer", number)),
        "Messages in batches",
        "delivered in a second of processor time; pushes faster than polls",
        ("cpu",),
        ("asgi", "nchan"),
    ),
    Row(
        "pushes",
        "Messages accepted, each answered when it is kept: {sizes.speakers} pushers, each without "
        "a pause",
        pushes.measure,
        ("chatapp", "chatapp-compiled", "chatapp-power"),
        RATES,
        "Durable pushes",
        "a second; {sizes.speakers} pushers",
        ("wall",),
    ),
    Row(
        "fanout",
        "WebSocket deliveries: {sizes.hearing:,} clients listen, one push at a time",
        fanout.measure,
        tuple(WEBSOCKETS),
        RATES,
        "WebSocket deliveries",
        "a second of processor time; {sizes.hearing:,} clients, one push at a time",
        ("cpu",),
        ("websockets", "nchan"),
    ),
    Row(
        "calls",
        "Calls a second on WebSockets, up to the server and down to the page: 1 page with "
        "{sizes.width} in flight, and {sizes.calling:,} pages with one each",
        calls.measure,
        ("chatapp", "chatapp-compiled", "websockets", "aiohttp"),
        CALLS,
        "Calls on WebSockets",
        "in a second of processor time; 1 page with {sizes.width} in flight, or 1 each",
        tuple(column.key for column in CALLS[:4]),
    ),
    Row(
        "polled-calls",
        "The same calls by polls, and requests that bring messages",
        polled_calls.measure,
        ("chatapp", "chatapp-compiled", "aiohttp"),
        CALLS,
        "Calls by polls",
        "in a second of processor time; 1 page with {sizes.width} in flight, or 1 each",
        tuple(column.key for column in CALLS[:4]),
    ),
    Row(
        "latency",
        "From push to receipt: {sizes.listening:,} clients, {sizes.rate:g} pushes a second",
        latency.measure,
        tuple(EVERYONE),
        (WAITED, Column("p50", "median", milliseconds), Column("p99", "99 %", milliseconds)),
        "From push to receipt",
        "99 % are faster; {sizes.listening:,} clients; less is better",
        ("p99",),
        ("asgi", "nchan"),
    ),
    Row(
        "clicks",
        "From the click on Send to the message on another person's page, in two sessions of "
        "Chromium: {sizes.clicks} messages, one at a time",
        clicks.measure,
        ("page-websocket", "page-events", "page-longpoll", "page-bare"),
        (
            WAITED,
            Column("standing_p50", "in the document: median", milliseconds),
            Column("standing_p95", "95 %", milliseconds),
            Column("standing_most", "slowest", milliseconds),
            Column("painted_p50", "painted: median", milliseconds),
            Column("painted_most", "slowest", milliseconds),
            Column("painted_p95", "95 %", milliseconds),
        ),
        "From click to another's page",
        "painted there; 95 % are faster; less is better",
        ("painted_p95",),
        ("page-bare",),
    ),
    Row(
        "memory",
        "Memory for a parked poll: {sizes.parked:,} of them",
        memory.measure,
        ("cogen", "cogen-compiled", "chatapp", "chatapp-compiled", *EVERYONE[2:]),
        (Column("bytes", "resident, each", kilobytes),),
        "Memory for a parked poll",
        "resident, of {sizes.parked:,}; less is better",
        ("bytes",),
        ("asgi", "nchan"),
    ),
    Row(
        "websockets-memory",
        "Memory for an idle WebSocket: {sizes.idle:,} of them",
        websockets_memory.measure,
        tuple(WEBSOCKETS),
        (Column("bytes", "resident, each", kilobytes),),
        "Memory for an idle WebSocket",
        "resident, of {sizes.idle:,}; less is better",
        ("bytes",),
        ("websockets", "nchan"),
    ),
    Row(
        "plain",
        "Plain GET of a page of 100 bytes, from {sizes.connections} connections",
        plain.measure,
        ("cogen", "asgi", "gunicorn-sync", "gunicorn-gthread", "gunicorn-gevent"),
        RATES,
        "Plain GET, 100 bytes",
        "answers in a second of processor time",
        ("cpu",),
        ("asgi",),
    ),
    Row(
        "clients",
        "Cost of a delivery as the number of clients grows",
        clients.measure,
        ("cogen", "chatapp"),
        (
            Column("cpu0", "CPU, {sizes.crowds[0]:,} clients", microseconds),
            Column("cpu1", "{sizes.crowds[1]:,}", microseconds),
            Column("cpu2", "{sizes.crowds[2]:,}", microseconds),
            Column("growth", "growth", times),
            Column("wall0", "wall, {sizes.crowds[0]:,}", microseconds),
            Column("wall1", "{sizes.crowds[1]:,}", microseconds),
            Column("wall2", "{sizes.crowds[2]:,}", microseconds),
        ),
        "Cost of a delivery",
        "processor time, as the number of clients grows; less is better",
        ("cpu0", "cpu1", "cpu2"),
    ),
    Row(
        "start",
        "From the start of `paster serve` to its first answer",
        start.measure,
        ("chatapp",),
        (Column("seconds", "", seconds),),
        "Start of paster serve",
        "to its first answer; less is better",
        ("seconds",),
    ),
)

ROWS = {row.name: row for row in _ALL}
