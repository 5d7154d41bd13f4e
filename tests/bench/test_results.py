from __future__ import annotations

from bench.results import Rate, Result, Results
from tests.bench.figures import made_up, rates


def test_the_median_and_the_spread_of_three_rounds():
    result = made_up().get("longpoll", "cogen")
    assert result.median("wall") == 75_000
    assert result.spread("wall") == 0.4


def test_rates_are_compared_by_the_clock_when_both_servers_were_the_bottleneck():
    assert made_up().rate("longpoll", "cogen", "asgi") == Rate(2.5, "wall")


def test_rates_are_compared_by_processor_time_when_one_was_not():
    assert made_up().rate("longpoll", "chatapp", "asgi") == Rate(1.5, "cpu")


def test_what_failed_or_is_absent_is_compared_with_nothing():
    results = made_up()
    assert results.rate("longpoll", "tornado", "asgi") is None
    assert results.rate("longpoll", "cogen", "nchan") is None
    assert results.ratio("memory", "nobody", "asgi", "bytes") is None
    assert results.failed == ["longpoll:tornado: reader 3: message 7 was lost: 8 came"]


def test_what_is_not_installed_is_named():
    assert made_up().absent == ["longpoll:nchan: nchan is not installed"]


def test_a_result_with_a_failure_has_no_figures_that_hold():
    assert Result([rates(1, 1)])
    assert not Result([rates(1, 1)], failure="no")
    assert not Results().get("longpoll", "cogen")
