from __future__ import annotations

import pytest

from bench.plan import FULL
from bench.table import ROWS
from bench.text import aligned, cells
from tests.bench.figures import made_up


def test_a_line_has_medians_spread_and_ratios():
    lines = cells(ROWS["longpoll"], made_up(), FULL)
    assert lines[0][-2:] == ["× bare ASGI on uvicorn", "× nchan (nginx)"]
    assert lines[1] == [
        "cogen", "75,000", "76,000", "100%", "40%", "2%", "39%", "2.50 (wall)", "–",
    ]  # fmt: skip


def test_what_is_missing_says_so():
    lines = {line[0]: line[1] for line in cells(ROWS["longpoll"], made_up(), FULL)}
    assert lines["nchan (nginx)"] == "not installed"
    assert lines["Tornado"] == "failed"


@pytest.mark.parametrize("name", ROWS)
def test_every_row_can_be_shown(name):
    lines = cells(ROWS[name], made_up(), FULL)
    assert len(lines) == 1 + len(ROWS[name].subjects)
    assert len({len(line) for line in lines}) == 1
    assert "{" not in ROWS[name].heading(FULL) + "".join(lines[0])


def test_columns_stand_below_each_other():
    assert aligned([["", "rate"], ["cogen", "9"], ["x", "1,000"]]) == (
        "        rate\ncogen      9\nx      1,000"
    )
