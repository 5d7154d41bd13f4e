"""How long something took, by steps."""

from __future__ import annotations

import pytest

from chatapp.broker.durations import STEPS, Durations


def test_each_is_counted_in_all_steps_that_are_as_long():
    durations = Durations()
    for seconds in (0.0, 0.0005, 0.0006, 10.0, 11.0):
        durations.add(seconds)
    counts = durations.counts()
    assert len(counts) == len(STEPS) + 1
    assert counts[:3] == [2, 3, 3]
    assert counts[-2:] == [4, 5]
    assert durations.total == pytest.approx(21.0011)
