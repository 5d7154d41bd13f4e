"""Plain GET of a page of 100 bytes: by wrk, or by our own client where there is none."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from bench.askers import ask_for
from bench.connection import Connection
from bench.meter import Meter
from bench.peers import PLAIN
from bench.plan import Sizes
from bench.stream import Failure
from bench.subjects import Subject
from bench.wire import get

__all__ = ["measure"]


def measure(subject: Subject, sizes: Sizes, folder: Path) -> dict[str, float]:
    """See `Meter.figures`; counted are answers."""
    with subject.running(folder) as process:
        connection = Connection(process.port)
        if connection.ask(get(subject.plain)).body != PLAIN:
            raise Failure("the page is another than it should be")
        connection.close()

        def load(seconds: float) -> int:
            if shutil.which("wrk"):
                return _wrk(process.port, subject.plain, sizes.connections, seconds)
            return ask_for(process.port, get(subject.plain), PLAIN, sizes.connections, seconds)

        load(sizes.warm_up)
        meter = Meter(process)
        return meter.figures(load(sizes.seconds))


def _wrk(port: int, path: str, connections: int, seconds: float) -> int:
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{max(1, round(seconds))}s"]
    command.append(f"http://127.0.0.1:{port}{path}")
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    answers = re.search(r"([0-9]+) requests in", ran.stdout)
    bad = re.search(r"Non-2xx.*|Socket errors.*", ran.stdout)
    if ran.returncode or answers is None or bad is not None:
        raise Failure(f"wrk: {bad[0] if bad else ran.stderr.strip()}")
    return int(answers[1])
