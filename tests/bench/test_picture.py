from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench.picture import LABEL, WIDTH, draw
from bench.plan import FULL
from bench.table import ROWS
from tests.bench.figures import made_up

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def svg():
    return ElementTree.fromstring(draw(made_up(), FULL, "today & <here>"))


def rects(svg, kind):
    return [each for each in svg.iter(f"{SVG}rect") if each.get("class") == kind]


def test_it_is_well_formed_and_has_a_panel_for_each_row(svg):
    assert len(rects(svg, "panel")) == len(ROWS)
    assert "today & <here>" in {text.text for text in svg.iter(f"{SVG}text")}


def test_bars_are_as_long_as_their_figures(svg):
    ours, theirs = rects(svg, "ours"), rects(svg, "theirs")
    cogen, asgi = float(ours[0].get("width")), float(theirs[0].get("width"))
    assert asgi / cogen == pytest.approx(30_500 / 76_000, rel=0.01)


def test_what_has_no_figure_has_no_bar_but_says_why(svg):
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert texts[texts.index("nchan (nginx)") + 1] == "not installed"
    assert texts[texts.index("Tornado") + 1] == "failed"
    bars = len(rects(svg, "ours")) + len(rects(svg, "theirs"))
    assert bars == sum(len(row.subjects) * len(row.pictured) for row in ROWS.values()) - 2


def test_nothing_stands_outside_of_its_panel(svg):
    panels = rects(svg, "panel")
    width = float(panels[0].get("width"))
    for bar in rects(svg, "ours") + rects(svg, "theirs"):
        assert float(bar.get("width")) <= width - LABEL
    for panel in panels:
        assert float(panel.get("x")) + width <= WIDTH
        assert float(panel.get("y")) + float(panel.get("height")) <= float(svg.get("height"))


def test_it_has_colours_for_dark_pages(svg):
    assert "prefers-color-scheme: dark" in svg.find(f"{SVG}style").text
