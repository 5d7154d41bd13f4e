"""What `make bench` measures in a browser, on pages with a fault; no speed is asserted."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from bench import people
from bench.plan import Sizes
from bench.rows import clicks
from bench.stream import Failure
from bench.subjects import SUBJECTS
from bench.table import ROWS

FAULTY = """
from bench.peers import bare
well = bare.broadcast
bare.broadcast = lambda them, text: {fault}
bare.uvloop.run(bare.main())
"""


def measured(subject, folder):
    return clicks.measure(subject, Sizes(clicks=2), folder)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(people, "PATIENCE", 1.0)


def test_a_message_stands_before_it_is_painted_and_after_its_click(tmp_path):
    figures = measured(SUBJECTS["page-bare"], tmp_path)
    assert set(figures) == {column.key for column in ROWS["clicks"].columns}
    assert 0 < figures["standing_p50"] < figures["painted_p50"] < figures["painted_most"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("[well(them, each) for each in (text, text)]", "the page shows"),
        ("'2' in text or well(them, text)", '"message 2 is what was said" has not come'),
    ],
    ids=["doubled", "lost"],
)
def test_a_page_with_a_fault_is_noticed(fault, said, impatient, tmp_path):
    code = FAULTY.format(fault=fault)
    faulty = replace(
        SUBJECTS["page-bare"], command=lambda folder, port: [sys.executable, "-c", code, str(port)]
    )
    with pytest.raises(Failure, match=said):
        measured(faulty, tmp_path)


def test_a_page_that_is_carried_by_something_else_is_noticed(impatient, tmp_path):
    subject = replace(SUBJECTS["page-websocket"], lacking="WebSocket")
    with pytest.raises(Failure, match="by server-sent events"):
        measured(subject, tmp_path)


def test_clocks_that_do_not_agree_are_noticed(monkeypatch, tmp_path):
    monkeypatch.setattr(people, "APART", -1)  # no two clocks are nearer to each other
    with pytest.raises(Failure, match=r"clocks of the pages are [0-9.]+ ms apart"):
        measured(SUBJECTS["page-bare"], tmp_path)


def test_where_there_is_no_chromium_it_is_said(monkeypatch, tmp_path):
    assert [SUBJECTS[name].absent() for name in ("page-events", "page-bare")] == ["", ""]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [SUBJECTS[name].absent() for name in ("page-events", "page-bare")] == 2 * ["Chromium"]
