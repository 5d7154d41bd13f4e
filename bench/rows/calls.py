"""Calls a second between pages and the server, both ways, on WebSockets."""

from __future__ import annotations

from pathlib import Path

from bench.calling import pages
from bench.meter import Meter
from bench.pages import Page, SocketPage
from bench.plan import Sizes
from bench.subjects import Subject

__all__ = ["measure"]


def measure(
    subject: Subject, sizes: Sizes, folder: Path, kind: type[Page] = SocketPage
) -> dict[str, float]:
    """How many a second of the server's processor time, and by the clock; see `Meter.figures`."""
    figures = {"waited": 0.0}
    with subject.running(folder) as process:
        for way in ("up", "down"):
            for name, count, width in (("one", 1, sizes.width), ("many", sizes.calling, 1)):
                with pages(subject, process.port, kind, count, width, way == "up") as them:
                    them.run(sizes.warm_up)
                    meter = Meter(process)
                    measured = meter.figures(them.run(sizes.seconds))
                    them.finish()
                figures[f"{way}_{name}"] = measured["cpu"]
                figures[f"{way}_{name}_wall"] = measured["wall"]
                figures["waited"] = max(figures["waited"], measured["waited"])
    return figures
