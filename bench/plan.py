"""How much is measured: the sizes of a whole run, and of a quick one."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FULL", "QUICK", "Sizes"]


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything.

    Attributes:
        rounds: how often everything is measured.
        warm_up, seconds: before a measurement, and of it.
        waiting: readers of the long poll and of the batches.
        pushers: of the batches.
        speakers: of the durable pushes.
        listening, rate, pushes: of the latency: readers, pushes a second, and how many.
        parked: polls, of the memory.
        hearing: WebSockets of the fanout.
        idle: WebSockets, of their memory.
        clicks: of the pages in a browser: messages.
        connections: of the plain GET.
        calling, width: of the calls: pages that have one in flight each, and calls in flight of
            one page.
        crowds: of the cost per delivery: numbers of readers, growing.
    """

    rounds: int = 3
    warm_up: float = 1.0
    seconds: float = 3.0
    waiting: int = 200
    pushers: int = 16
    speakers: int = 100
    listening: int = 1000
    rate: float = 10.0
    pushes: int = 40
    parked: int = 5000
    hearing: int = 1000
    idle: int = 10_000
    clicks: int = 200
    connections: int = 32
    calling: int = 100
    width: int = 100
    crowds: tuple[int, ...] = (100, 1000, 10_000)


FULL = Sizes()
QUICK = Sizes(
    rounds=1,
    warm_up=0.2,
    seconds=0.8,
    listening=200,
    pushes=10,
    parked=500,
    idle=1000,
    clicks=20,
    crowds=(100, 300, 1000),
)
