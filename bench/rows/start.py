"""From the start of the process to the first answer."""

from __future__ import annotations

import time
from pathlib import Path

from bench.connection import Connection
from bench.plan import Sizes
from bench.subjects import Subject
from bench.wire import get

__all__ = ["measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """``seconds``."""
    with subject.running(folder) as process:
        connection = Connection(process.port)
        connection.ask(get(f"{subject.pull}/reader"))
        seconds = time.perf_counter() - process.started
        connection.close()
    return {"seconds": seconds}
