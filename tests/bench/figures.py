"""Made-up results, for what shows them."""

from __future__ import annotations

from bench.results import Result, Results
from bench.table import ROWS


def rates(wall, cpu, busy=1.0):
    return {"wall": wall, "cpu": cpu, "busy": busy, "load": 0.4, "waited": 0.02, "batch": 12}


def made_up() -> Results:
    """Every row, each subject with one figure for each column; two with faults."""
    results = Results()
    for row in ROWS.values():
        results.rows[row.name] = {
            name: Result([{column.key: 1.0 for column in row.columns} | {"waited": 0.0}])
            for name in row.subjects
        }
    longpoll = results.rows["longpoll"]
    longpoll["cogen"] = Result(
        [rates(90_000, 91_000), rates(60_000, 61_000), rates(75_000, 76_000)]
    )
    longpoll["asgi"] = Result([rates(30_000, 30_500)])
    longpoll["chatapp"] = Result([rates(10_000, 45_750, busy=0.5)])
    longpoll["nchan"] = Result(absent="nchan")
    longpoll["tornado"] = Result([rates(5, 5)], failure="reader 3: message 7 was lost: 8 came")
    return results
