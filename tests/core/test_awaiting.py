"""Operations and coroutines in asyncio tasks."""

import asyncio

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import Join, Signal, Sleep, WaitForSignal
from cogen.core.pubsub import PublishSubscribeQueue
from cogen.core.queue import Queue
from cogen.core.schedulers import Scheduler
from cogen.errors import OperationMisuse, OperationTimeout
from cogen.testing import FakeClock


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


def fake_clock():
    clock = FakeClock()
    return clock, Scheduler(asyncio.get_running_loop(), clock=clock)


def test_await_gives_the_result_at_once_or_later(run):
    async def main():
        queue = Queue()
        queue.put_nowait("there")
        first = await queue.get()
        getting = asyncio.create_task(get(queue))
        await turns()
        assert not getting.done()
        queue.put_nowait("later")
        return first, await getting

    assert run(main()) == ("there", "later")


async def get(queue, **options):
    return await queue.get(**options)


def test_await_raises_the_operations_errors(run):
    async def main():
        clock, _ = fake_clock()
        getting = asyncio.create_task(get(Queue(), timeout=10))
        await turns()
        clock.advance(10)
        with pytest.raises(OperationTimeout):
            await getting
        sleep = Sleep(0)
        waiting = asyncio.create_task(wait(sleep))
        await turns()
        with pytest.raises(OperationMisuse):
            await sleep
        clock.advance(0)
        await waiting

    run(main())


async def wait(operation):
    return await operation


def test_await_of_a_coroutine_runs_it(run):
    @coro
    def greet(name):
        yield
        return "hello " + name

    async def main():
        instance = greet("bob")
        return await greet("ann"), await instance, await Join(instance)

    assert run(main()) == ("hello ann", "hello bob", "hello bob")


def test_await_of_a_coroutine_raises_its_error_with_the_whole_traceback(run):
    @coro
    def innermost():
        yield
        raise KeyError("deep")

    @coro
    def middle():
        yield innermost()

    async def main():
        try:
            await middle()
        except KeyError as error:
            names, step = [], error.__traceback__
            while step is not None:
                names.append(step.tb_frame.f_code.co_name)
                step = step.tb_next
            return [name for name in names if name in ("main", "middle", "innermost")]

    assert run(main()) == ["main", "middle", "innermost"]


def test_a_cancelled_task_leaves_the_line(run):
    async def main():
        queue = Queue()
        getting = asyncio.create_task(get(queue, timeout=10))
        await turns()
        assert queue.statistics().getters == 1
        getting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await getting
        assert queue.statistics().getters == 0
        assert Scheduler.current().statistics().timers == 0
        queue.put_nowait("kept")
        return queue.get_nowait()

    assert run(main()) == "kept"


def test_a_task_cancelled_between_wake_and_resume_takes_nothing_from_a_queue(run):
    async def main():
        queue = Queue()
        first = asyncio.create_task(get(queue))
        second = asyncio.create_task(get(queue))
        await turns()
        queue.put_nowait("item")
        first.cancel()
        assert await second == "item"
        assert first.cancelled()

    run(main())


def test_a_task_cancelled_between_wake_and_resume_puts_nothing(run):
    async def main():
        queue = Queue(1)
        queue.put_nowait("first")
        putting = asyncio.create_task(wait(queue.put("never")))
        await turns()
        assert queue.get_nowait() == "first"
        putting.cancel()
        await asyncio.wait([putting])
        assert queue.drain() == []
        assert not queue.full()

    run(main())


def test_a_task_cancelled_between_wake_and_resume_misses_no_message(run):
    async def main():
        log = PublishSubscribeQueue()
        subscription = log.subscribe()
        fetching = asyncio.create_task(wait(log.fetch(subscription)))
        await turns()
        log.publish("message")
        fetching.cancel()
        await asyncio.wait([fetching])
        return await log.fetch(subscription)

    assert run(main()) == ["message"]


def test_a_task_cancelled_and_woken_in_one_moment_is_cancelled(run):
    async def main():
        queue = Queue()
        getting = asyncio.create_task(get(queue))
        await turns()
        getting.cancel()
        queue.put_nowait("kept")
        await asyncio.wait([getting])
        assert getting.cancelled()
        return queue.get_nowait()

    assert run(main()) == "kept"


def test_a_task_cancelled_before_its_first_step_of_waiting_is_cancelled(run):
    async def main():
        queue = Queue()
        getting = asyncio.create_task(get(queue))
        getting.cancel()
        await asyncio.wait([getting])
        assert queue.statistics().getters == 0

        async def cancels_itself():
            asyncio.current_task().cancel()
            await queue.get()

        cancelling = asyncio.create_task(cancels_itself())
        await asyncio.wait([cancelling])
        assert cancelling.cancelled()
        assert queue.statistics().getters == 0

    run(main())


def test_a_task_may_survive_its_cancellation_and_wait_again(run):
    async def main():
        queue = Queue()

        async def stubborn():
            try:
                await queue.get()
            except asyncio.CancelledError:
                asyncio.current_task().uncancel()
            return await queue.get()

        task = asyncio.create_task(stubborn())
        await turns()
        task.cancel()
        await turns()
        queue.put_nowait("item")
        return await task

    assert run(main()) == "item"


def test_a_wake_without_an_outcome_leaves_the_task_waiting_and_quiet(run):
    """From Python 3.13 on, `Task.uncancel` can take back a cancellation on its way."""

    async def main():
        sleep, steps = Sleep(10), []

        class Spy:
            """Awaits the sleep and counts the steps."""

            def __await__(self):
                waiting = sleep.__await__()
                for yielded in waiting:
                    steps.append(yielded)
                    yield yielded

        async def sleeper():
            await Spy()

        task = asyncio.create_task(sleeper())
        await turns()
        steps[0].cancel()  # what Task.cancel does, but for the CancelledError
        await turns(50)
        assert len(steps) == 2
        assert sleep.wake()
        await task

    run(main())


def test_asyncio_timeout_ends_a_wait(run):
    async def main():
        queue = Queue()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await queue.get()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(queue.get(), 0.001)
        assert queue.statistics().getters == 0
        queue.put_nowait("kept")
        return await asyncio.wait_for(queue.get(), 5)

    assert run(main()) == "kept"


def test_gather_and_task_group_take_operations(run):
    @coro
    def answer():
        yield
        return 42

    async def main():
        queue = Queue()
        both = asyncio.gather(queue.get(), queue.get(), answer())
        await turns()
        queue.put_nowait(1)
        queue.put_nowait(2)
        async with asyncio.TaskGroup() as group:
            getting = group.create_task(get(queue))
            await turns()
            queue.put_nowait(3)
        return await both, getting.result()

    assert run(main()) == ([1, 2, 42], 3)


def test_a_task_group_that_fails_cancels_the_waits(run):
    async def main():
        queue = Queue()

        async def fail():
            await turns()
            raise KeyError

        with pytest.raises(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(get(queue))
                group.create_task(fail())
        return queue.statistics().getters

    assert run(main()) == 0


def test_first_puts_awaiting_tasks_before_all_that_is_ready(run):
    async def main():
        order = []

        async def listener():
            await WaitForSignal("news")
            order.append("listener")

        def other():
            order.append("other")
            yield

        task = asyncio.create_task(listener())
        await turns()
        Scheduler.current().add(other)
        await Signal("news", first=True)
        await task
        await turns()
        return order

    assert run(main()) == ["listener", "other"]


def test_a_wait_that_is_dropped_with_its_loop_is_undone(run):
    queue = Queue()

    async def main():
        task = asyncio.create_task(get(queue))
        await turns()
        assert queue.statistics().getters == 1
        return task

    run(main())
    # the runner cancels what is left when it closes; here the task is just closed
    waiting = get(queue)

    async def start():
        return waiting.send(None)

    run(start())
    before = queue.statistics().getters
    waiting.close()
    assert queue.statistics().getters == before - 1


def test_cancelling_a_task_that_waits_for_a_coroutine_cancels_that(run):
    cleaned = []

    @coro
    def worker():
        try:
            yield Sleep(100)
        finally:
            cleaned.append(True)

    async def main():
        task = asyncio.create_task(wait(worker()))
        await turns()
        task.cancel()
        await asyncio.wait([task])
        return Scheduler.current().statistics().coroutines

    assert run(main()) == 0
    assert cleaned == [True]
