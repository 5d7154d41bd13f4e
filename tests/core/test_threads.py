"""Bells rung in other threads, and workers with a line before them."""

import asyncio
import threading
import time
import weakref
from functools import partial

import pytest

from cogen.core.coroutines import coro
from cogen.core.schedulers import Scheduler
from cogen.core.threads import Bell, Workers, WorkersStatistics
from cogen.errors import OperationTimeout, ServerClosing


def until(ready, *args, seconds=10):
    """Wait until other threads have made something so."""
    deadline = time.monotonic() + seconds
    while not ready(*args):
        assert time.monotonic() < deadline, "it never was"
        time.sleep(0.001)


@coro
def listener(bell, heard, timeout=None):
    while True:
        yield bell.heard(timeout)
        heard.append(1)


def test_a_ring_before_the_wait_is_heard(loop, start):
    bell, heard = Bell(), []
    bell.ring()
    bell.ring()
    start(listener, bell, heard)
    assert heard == [1]


def test_a_ring_from_a_thread_ends_the_wait(loop, start):
    bell, heard = Bell(), []
    start(listener, bell, heard)
    thread = threading.Thread(target=bell.ring)
    thread.start()
    thread.join()
    assert heard == []
    loop.run_until_idle()
    assert heard == [1]


def test_a_cancelled_wait_leaves_the_ring_to_the_next(loop, start):
    bell, heard = Bell(), []
    first = start(listener, bell, heard)
    bell.ring()
    first.cancel()
    start(listener, bell, heard)
    assert heard == [1]


def test_a_wait_may_time_out(loop, start):
    bell, heard = Bell(), []
    instance = start(listener, bell, heard, 5)
    loop.advance(5)
    with pytest.raises(OperationTimeout):
        instance.outcome()
    bell.ring()
    start(listener, bell, heard)
    assert heard == [1]


def test_every_ring_is_heard_on_a_real_loop(run):
    bell, sent, seen = Bell(), [], []

    def produce():
        for number in range(5000):
            sent.append(number)
            bell.ring()

    async def main():
        thread = threading.Thread(target=produce)
        thread.start()
        while len(seen) < 5000:
            await bell.heard(timeout=10)
            seen.extend(sent[len(seen) :])
        thread.join()

    run(main())
    assert seen == list(range(5000))


class Waiter:
    """A driver on the loop that runs."""

    context = None

    def __init__(self):
        self.scheduler = Scheduler.current()


def test_a_closed_loop_is_rung_in_silence():
    bell, loop = Bell(), asyncio.new_event_loop()

    async def park():
        assert not bell.heard().start(Waiter())

    loop.run_until_complete(park())
    loop.close()
    bell.ring()


class Jobs:
    """Jobs that end when they are told to."""

    def __init__(self, workers):
        self.workers = workers
        self.begun = []
        self.names = set()
        self._ends = []

    def submit(self):
        number, end = len(self._ends), threading.Event()
        self._ends.append(end)

        def job():
            self.names.add(threading.current_thread().name)
            self.begun.append(number)
            assert end.wait(10)

        self.workers.submit(job)
        return job

    def end(self, *numbers):
        for number in numbers:
            self._ends[number].set()


@pytest.fixture
def jobs():
    jobs = Jobs(Workers(2, "test", idle=0.01))
    yield jobs
    jobs.end(*range(len(jobs._ends)))
    until(lambda: jobs.workers.statistics() == WorkersStatistics(0, 0, 0))


def test_so_many_run_and_the_others_wait_in_order(jobs):
    for _ in range(6):
        jobs.submit()
    until(lambda: sorted(jobs.begun) == [0, 1])
    assert jobs.workers.statistics() == WorkersStatistics(2, 0, 4)
    for number in range(4):
        jobs.end(number)
        until(lambda count: len(jobs.begun) == count, number + 3)
    assert jobs.begun[2:] == [2, 3, 4, 5]
    assert jobs.names <= {"test-1", "test-2"}


def test_one_leaves_the_line(jobs):
    for _ in range(2):
        jobs.submit()
    left, stays = jobs.submit(), jobs.submit()
    assert jobs.workers.withdraw(left)
    assert not jobs.workers.withdraw(left)
    assert jobs.workers.statistics().waiting == 1
    jobs.end(0, 1)
    until(lambda: 3 in jobs.begun)
    assert 2 not in jobs.begun
    assert not jobs.workers.withdraw(stays)


def test_a_job_that_fails_is_logged_and_costs_no_thread(jobs, caplog):
    def job(number):
        raise ValueError("of the job")

    for number in range(5):
        jobs.workers.submit(partial(job, number))
    until(lambda: caplog.text.count("ValueError: of the job") == 5)
    jobs.submit()
    until(lambda: jobs.begun == [0])


def test_threads_end_when_there_is_nothing_to_do_and_are_made_again(jobs):
    for number in range(2):
        jobs.submit()
        until(lambda count: len(jobs.begun) == count, number + 1)
        jobs.end(number)
        until(lambda: jobs.workers.statistics().threads == 0)


def test_a_thread_is_used_again():
    workers, done, threads = Workers(10), [], set()

    def job():
        threads.add(threading.current_thread())
        done.append(1)

    for number in range(20):
        until(lambda: workers.statistics().threads == workers.statistics().idle)
        workers.submit(job)
        until(lambda count: len(done) == count, number + 1)
    assert len(threads) == 1
    assert all(thread.daemon for thread in threads)


def test_no_more_threads_can_be_had(monkeypatch, jobs):
    def start(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(RuntimeError):
            jobs.submit()
        assert jobs.workers.statistics() == WorkersStatistics(0, 0, 0)
    jobs.submit()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        jobs.submit()  # the one that there is will do it
    jobs.end(1)
    until(lambda: jobs.begun == [1])


def test_less_than_one_thread_is_refused():
    with pytest.raises(ValueError, match="threads is 1 or more: 0"):
        Workers(0)


@coro
def caller(operation, got):
    try:
        got.append((yield operation))
    except BaseException as error:
        got.append(error)
        raise


def settle(loop, ready):
    until(lambda: loop.run_until_idle() or ready())


def test_a_call_gives_what_the_function_returns(loop, start):
    got = []
    start(caller, Workers(1).call(divmod, 7, 2), got)
    settle(loop, lambda: got)
    assert got == [(3, 1)]


def test_a_call_raises_what_the_function_raises(loop, start):
    got = []
    instance = start(caller, Workers(1).call(int, "seven"), got)
    settle(loop, lambda: got)
    with pytest.raises(ValueError, match="seven"):
        instance.outcome()


def test_calls_are_awaited_and_the_loop_goes_on_meanwhile(run):
    workers, end = Workers(1), threading.Event()

    async def main():
        waiting = asyncio.ensure_future(asyncio.wait_for(workers.call(end.wait, 10), 10))
        await asyncio.sleep(0)
        end.set()
        return await waiting

    assert run(main())


def test_a_call_that_nobody_waits_for_leaves_the_line(loop, start, jobs):
    for _ in range(2):
        jobs.submit()
    called = []
    start(caller, jobs.workers.call(called.append, 1), []).cancel()
    assert jobs.workers.statistics().waiting == 0
    jobs.end(0, 1)
    until(lambda: jobs.workers.statistics().threads == 0)
    assert called == []


def test_the_result_of_a_call_that_was_begun_is_dropped(loop, start):
    workers, begun, end, got = Workers(1), threading.Event(), threading.Event(), []

    def function():
        begun.set()
        return end.wait(10)

    instance = start(caller, workers.call(function), got)
    assert begun.wait(10)
    instance.cancel()
    end.set()
    settle(loop, lambda: workers.statistics().idle)
    assert [type(each).__name__ for each in got] in ([], ["GeneratorExit"])


def test_a_call_outlives_the_wish_to_close(loop, start):
    end, got = threading.Event(), []
    operation = Workers(1).call(end.wait, 10)
    start(caller, operation, got)
    assert not operation.fail(ServerClosing(operation))
    end.set()
    settle(loop, lambda: got)
    assert got == [True]


def test_a_call_that_ends_after_the_loop_is_no_error(caplog):
    loop, end, workers = asyncio.new_event_loop(), threading.Event(), Workers(1)

    async def park():
        assert not workers.call(end.wait, 10).start(Waiter())

    loop.run_until_complete(park())
    loop.close()
    end.set()
    until(lambda: workers.statistics().idle)
    assert caplog.text == ""


def test_an_error_from_a_thread_leaves_nothing_behind(loop, start, no_gc):
    seen = []

    class Noted(ValueError):
        pass

    def function():
        raise Noted

    @coro
    def forgiving():
        try:
            yield Workers(1).call(function)
        except Noted as error:
            seen.append(weakref.ref(error))

    start(forgiving)
    settle(loop, lambda: seen)
    until(lambda: seen[0]() is None)
