"""The results as bars: ``results.svg``, for light pages and dark ones."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from bench.plan import Sizes
from bench.results import Results
from bench.subjects import SUBJECTS
from bench.table import ROWS, Row

__all__ = ["draw"]

WIDTH = 960
MARGIN = 28
GAP = 24
LABEL = 196  # where a panel's bars begin
VALUE = 78  # room for the figure after the longest bar
LINE = 22
THICK = 14
HEAD = 52  # a panel's title and subtitle
TOP = 84

STYLE = """\
  svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  .page { fill: #ffffff; }
  .panel { fill: #f6f7f9; }
  text { fill: #1f2430; font-size: 13px; }
  .title { font-size: 20px; font-weight: 600; }
  .head { font-size: 14px; font-weight: 600; }
  .small { fill: #5b6472; font-size: 12px; }
  .ours { fill: #2f6fde; }
  .theirs { fill: #b4bcc9; }
  .name { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14171c; }
    .panel { fill: #1d2128; }
    text { fill: #e4e7ec; }
    .small { fill: #9aa4b2; }
    .ours { fill: #5b95f5; }
    .theirs { fill: #525b69; }
  }"""

OURS = (
    "cogen",
    "cogen4",
    "cogen-compiled",
    "chatapp",
    "chatapp-compiled",
    "page-websocket",
    "page-events",
    "page-longpoll",
)


@dataclass(frozen=True)
class Line:
    """One bar: None where there is no figure, and the text says why."""

    label: str
    value: float | None
    text: str
    ours: bool


def draw(results: Results, sizes: Sizes, caption: str) -> str:
    """The whole picture.

    Args:
        caption: one line below the title.
    """
    columns: list[list[str]] = [[], []]
    heights = [TOP, TOP]
    width = (WIDTH - 2 * MARGIN - GAP) // 2
    for name in results.rows:
        lines = _lines(ROWS[name], results, sizes)
        side = heights.index(min(heights))
        x = MARGIN + side * (width + GAP)
        panel, height = _panel(ROWS[name], sizes, lines, x, heights[side], width)
        columns[side].append(panel)
        heights[side] += height + GAP
    height = max(heights) + MARGIN - GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">',
            '<title id="title">What make bench measured: cogen and ChatApp beside their peers'
            "</title>",
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="page" width="{WIDTH}" height="{height}" rx="12"/>',
            _text(MARGIN, 40, "cogen and ChatApp beside their peers", "title"),
            _text(MARGIN, 62, caption, "small"),
            *columns[0],
            *columns[1],
            "</svg>\n",
        ]
    )


def _lines(row: Row, results: Results, sizes: Sizes) -> list[Line]:
    columns = [column for column in row.columns if column.key in row.pictured]
    lines = []
    for name, result in results.rows[row.name].items():
        for column in columns:
            label = SUBJECTS[name].title
            if len(columns) > 1:
                label += ", " + column.heading.format(sizes=sizes).removeprefix("CPU, ")
            value = result.median(column.key) if result else None
            missing = "failed" if result.failure else "not installed" if result.absent else "–"
            said = missing if value is None else column.form(value)
            lines.append(Line(label, value, said, name in OURS))
    return lines


def _panel(
    row: Row, sizes: Sizes, lines: list[Line], x: int, y: int, width: int
) -> tuple[str, int]:
    """Its elements and its height."""
    height = HEAD + LINE * len(lines) + 14
    longest = max((line.value or 0 for line in lines), default=0) or 1
    room = width - LABEL - VALUE
    parts = [
        f'<rect class="panel" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>',
        _text(x + 14, y + 24, row.short, "head"),
        _text(x + 14, y + 41, row.unit.format(sizes=sizes), "small"),
    ]
    for place, line in enumerate(lines):
        top = y + HEAD + place * LINE
        parts.append(_text(x + 14, top + 12, line.label, "name" if line.ours else ""))
        end = x + LABEL
        if line.value is not None:
            length = max(1.0, room * line.value / longest)
            kind = "ours" if line.ours else "theirs"
            parts.append(
                f'<rect class="{kind}" x="{end}" y="{top}" width="{length:.1f}" '
                f'height="{THICK}" rx="2"/>'
            )
            end += round(length)
        parts.append(_text(end + 6, top + 12, line.text, "small"))
    return "\n".join(parts), height


def _text(x: float, y: float, content: str, kind: str) -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x}" y="{y}">{escape(content)}</text>'
