"""Numbers in a query."""

from __future__ import annotations

import pytest

from chatapp.lib.query import count, seconds
from chatapp.lib.refusal import Refusal


@pytest.mark.parametrize(("text", "number"), [("0", 0.0), ("7", 7.0), ("1.5", 1.5), ("3.", 3.0)])
def test_seconds(text: str, number: float) -> None:
    assert seconds({"wait": text}, "wait", 9.0) == number


@pytest.mark.parametrize(
    "text", ["", "-1", "nan", "inf", "1e3", " 1", "1 ", "x", "\u0661", "1" * 10]
)
def test_no_seconds(text: str) -> None:
    with pytest.raises(Refusal, match="wait is a number of seconds"):
        seconds({"wait": text}, "wait", 9.0)


@pytest.mark.parametrize("text", ["", "0", "-1", "11", "1.0", "x", "\u0661", "9" * 40])
def test_no_count(text: str) -> None:
    with pytest.raises(Refusal, match="limit is a whole number, 1 to 10"):
        count({"limit": text}, "limit", 5, 10)


def test_a_count_and_what_is_taken_when_there_is_none() -> None:
    assert count({"limit": "10"}, "limit", 5, 10) == 10
    assert count({}, "limit", 5, 10) == 5
    assert count({"before": "9" * 18}, "before", 1) == 10**18 - 1
    assert seconds({}, "wait", 9.0) == 9.0
    with pytest.raises(Refusal, match="1 or more"):
        count({"before": "0"}, "before", 1)
