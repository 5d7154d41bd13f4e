"""AnyOf: the first of several waits ends them all, and nothing is taken from the others."""

import asyncio
import contextlib
import weakref
from datetime import timedelta

import pytest

from cogen.core.anyof import AnyOf
from cogen.core.coroutines import coro
from cogen.core.events import Signal, Sleep, WaitForSignal
from cogen.core.pubsub import PublishSubscribeQueue
from cogen.core.queue import Queue
from cogen.errors import OperationMisuse, OperationTimeout
from cogen.testing import FakeLoop
from tests.core.waiting import Never, sleeper


@pytest.fixture
def queues():
    return [Queue(), Queue(), Queue()]


@pytest.fixture
def wait(start):
    """A coroutine that waits for the first of these."""

    def wait(*waitables, timeout=None):
        def waiter():
            return (yield AnyOf(*waitables, timeout=timeout))

        return start(waiter)

    return wait


def getters(queues):
    return [queue.get() for queue in queues]


def waiting(queues):
    return sum(queue.statistics().getters for queue in queues)


def test_the_first_that_ends_gives_its_place_and_its_result(wait, loop, queues):
    waiter = wait(*getters(queues))
    assert not waiter.ended
    queues[1].put_nowait("item")
    loop.run_until_idle()
    assert waiter.outcome() == (1, "item")


def test_the_others_leave_the_line_and_take_nothing(wait, loop, queues):
    wait(*getters(queues))
    queues[1].put_nowait("one")
    assert waiting(queues) == 0
    queues[0].put_nowait("two")
    queues[2].put_nowait("three")
    loop.run_until_idle()
    assert [queue.qsize() for queue in queues] == [1, 0, 1]


def test_of_two_in_one_moment_the_earlier_counts_and_the_other_is_kept(wait, loop, queues):
    waiter = wait(*getters(queues))
    queues[2].put_nowait("early")
    queues[0].put_nowait("late")
    loop.run_until_idle()
    assert waiter.outcome() == (2, "early")
    assert queues[0].get_nowait() == "late"


def test_what_is_there_at_once_is_not_waited_for_and_what_follows_is_not_begun(wait, queues):
    queues[1].put_nowait("item")
    queues[2].put_nowait("other")
    never = Never()
    assert wait(never, *getters(queues[1:])).outcome() == (1, "item")
    assert never.undone
    assert queues[2].qsize() == 1


def test_cancelled_while_it_waits_it_leaves_every_line(wait, queues):
    wait(*getters(queues)).cancel()
    assert waiting(queues) == 0


def test_cancelled_between_the_wake_and_the_step_it_gives_the_promise_back(wait, loop, queues):
    waiter = wait(*getters(queues))
    queues[1].put_nowait("item")
    waiter.cancel()
    loop.run_until_idle()
    assert queues[1].get_nowait() == "item"


def test_a_promise_that_is_given_back_goes_to_the_next(wait, loop, queues):
    first, second = wait(*getters(queues)), wait(queues[1].get())
    queues[1].put_nowait("item")
    first.cancel()
    loop.run_until_idle()
    assert second.outcome() == (0, "item")


def test_the_cursor_of_a_subscriber_that_did_not_win_stays(wait, loop):
    logs = [PublishSubscribeQueue(), PublishSubscribeQueue()]
    subscriptions = [log.subscribe() for log in logs]
    waiter = wait(*(log.fetch(each) for log, each in zip(logs, subscriptions, strict=True)))
    logs[0].publish("a")
    logs[1].publish("b")
    loop.run_until_idle()
    assert waiter.outcome() == (0, ["a"])
    assert [each.cursor for each in subscriptions] == [1, 0]


@pytest.mark.parametrize("timeout", [5, timedelta(seconds=5)])
def test_one_timeout_for_all_of_them(wait, loop, queues, timeout):
    waiter = wait(*getters(queues), timeout=timeout)
    loop.advance(4.9)
    assert not waiter.ended
    loop.advance(0.2)
    with pytest.raises(OperationTimeout):
        waiter.outcome()
    assert waiting(queues) == 0


def test_won_in_time_it_leaves_no_timeout(wait, loop, scheduler, queues):
    waiter = wait(*getters(queues), timeout=5)
    queues[0].put_nowait("item")
    assert scheduler.statistics().timers == 0
    loop.advance(10)
    assert waiter.outcome() == (0, "item")


def test_the_timeout_of_one_of_them_is_its_outcome(wait, loop, queues):
    waiter = wait(queues[0].get(), queues[1].get(timeout=3))
    loop.advance(3)
    with pytest.raises(OperationTimeout):
        waiter.outcome()
    assert waiting(queues) == 0


def test_one_that_fails_ends_it(wait, loop, queues):
    @coro
    def failing():
        yield Sleep(1)
        raise KeyError("lost")

    waiter = wait(queues[0].get(), failing())
    loop.advance(1)
    with pytest.raises(KeyError, match="lost"):
        waiter.outcome()
    assert waiting(queues) == 0


def test_one_that_cannot_be_begun_ends_it_and_cancels_those_before_it(wait, queues):
    with pytest.raises(TypeError):
        wait(queues[0].get(), "nothing to wait for", queues[1].get()).outcome()
    assert waiting(queues) == 0


def test_somebody_elses_wait_is_not_cancelled_with_it(wait, start, loop, queues):
    taken = queues[0].get()

    def owner():
        return (yield taken)

    owned = start(owner)
    with pytest.raises(OperationMisuse):
        wait(queues[1].get(), taken).outcome()
    queues[0].put_nowait("item")
    loop.run_until_idle()
    assert owned.outcome() == "item"


def test_one_that_wakes_another_while_it_is_begun_comes_second(wait):
    waiter = wait(WaitForSignal("news"), Signal("news", "value"))
    assert waiter.outcome() == (0, "value")


def test_a_failure_after_the_promise_gives_that_back(scheduler, queues):
    operation = AnyOf(*getters(queues))

    class Driver:
        context = None
        woken = 0

        def __init__(self):
            self.scheduler = scheduler

        def wake(self):
            self.woken += 1

    driver = Driver()
    assert not operation.start(driver)
    queues[0].put_nowait("item")
    assert driver.woken == 1
    assert operation.fail(ConnectionError("going down"))
    with pytest.raises(ConnectionError):
        operation.result()
    assert queues[0].get_nowait() == "item"
    assert driver.woken == 1


def test_what_it_owns_ends_with_it(wait, loop, scheduler):
    waiter = wait(sleeper(1, "quick"), sleeper(5, "slow"))
    loop.advance(1)
    assert waiter.outcome() == (0, "quick")
    assert scheduler.statistics().coroutines == 0


def test_they_may_be_nested(wait, loop, queues):
    waiter = wait(AnyOf(*getters(queues[:2])), queues[2].get())
    queues[1].put_nowait("item")
    loop.run_until_idle()
    assert waiter.outcome() == (0, (1, "item"))
    assert waiting(queues) == 0


def test_it_waits_only_once(start, queues):
    queues[0].put_nowait("item")

    def waiter():
        operation = AnyOf(queues[0].get())
        yield operation
        with pytest.raises(OperationMisuse):
            yield operation

    start(waiter).outcome()


def test_there_must_be_something_to_wait_for():
    with pytest.raises(ValueError, match="nothing"):
        AnyOf()


def test_under_asyncio_with_its_awaitables(run):
    async def main():
        queue = Queue()
        assert await AnyOf(queue.get(), asyncio.sleep(0, "slept")) == (1, "slept")
        assert queue.statistics().getters == 0
        task = asyncio.ensure_future(AnyOf(queue.get(), asyncio.Event().wait()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert queue.statistics().getters == 0

    run(main())


@pytest.mark.parametrize("end", ["won", "failed", "cancelled"])
def test_it_is_freed_without_the_collector(no_gc, end):
    loop = FakeLoop()
    scheduler = loop.scheduler()

    class Lost(Exception):
        pass

    class First(Never):
        def _take(self, outcome):
            if end == "failed":
                raise Lost

    @coro
    def waiter(operation):
        with contextlib.suppress(Lost):
            yield operation

    class Owned:
        """Goes with its owner; a compiled operation cannot be referred to weakly."""

    first, other = First(), Never()
    first.owned, other.owned = Owned(), Owned()
    gone = [weakref.ref(first.owned), weakref.ref(other.owned)]
    waiting = scheduler.add(waiter(AnyOf(first, other, timeout=10)))
    loop.run_until_idle()
    if end == "cancelled":
        waiting.cancel()
    else:
        first.wake()
    assert other.undone
    del first, other
    loop.run_until_idle()
    assert waiting.ended
    assert [each() for each in gone] == [None, None]
