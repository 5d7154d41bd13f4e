from __future__ import annotations

from pathlib import Path

import pytest

from bench.choice import BadChoice, chosen
from bench.table import ROWS


def test_nothing_chooses_all():
    assert chosen("") == {name: list(row.subjects) for name, row in ROWS.items()}


def test_rows_and_subjects_in_the_tables_order():
    assert chosen("longpoll:asgi,cogen start") == {
        "longpoll": ["cogen", "asgi"],
        "start": ["chatapp"],
    }


def test_subjects_of_every_row_in_which_they_take_part():
    assert set(chosen(":gunicorn-sync,tornado")) == {"longpoll", "latency", "memory", "plain"}


@pytest.mark.parametrize("only", ["longpol", "longpoll:cogn", "start:cogen", ":gunicorn"])
def test_what_does_not_exist_is_said(only):
    with pytest.raises(BadChoice):
        chosen(only)


def test_the_readme_names_every_row_and_who_takes_part():
    text = (Path(__file__).parents[2] / "bench" / "README.md").read_text()
    for row in ROWS.values():
        assert f"| `{row.name}` | {' '.join(row.subjects)} |" in text
