import asyncio
import contextvars

import pytest

from cogen.core.events import Join, Sleep
from cogen.core.schedulers import Scheduler
from cogen.testing import FakeClock, FakeLoop


def test_time_passes_only_when_the_test_says_so():
    clock = FakeClock(now=5)
    assert clock.time() == 5
    clock.advance(2.5)
    assert clock.time() == 7.5


def test_alarms_ring_in_their_order_each_at_its_time():
    clock, rung = FakeClock(now=0), []
    for when in (3, 1, 2, 9):
        clock.call_at(when, lambda: rung.append(clock.time()))
    clock.advance(5)
    assert rung == [1, 2, 3]
    assert clock.time() == 5


def test_alarms_of_the_same_time_ring_in_the_order_in_which_they_were_set():
    clock, rung = FakeClock(now=0), []
    for name in "abc":
        clock.call_at(1, lambda name=name: rung.append(name))
    clock.advance(1)
    assert rung == ["a", "b", "c"]


def test_a_cancelled_alarm_is_silent():
    clock, rung = FakeClock(now=0), []
    clock.call_at(1, lambda: rung.append(1)).cancel()
    clock.advance(2)
    assert rung == []


def test_an_alarm_set_by_an_alarm_rings_in_the_same_advance():
    clock, rung = FakeClock(now=0), []
    clock.call_at(1, lambda: clock.call_at(2, lambda: rung.append(clock.time())))
    clock.advance(5)
    assert rung == [2]


def test_an_alarm_of_the_past_rings_now_and_time_never_runs_backwards():
    clock, rung = FakeClock(now=10), []
    clock.call_at(3, lambda: rung.append(clock.time()))
    clock.advance(0)
    assert rung == [10]


def test_a_turn_calls_what_is_due_and_leaves_what_that_adds_for_the_next():
    loop, called = FakeLoop(), []

    def first():
        called.append("first")
        loop.call_soon(called.append, "second")

    loop.call_soon(first)
    assert loop.turn()
    assert called == ["first"]
    assert loop.turn()
    assert called == ["first", "second"]
    assert not loop.turn()


def test_calls_run_in_the_context_that_they_were_given():
    loop, variable, seen = FakeLoop(), contextvars.ContextVar("variable", default="none"), []
    context = contextvars.copy_context()
    context.run(variable.set, "set")
    loop.call_soon(lambda: seen.append(variable.get()), context=context)
    loop.call_soon(lambda: seen.append(variable.get()))
    loop.run_until_idle()
    assert seen == ["set", "none"]


def test_work_that_never_ends_is_reported():
    loop = FakeLoop()

    def again():
        loop.call_soon(again)

    again()
    with pytest.raises(AssertionError, match="still busy after 10 turns"):
        loop.run_until_idle(turns=10)


def test_advancing_a_loop_lets_everything_run_that_falls_due():
    loop = FakeLoop()
    scheduler, order = loop.scheduler(), []

    def worker(name, seconds):
        for _ in range(2):
            yield Sleep(seconds)
            order.append((name, loop.time() - began))

    began = loop.time()
    scheduler.add(worker, ("slow", 3))
    scheduler.add(worker, ("fast", 1))
    loop.run_until_idle()
    loop.advance(10)
    assert order == [("fast", 1), ("fast", 2), ("slow", 3), ("slow", 6)]


def test_options_reach_the_scheduler():
    loop, ran = FakeLoop(), []

    def worker():
        ran.append(True)
        yield

    scheduler = loop.scheduler(slice_size=1)
    scheduler.add(worker)
    scheduler.add(worker)
    loop.turn()
    assert len(ran) == 1


def test_a_fake_clock_goes_with_a_real_loop():
    async def main():
        clock = FakeClock()
        scheduler = Scheduler(asyncio.get_running_loop(), clock=clock)

        def worker():
            yield Sleep(86_400)
            return "a day later"

        waiting = scheduler.add(worker)
        await asyncio.sleep(0)
        clock.advance(86_400)
        return await Join(waiting)

    assert asyncio.run(main()) == "a day later"
