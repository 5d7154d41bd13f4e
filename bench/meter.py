"""What a server did in a while: by the clock on the wall, and by its own processor time."""

from __future__ import annotations

import os
import time

from bench.processes import Process

__all__ = ["Meter"]


class Meter:
    """Begins to measure when it is made."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._cpu = process.cpu()
        self._waited = process.waited()
        self._own = _own()
        self._wall = time.perf_counter()

    def figures(self, count: int) -> dict[str, float]:
        """Of so many things that were done.

        ``wall`` and ``cpu``: how many a second, of each kind; ``busy`` and ``load``: which part of
        its core the server and the load generator used; ``waited``: which part of the time the
        server was ready to run, and something else had its core.
        """
        wall = time.perf_counter() - self._wall
        cpu = max(self._process.cpu() - self._cpu, 0.001)
        own = _own() - self._own
        return {
            "wall": count / wall,
            "cpu": count / cpu,
            "busy": cpu / wall,
            "load": own / wall,
            "waited": (self._process.waited() - self._waited) / wall,
        }


def _own() -> float:
    """Processor time of this process, and of those that it started and that have ended (wrk)."""
    return sum(os.times()[:4])
