from __future__ import annotations

from bench.bars import BARS, cells
from bench.plan import FULL, QUICK
from bench.results import Result
from tests.bench.figures import made_up, rates


def line(what, results=None, sizes=FULL):
    return next(each for each in cells(results or made_up(), sizes) if each[0] == what)


def test_a_bar_that_holds_and_what_it_does_not_reach():
    results = made_up()
    results.rows["longpoll"]["nchan"] = Result([rates(150_000, 150_000)])
    assert line("long-poll deliveries, cogen alone", results)[1:] == [
        "2.5 × bare ASGI", "2.50 ×", "holds", "nchan", "0.50 ×", "no",
    ]  # fmt: skip


def test_a_bar_against_what_was_not_measured_says_nothing():
    assert line("long-poll deliveries, cogen alone")[4:] == ["nchan", "–", ""]


def test_a_bar_that_is_missed():
    results = made_up()
    results.rows["memory"]["chatapp"] = Result([{"bytes": 14_900.0}])
    assert line("memory for a parked poll, ChatApp", results)[1:] == [
        "12 kB", "14.9 kB", "missed", "8 kB", "14.9 kB", "no",
    ]  # fmt: skip


def test_less_is_better_for_memory_latency_growth_and_start():
    upper = {bar.row for bar in BARS if bar.bar.at_most}
    assert upper == {"memory", "latency", "clients", "start"}
    assert {bar.row for bar in BARS if not bar.bar.at_most} == {"longpoll", "batches", "plain"}


def test_gunicorns_best_worker_is_the_one_that_counts():
    results = made_up()
    plain = results.rows["plain"]
    plain["cogen"] = Result([rates(60_000, 60_000)])
    plain["gunicorn-sync"] = Result([rates(5_000, 5_000)])
    plain["gunicorn-gevent"] = Result([rates(40_000, 40_000)])
    assert line("plain GET, against gunicorn's best worker", results)[2:4] == ["1.50 ×", "missed"]


def test_a_quick_run_judges_no_row_that_is_smaller_in_it():
    assert line("memory for a parked poll, cogen", sizes=QUICK)[3] == "(quick)"
    assert line("start of `paster serve` to its first answer", sizes=QUICK)[3] == "holds"


def test_rows_that_were_not_measured_have_no_line():
    results = made_up()
    results.rows = {"start": results.rows["start"]}
    assert len(cells(results, FULL)) == 2


def test_latency_is_not_judged_when_servers_were_kept_waiting():
    results = made_up()
    assert line("p99 from push to receipt, cogen", results)[3] == "holds"
    results.rows["latency"]["asgi"] = Result([{"p50": 1.0, "p99": 9.0, "waited": 0.3}])
    assert line("p99 from push to receipt, cogen", results)[3] == "(noisy)"
