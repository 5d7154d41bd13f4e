from __future__ import annotations

from bench.markdown import page, table
from bench.plan import FULL, QUICK
from bench.table import ROWS
from tests.bench.figures import made_up


def test_the_page_says_where_what_and_how():
    text = page(made_up(), FULL, {"kernel": "Linux 6"}, {"gevent": "26.9"})
    assert "- kernel: Linux 6\n" in text
    assert "gevent 26.9" in text
    assert "](results.svg)" in text
    assert "3 rounds" in text
    assert "- longpoll:tornado: reader 3: message 7 was lost: 8 came" in text
    for row in ROWS.values():
        assert f"## {row.heading(FULL)}\n" in text


def test_a_table_has_as_many_cells_in_every_line():
    lines = table([["", "a"], ["x | y", "1"]]).splitlines()
    assert lines == ["|  | a |", "| --- | ---: |", "| x \\| y | 1 |"]


def test_a_quick_run_says_so():
    assert "**A quick run:**" in page(made_up(), QUICK, {}, {})
    assert "**A quick run:**" not in page(made_up(), FULL, {}, {})
