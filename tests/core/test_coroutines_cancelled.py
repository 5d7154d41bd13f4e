"""Coroutines that are cancelled: from outside, by themselves, by their callers and callees."""

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import Join, Sleep
from cogen.core.queue import Queue
from cogen.errors import CoroutineCancelled, OperationMisuse
from tests.core.waiting import Never, sleeper


def test_cancelling_undoes_the_wait_and_runs_the_finally_blocks(start, scheduler):
    never, cleaned = Never(), []

    def worker():
        try:
            yield never
        finally:
            cleaned.append(True)

    waiting = start(worker)
    waiting.cancel()
    assert waiting.ended
    assert never.undone
    assert cleaned == [True]
    assert scheduler.statistics().coroutines == 0
    with pytest.raises(CoroutineCancelled):
        waiting.outcome()
    waiting.cancel()


def test_cancelling_one_that_has_ended_changes_nothing(start):
    def worker():
        yield
        return 1

    done = start(worker)
    done.cancel()
    assert done.outcome() == 1


def test_one_cancelled_before_its_first_step_never_runs(scheduler, loop):
    ran = []

    def worker():
        ran.append(True)
        yield

    cancelled = scheduler.add(worker)
    cancelled.cancel()
    loop.run_until_idle()
    assert not ran
    assert scheduler.statistics() == type(scheduler.statistics())(0, 0, 0)


def test_one_cancelled_before_it_was_started_cannot_be_started(scheduler):
    made = sleeper(1)
    made.cancel()
    with pytest.raises(OperationMisuse):
        scheduler.add(made)
    assert scheduler.statistics().coroutines == 0


def test_one_cancelled_while_it_stands_in_the_ready_queue_takes_nothing(scheduler, loop, start):
    queue, got = Queue(), []

    def getter(name):
        got.append((name, (yield queue.get())))

    first = start(getter, "first")
    start(getter, "second")

    def canceller():
        queue.put_nowait("item")  # wakes the first
        first.cancel()
        yield

    start(canceller)
    assert got == [("second", "item")]
    assert queue.empty()


def test_one_cancelled_after_many_immediate_results_takes_no_more(scheduler, loop):
    queue, got = Queue(), []
    for number in range(1000):
        queue.put_nowait(number)

    def getter():
        while True:
            got.append((yield queue.get()))

    getting = scheduler.add(getter)
    loop.turn()
    assert 0 < len(got) < 1000
    getting.cancel()
    loop.run_until_idle()
    assert got + queue.drain() == list(range(1000))


def test_cancelling_a_caller_cancels_whom_it_called(start):
    never = Never()
    ended = []

    @coro
    def child():
        try:
            yield never
        finally:
            ended.append("child")

    def parent():
        try:
            yield child()
        finally:
            ended.append("parent")

    start(parent).cancel()
    assert never.undone
    assert ended == ["child", "parent"]


def test_cancelling_reaches_whom_it_called_ten_thousand_deep(start, scheduler):
    ended = []

    @coro
    def deeper(level):
        try:
            yield deeper(level - 1) if level else Never()
        finally:
            ended.append(level)

    start(deeper, 10_000).cancel()
    assert ended == list(range(10_001))
    assert scheduler.statistics().coroutines == 0


def test_one_that_waits_for_itself_can_be_cancelled(scheduler, loop):
    def worker():
        yield running

    running = scheduler.add(worker)
    loop.run_until_idle()
    running.cancel()
    assert running.ended
    assert scheduler.statistics().coroutines == 0


def test_who_calls_a_coroutine_that_is_cancelled_is_told(start, scheduler, loop):
    child = sleeper(10)

    def parent():
        try:
            yield child
        except CoroutineCancelled as error:
            return error.args

    running = start(parent)
    child.cancel()
    loop.run_until_idle()
    assert running.outcome() == (child,)


def test_one_that_cancels_itself_ends_at_its_next_yield(scheduler, loop):
    reached, cleaned = [], []

    def worker():
        try:
            running.cancel()
            reached.append("still here")
            yield Sleep(1)
            reached.append("too far")
        finally:
            cleaned.append(True)

    running = scheduler.add(worker)
    loop.run_until_idle()
    assert reached == ["still here"]
    assert cleaned == [True]
    assert running.ended
    assert scheduler.statistics() == type(scheduler.statistics())(0, 0, 0)
    with pytest.raises(CoroutineCancelled):
        running.outcome()


def test_one_that_cancels_itself_and_returns_has_returned(scheduler, loop):
    def worker():
        running.cancel()
        return "value"
        yield

    running = scheduler.add(worker)
    loop.run_until_idle()
    assert running.outcome() == "value"


def test_one_that_cancels_its_caller_ends_with_it(scheduler, loop):
    ended = []

    @coro
    def child():
        try:
            yield
            calling.cancel()
            ended.append("went on to its next yield")
            yield Sleep(10)
        finally:
            ended.append("child")

    def parent():
        try:
            yield child()
        finally:
            ended.append("parent")

    calling = scheduler.add(parent)
    loop.run_until_idle()
    assert ended == ["parent", "went on to its next yield", "child"]
    assert calling.ended
    assert scheduler.statistics() == type(scheduler.statistics())(0, 0, 0)


def test_two_that_cancel_each_other_both_end(scheduler, loop):
    def worker(other):
        try:
            yield Sleep(10)
        finally:
            other[0].cancel()

    first = scheduler.add(worker, ([],))
    pair = [first]
    second = scheduler.add(worker, (pair,))
    loop.run_until_idle()
    second.cancel()
    assert first.ended
    assert second.ended


def test_one_that_refuses_to_be_cancelled_is_given_up_and_logged(start, scheduler, caplog):
    def stubborn():
        try:
            yield Sleep(10)
        except GeneratorExit:
            yield Sleep(10)

    refusing = start(stubborn)
    refusing.cancel()
    assert refusing.ended
    assert scheduler.statistics().timers == 0
    assert "stubborn" in caplog.text
    assert scheduler.statistics().coroutines == 0


def test_a_failure_while_it_is_cancelled_is_logged_and_joiners_go_on(start, loop, caplog):
    def clumsy():
        try:
            yield Sleep(10)
        finally:
            raise KeyError("clumsy end")

    def joiner():
        try:
            yield Join(cancelled)
        except CoroutineCancelled:
            return "told"

    cancelled = start(clumsy)
    joining = start(joiner)
    cancelled.cancel()
    loop.run_until_idle()
    assert "clumsy end" in caplog.text
    assert joining.outcome() == "told"


def test_ctrl_c_while_one_is_cancelled_passes_through_and_joiners_go_on(start, loop, scheduler):
    def interrupted():
        try:
            yield Sleep(10)
        finally:
            raise KeyboardInterrupt

    def joiner():
        try:
            yield Join(cancelled)
        except CoroutineCancelled:
            return "told"

    cancelled = start(interrupted)
    joining = start(joiner)
    with pytest.raises(KeyboardInterrupt):
        cancelled.cancel()
    loop.run_until_idle()
    assert joining.outcome() == "told"
    assert scheduler.statistics().coroutines == 0


def test_a_coroutine_can_be_cancelled_by_who_waits_for_the_same_thing(scheduler, loop):
    order = []

    def worker(name):
        yield Sleep(1)
        order.append(name)
        for each in others:
            each.cancel()

    others = []
    first = scheduler.add(worker, ("first",))
    others.append(scheduler.add(worker, ("second",)))
    loop.run_until_idle()
    loop.advance(1)
    assert order == ["first"]
    assert first.ended
