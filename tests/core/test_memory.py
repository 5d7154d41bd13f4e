"""What has come and gone is freed, and by reference counts alone: no pauses of the collector."""

import asyncio
import contextlib
import gc
import weakref

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import Join, Signal, Sleep, WaitForSignal
from cogen.core.pubsub import PublishSubscribeQueue
from cogen.core.queue import Queue
from cogen.core.schedulers import Scheduler
from cogen.errors import OperationTimeout


class Lost(Exception):
    pass


@coro
def returning(value=None):
    yield
    return value


@coro
def failing():
    yield
    raise Lost


@pytest.fixture
def left(scheduler, loop, no_gc):
    """How many of the collector's objects each run of a coroutine function leaves behind."""

    def left(function, then=lambda: None, times=200):
        def crowd():
            for _ in range(times):
                # No name for it: an error's traceback keeps the frames that it passed through.
                scheduler.add(function)
                loop.run_until_idle()
                then()

        crowd()
        before = len(gc.get_objects())
        crowd()
        return (len(gc.get_objects()) - before) / times

    return left


def test_coroutines_that_returned_are_freed(left):
    assert left(returning) < 0.1


def test_coroutines_that_were_never_started_are_freed(no_gc):
    value = Lost()
    gone = weakref.ref(value)
    made = returning(value)
    del value, made
    assert gone() is None


def test_coroutines_that_failed_are_freed(left, caplog):
    caplog.set_level("CRITICAL")
    assert left(failing) < 0.1


def test_coroutines_that_were_cancelled_are_freed(left, scheduler):
    running = []

    def waiter():
        yield WaitForSignal("never")

    def worker():
        running.append((yield from start()))
        yield
        running.pop().cancel()

    def start():
        yield
        return scheduler.add(waiter)

    assert left(worker) < 0.1


def test_calls_that_failed_are_freed(left):
    def parent():
        try:
            yield failing()
        except Lost:
            return "caught"

    assert left(parent) < 0.1


def test_polls_that_timed_out_are_freed(left, loop):
    queue = Queue()

    def poll():
        try:
            yield queue.get(timeout=10)
        except OperationTimeout:
            return "empty"

    assert left(poll, then=lambda: loop.advance(10)) < 0.1


def test_timeouts_that_were_not_needed_are_freed(left, loop):
    queue = Queue()

    def poll():
        yield queue.get(timeout=10)

    # Some hundreds of cancelled entries may wait in the heap, but no more.
    assert left(poll, then=lambda: queue.put_nowait("item"), times=3000) < 0.5


def test_operations_that_raise_as_they_begin_are_freed(left, caplog):
    caplog.set_level("CRITICAL")

    def caught():
        try:
            yield WaitForSignal([])
        except TypeError:
            return "refused"

    def uncaught():
        yield WaitForSignal([], timeout=10)

    assert left(caught) < 0.1
    assert left(uncaught) < 0.1


def test_signals_and_those_who_waited_are_freed(left, scheduler):
    names = iter(range(1_000_000))

    def listener(name):
        yield WaitForSignal(name)

    def signaller():
        name = next(names)
        scheduler.add(listener, (name,))
        yield
        yield Signal(name, recipients=1)

    assert left(signaller) < 0.1


def test_subscribers_that_go_are_forgotten(left, loop):
    log = PublishSubscribeQueue(maxlen=10)

    def subscriber():
        yield log.fetch(log.subscribe())

    def gone():
        log.subscribe()
        log.publish("message")

    assert left(subscriber, then=gone) < 0.1
    loop.run_until_idle()
    assert log.statistics().subscribers == 0


def test_nothing_is_left_after_a_hundred_thousand_of_each(scheduler, loop, no_gc):
    queue, log = Queue(), PublishSubscribeQueue(maxlen=10)

    def visitor():
        subscription = log.subscribe()
        yield queue.get(timeout=10)
        yield log.fetch(subscription, timeout=10)

    def crowd(size):
        for _ in range(size // 100):
            for _ in range(100):
                scheduler.add(visitor)
            loop.run_until_idle()
            for number in range(100):
                queue.put_nowait(number)
            loop.run_until_idle()
            log.publish("hello")
            loop.run_until_idle()

    crowd(2000)
    before = len(gc.get_objects())
    crowd(100_000)
    assert len(gc.get_objects()) - before < 2000  # timers' cancelled entries; no visitor
    statistics = scheduler.statistics()
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (0, 0, 0)
    assert queue.statistics().getters == 0
    assert (log.statistics().subscribers, log.statistics().waiting) == (0, 0)


def test_awaits_are_freed(run, no_gc):
    gone = []

    def tracked():
        error = Lost()
        gone.append(weakref.ref(error))
        return error

    @coro
    def raising():
        yield
        raise tracked()

    async def raising_async():
        await asyncio.sleep(0)
        raise tracked()

    @coro
    def waits_for_a_task():
        with contextlib.suppress(Lost):
            yield raising_async()

    async def main():
        queue = Queue()
        for _ in range(3):
            with contextlib.suppress(Lost):
                await raising()
            await waits_for_a_task()
            with contextlib.suppress(Lost):
                await asyncio.create_task(raising_async())
            try:
                await queue.get(timeout=0)
            except OperationTimeout as error:
                gone.append(weakref.ref(error))
            instance = returning(tracked())
            await instance
            await Join(instance)
            del instance
        await asyncio.sleep(0)

    run(main())
    assert len(gone) == 15
    assert [each() for each in gone] == [None] * 15


def test_an_alarm_keeps_nobody_alive(run, no_gc):
    gone = []

    def worker():
        value = Lost()
        gone.append(weakref.ref(value))
        with contextlib.suppress(OperationTimeout):
            yield Queue().get(timeout=0)
        yield Sleep(0)
        queue = Queue()
        Scheduler.current().loop.call_soon(queue.put_nowait, "item")
        yield queue.get(timeout=60)
        return value

    async def main():
        Scheduler.current().add(worker)
        for _ in range(100):
            await asyncio.sleep(0.0005)
            if gone and gone[0]() is None:
                return
        raise AssertionError("still there")

    run(main())
