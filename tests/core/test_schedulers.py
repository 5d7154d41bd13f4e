import asyncio
import contextlib
import contextvars
import gc
import os
import signal
import time
import weakref

import pytest
import uvloop

from cogen.core.coroutines import coro
from cogen.core.events import Join, Sleep
from cogen.core.queue import Queue
from cogen.core.schedulers import Scheduler
from cogen.errors import OperationMisuse
from cogen.testing import FakeClock, FakeLoop


@pytest.fixture
def program():
    """A scheduler with a loop of its own."""
    scheduler = Scheduler()
    yield scheduler
    scheduler.close()


def test_a_program_runs_until_its_last_coroutine_has_ended(program):
    order = []

    def child(name, seconds):
        yield Sleep(seconds)
        order.append(name)

    def parent():
        program.add(child, ("slow", 0.02))
        program.add(child, ("fast", 0.001))
        yield

    program.add(parent)
    program.run()
    assert order == ["fast", "slow"]
    program.run()  # nothing to do: returns


def test_ctrl_c_ends_a_program_and_leaves_the_rest_as_it_was(program, caplog):
    order = []

    def other():
        yield
        yield
        order.append("other")

    def interrupted():
        yield
        raise KeyboardInterrupt

    program.add(other)
    program.add(interrupted)
    with pytest.raises(KeyboardInterrupt):
        program.run()
    program.run()
    assert order == ["other"]
    assert not caplog.records  # it is no failure of the coroutine's


def test_ctrl_c_ends_a_program_that_waits(program):
    def waiter():
        yield Sleep(10)

    program.add(waiter)
    program.loop.call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        program.run()


def test_sys_exit_ends_a_program_without_a_word(program, caplog):
    def leaving():
        yield
        raise SystemExit(3)

    program.add(leaving)
    with pytest.raises(SystemExit):
        program.run()
    assert not caplog.records


def test_a_real_sleep_takes_its_time(program):
    def sleeper():
        yield Sleep(0.05)

    program.add(sleeper)
    before = time.monotonic()
    program.run()
    assert 0.045 <= time.monotonic() - before < 0.1


def test_a_sleep_that_begins_after_long_work_is_not_cut_short(program):
    def other():
        yield Sleep(0.05)

    def sleeper():
        yield
        time.sleep(0.04)
        before = time.monotonic()
        yield Sleep(0.03)
        return time.monotonic() - before

    program.add(other)  # whose timer rings in between
    sleeping = program.add(sleeper)
    program.run()
    assert 0.025 <= sleeping.outcome() < 0.08


def test_between_two_slices_the_loop_serves_the_others(loop):
    scheduler = loop.scheduler(slice_size=10)
    ran = []

    def worker(number):
        ran.append(number)
        yield

    for number in range(25):
        scheduler.add(worker, (number,))
    loop.turn()
    assert ran == list(range(10))
    loop.call_soon(ran.append, "socket")
    loop.turn()
    loop.turn()
    assert ran.index("socket") <= 20
    loop.run_until_idle()
    assert [each for each in ran if each != "socket"] == list(range(25))


def test_tasks_that_await_are_woken_in_slices_too(run):
    async def main():
        scheduler = Scheduler(asyncio.get_running_loop(), slice_size=10)
        queue, served = Queue(), []

        async def getter():
            served.append(await queue.get())

        tasks = [asyncio.create_task(getter()) for _ in range(100)]
        await asyncio.sleep(0)
        for number in range(100):
            queue.put_nowait(number)
        assert scheduler.statistics().ready == 100
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        at_once = len(served)
        await asyncio.gather(*tasks)
        return at_once, served

    at_once, served = run(main())
    assert 0 < at_once <= 20
    assert served == list(range(100))


def test_a_coroutine_whose_results_are_always_there_lets_others_run(loop, scheduler):
    queue = Queue()
    for number in range(10_000):
        queue.put_nowait(number)
    seen = []

    def greedy():
        while not queue.empty():
            yield queue.get()

    def modest():
        yield
        seen.append(queue.qsize())

    scheduler.add(greedy)
    scheduler.add(modest)
    loop.run_until_idle()
    assert seen[0] > 9_000


def test_a_coroutine_whose_operations_always_fail_lets_others_run(loop, scheduler):
    stop = []

    def stubborn():
        for _ in range(10_000):
            if stop:
                return "stopped"
            with contextlib.suppress(TypeError):
                yield object()
        return "never let go"

    def other():
        stop.append(True)
        yield

    failing = scheduler.add(stubborn)
    scheduler.add(other)
    loop.run_until_idle()
    assert failing.outcome() == "stopped"


def test_work_and_timers_do_not_run_in_the_context_of_whoever_made_them_due(run):
    variable, seen = contextvars.ContextVar("variable", default="none"), []

    class Target:
        outside = False

        def run(self):
            seen.append(variable.get())

        expire = run

    def worker():
        variable.set("the worker's")
        Scheduler.current().ready(Target())
        Scheduler.current().timers.add(0, Target())
        yield

    async def main():
        await Scheduler.current().add(worker)
        await Sleep(0.002)

    run(main())
    assert seen == ["none", "none"]


def test_statistics_count_coroutines_ready_work_and_timeouts(loop, scheduler):
    def sleeper():
        yield Sleep(5)

    for _ in range(3):
        scheduler.add(sleeper)
    statistics = scheduler.statistics()
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (3, 3, 0)
    loop.run_until_idle()
    statistics = scheduler.statistics()
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (3, 0, 3)
    loop.advance(5)
    statistics = scheduler.statistics()
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (0, 0, 0)


def test_the_clock_can_be_replaced_on_a_real_loop(run):
    async def main():
        clock = FakeClock()
        scheduler = Scheduler(asyncio.get_running_loop(), clock=clock)
        began = scheduler.time()

        def sleeper():
            yield Sleep(3600)
            return scheduler.time() - began

        sleeping = scheduler.add(sleeper)
        await asyncio.sleep(0)
        clock.advance(3600)
        return await Join(sleeping)

    assert run(main()) == 3600


def test_a_loop_has_one_scheduler(run):
    async def main():
        return Scheduler.current() is Scheduler.current()

    assert run(main())


def test_without_a_running_loop_there_is_no_current_scheduler():
    with pytest.raises(RuntimeError):
        Scheduler.current()


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_loop_that_is_gone_is_not_kept(factory):
    async def main():
        await Sleep(0)
        return weakref.ref(asyncio.get_running_loop())

    with asyncio.Runner(loop_factory=factory) as runner:
        gone = runner.run(main())
    del runner
    gc.collect()
    assert gone() is None


def test_functions_generators_and_coroutines_can_all_be_started(start, scheduler, loop):
    @coro
    def decorated(name):
        yield
        return name

    def generator(name):
        yield
        return name

    def plain(name):
        return name

    def makes_a_generator(name):
        return generator(name)

    def makes_a_coroutine(name):
        return decorated(name)

    for function in (decorated, generator, plain, makes_a_generator, makes_a_coroutine):
        assert start(function, "value").outcome() == "value", function
    made = decorated("made")
    assert scheduler.add(made) is made
    loop.run_until_idle()
    assert made.outcome() == "made"


def test_an_async_function_can_be_started_as_a_coroutine(run):
    async def answer():
        await asyncio.sleep(0)
        return 42

    async def main():
        return await Scheduler.current().add(answer)

    assert run(main()) == 42


def test_arguments_reach_the_coroutine(scheduler, loop):
    def worker(*args, **kwargs):
        yield
        return args, kwargs

    started = scheduler.add(worker, (1, 2), {"three": 3})
    loop.run_until_idle()
    assert started.outcome() == ((1, 2), {"three": 3})


def test_a_coroutine_is_started_once_and_nothing_else_at_all(scheduler):
    @coro
    def worker():
        yield

    started = scheduler.add(worker())
    with pytest.raises(OperationMisuse):
        scheduler.add(started)
    with pytest.raises(TypeError):
        scheduler.add("no coroutine")


def test_waiting_for_nonsense_fails_where_it_is_yielded(start):
    def worker():
        try:
            yield 42
        except TypeError as error:
            return str(error)

    assert "42" in start(worker).outcome()


def test_closing_forgets_all_timeouts():
    loop = FakeLoop()
    scheduler = loop.scheduler()

    def sleeper():
        yield Sleep(1)

    sleeping = scheduler.add(sleeper)
    loop.run_until_idle()
    scheduler.close()
    assert scheduler.statistics().timers == 0
    loop.advance(5)
    assert not sleeping.ended
    sleeping.cancel()
    assert scheduler.statistics().timers == 0
