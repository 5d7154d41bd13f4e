"""What has come and gone is freed, and by reference counts alone: no pauses of the collector."""

import asyncio
import gc
import weakref

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import Join, Signal, Sleep, WaitForSignal
from cogen.core.pubsub import PublishSubscribeQueue
from cogen.core.queue import Queue
from cogen.errors import OperationTimeout


@coro
def returning():
    yield
    return "value"


@coro
def failing():
    yield
    raise KeyError("lost")


@pytest.fixture
def left(no_gc):
    """How many objects are alive that the collector knows, before and after."""

    def left(what, times=200):
        what()
        before = len(gc.get_objects())
        for _ in range(times):
            what()
        return (len(gc.get_objects()) - before) / times

    return left


def test_coroutines_that_returned_are_freed(left, start):
    assert left(lambda: start(returning)) < 0.1


def test_coroutines_that_were_never_started_are_freed(left):
    assert left(returning) < 0.1


def test_coroutines_that_failed_are_freed(left, start, caplog):
    caplog.set_level("CRITICAL")
    assert left(lambda: start(failing)) < 0.1


def test_coroutines_that_were_cancelled_are_freed(left, start):
    def sleeper():
        yield Sleep(100)

    assert left(lambda: start(sleeper).cancel()) < 0.1


def test_calls_that_failed_are_freed(left, start):
    def parent():
        try:
            yield failing()
        except KeyError:
            return "caught"

    assert left(lambda: start(parent)) < 0.1


def test_coroutines_that_timed_out_are_freed(left, start, loop):
    queue = Queue()

    def poll():
        try:
            yield queue.get(timeout=10)
        except OperationTimeout:
            return "empty"

    def once():
        start(poll)
        loop.advance(10)

    assert left(once) < 0.1


def test_operations_that_raise_as_they_begin_are_freed(left, start):
    def worker():
        try:
            yield WaitForSignal([])
        except TypeError:
            return "refused"

    assert left(lambda: start(worker)) < 0.1


def test_signals_and_those_who_waited_are_freed(left, start):
    names = iter(range(1_000_000))

    def listener(name):
        yield WaitForSignal(name, timeout=10)

    def once():
        name = next(names)
        start(listener, name)
        start(lambda: (yield Signal(name)))

    assert left(once) < 0.1


def test_subscribers_that_go_are_forgotten(left, start):
    log = PublishSubscribeQueue(maxlen=10)

    def subscriber():
        yield log.fetch(log.subscribe(), timeout=10)

    def once():
        start(subscriber)
        log.publish("message")
        gone = start(subscriber)
        gone.cancel()

    assert left(once) < 0.3  # the log itself holds ten messages
    assert log.statistics().subscribers <= 1


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

    crowd(1000)
    before = len(gc.get_objects())
    crowd(100_000)
    assert len(gc.get_objects()) - before < 100
    statistics = scheduler.statistics()
    assert (statistics.coroutines, statistics.ready, statistics.timers) == (0, 0, 0)
    assert queue.statistics().getters == 0
    assert (log.statistics().subscribers, log.statistics().waiting) == (0, 0)


def test_awaits_are_freed(run, no_gc):
    class Lost(Exception):
        pass

    gone = []

    @coro
    def raising():
        yield
        error = Lost()
        gone.append(weakref.ref(error))
        raise error

    async def fails():
        await asyncio.sleep(0)
        error = Lost()
        gone.append(weakref.ref(error))
        raise error

    def waits_for_a_task():
        try:
            yield fails()
        except Lost:
            return "caught"

    async def main():
        queue = Queue()
        for _ in range(3):
            try:
                await raising()
            except Lost:
                pass
            await coro(waits_for_a_task)()
            try:
                await queue.get(timeout=0)
            except OperationTimeout as error:
                gone.append(weakref.ref(error))
            instance = returning()
            gone.append(weakref.ref(instance))
            await instance
            await Join(instance)
            del instance
        await asyncio.sleep(0)

    run(main())
    assert len(gone) == 12
    assert [each() for each in gone] == [None] * 12
