import logging
from datetime import timedelta

import pytest

from cogen.core import events
from cogen.core.coroutines import coro
from cogen.core.events import AddCoro, Join, Sleep
from cogen.errors import CoroutineCancelled, OperationTimeout


@coro
def sleeper(seconds, result=None):
    yield Sleep(seconds)
    return result


@coro
def failing(error, seconds=0):
    yield Sleep(seconds)
    raise error


def outcome_of(operation):
    """A coroutine that gives an operation's result, or the exception itself."""
    try:
        return (yield operation)
    except Exception as error:
        return error


def test_sleep_takes_a_timedelta_and_gives_none(start, loop):
    sleeping = start(outcome_of, Sleep(timedelta(hours=1)))
    loop.advance(3600)
    assert sleeping.outcome() is None


def test_sleepers_wake_in_the_order_of_their_times(scheduler, loop):
    order = []

    def worker(seconds):
        yield Sleep(seconds)
        order.append(seconds)

    for seconds in (3, 1, 2):
        scheduler.add(worker, (seconds,))
    loop.run_until_idle()
    loop.advance(10)
    assert order == [1, 2, 3]


def test_add_coro_of_nonsense_fails_where_it_is_yielded(start):
    assert isinstance(start(outcome_of, AddCoro(42)).outcome(), TypeError)


def test_join_of_a_coroutine_that_has_ended_gives_its_result_each_time(start, loop):
    child = start(sleeper, 1, "result")
    loop.advance(1)
    assert start(outcome_of, Join(child)).outcome() == "result"
    assert start(outcome_of, Join(child)).outcome() == "result"


def test_join_raises_what_the_coroutine_raised_to_all_who_join(start, loop, caplog):
    error = KeyError("lost")
    child = start(failing, error, 1)
    joining = [start(outcome_of, Join(child)) for _ in range(3)]
    loop.advance(1)
    assert [each.outcome() for each in joining] == [error] * 3
    assert not caplog.records


def test_join_of_a_cancelled_coroutine_says_so(start):
    child = start(sleeper, 10)
    before = start(outcome_of, Join(child))
    child.cancel()
    after = start(outcome_of, Join(child))
    for joining in (before, after):
        assert isinstance(joining.outcome(), CoroutineCancelled)
        assert joining.outcome().args == (child,)


def test_join_waits_for_a_coroutine_that_is_started_later(start, scheduler, loop):
    child = sleeper(1, "late")
    joining = start(outcome_of, Join(child))
    loop.advance(5)
    assert not joining.ended
    scheduler.add(child)
    loop.run_until_idle()
    loop.advance(1)
    assert joining.outcome() == "late"


def test_join_of_a_coroutine_that_is_cancelled_before_it_started_ends(start, loop):
    child = sleeper(1)
    joining = start(outcome_of, Join(child))
    child.cancel()
    loop.run_until_idle()
    assert isinstance(joining.outcome(), CoroutineCancelled)


def test_a_join_that_times_out_leaves_the_coroutine_running(start, loop):
    child = start(sleeper, 10, "result")
    joining = start(outcome_of, Join(child, timeout=1))
    loop.advance(1)
    assert isinstance(joining.outcome(), OperationTimeout)
    loop.advance(9)
    assert child.outcome() == "result"


def test_a_join_that_is_cancelled_leaves_the_coroutine_running(start, loop):
    child = start(sleeper, 10, "result")
    start(outcome_of, Join(child)).cancel()
    loop.advance(10)
    assert child.outcome() == "result"


def test_a_failure_that_its_joiner_no_longer_takes_is_logged(start, loop, caplog):
    child = start(failing, KeyError("early"), 1)
    start(outcome_of, Join(child)).cancel()
    loop.advance(1)
    assert ["early" in str(record.exc_info[1]) for record in caplog.records] == [True]


def test_a_failure_whose_joiner_is_cancelled_before_it_hears_of_it_is_logged(
    scheduler, loop, caplog
):
    child = scheduler.add(failing, (KeyError("late"),))
    joining = scheduler.add(outcome_of, (Join(child),))
    loop.run_until_idle()

    def canceller():
        while not child.ended:
            yield
        joining.cancel()

    scheduler.add(canceller)
    loop.advance(0)
    assert child.ended
    assert joining.ended
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "late" in str(caplog.records[0].exc_info[1])


@pytest.mark.parametrize("name", events.__all__)
def test_the_originals_names_are_here(name):
    assert hasattr(events, name)
