"""The other way round: coroutines that wait for what asyncio knows."""

import asyncio
import contextvars

from cogen.core.awaiting import Awaiting, awaitable
from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.core.schedulers import Scheduler
from cogen.errors import CoroutineCancelled


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


async def wait(operation):
    return await operation


def test_a_coroutine_waits_for_async_functions_futures_and_tasks(run):
    async def double(number):
        await asyncio.sleep(0)
        return number * 2

    def worker():
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_soon(future.set_result, "future")
        done = loop.create_future()
        done.set_result("done")
        first = yield double(21)
        second = yield future
        third = yield done
        fourth = yield loop.create_task(double(1))
        return first, second, third, fourth

    async def main():
        return await Scheduler.current().add(worker)

    assert run(main()) == (42, "future", "done", 2)


def test_a_coroutine_gets_the_awaitables_error(run):
    async def failing():
        await asyncio.sleep(0)
        raise KeyError("async")

    def worker():
        try:
            yield failing()
        except KeyError as error:
            return error.args

    async def main():
        return await Scheduler.current().add(worker)

    assert run(main()) == ("async",)


def test_cancelling_a_coroutine_cancels_what_it_awaits(run):
    cancelled = []

    async def endless():
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    def worker():
        yield endless()

    async def main():
        running = Scheduler.current().add(worker)
        await turns()
        running.cancel()
        await turns()

    run(main())
    assert cancelled == [True]


def test_an_awaitable_that_somebody_else_cancels_is_no_cancellation_of_the_coroutine(run):
    def worker(task):
        try:
            yield task
        except CoroutineCancelled:
            yield
            return "told"

    async def main():
        task = asyncio.create_task(asyncio.sleep(100))
        running = Scheduler.current().add(worker, (task,))
        await turns()
        task.cancel()
        return await running

    assert run(main()) == "told"


def test_a_task_that_waits_for_such_a_coroutine_is_not_cancelled_either(run):
    @coro
    def worker(task):
        yield task

    async def main():
        task = asyncio.create_task(asyncio.sleep(100))
        waiting = asyncio.create_task(wait(worker(task)))
        await turns()
        task.cancel()
        await asyncio.wait([waiting])
        assert not waiting.cancelled()
        return type(waiting.exception())

    assert run(main()) is CoroutineCancelled


def test_an_async_function_that_cancels_the_coroutine_that_waits_for_it_ends_it(run):
    ended = []

    def worker():
        try:
            yield canceller()
        finally:
            ended.append("coroutine")

    async def canceller():
        running[0].cancel()
        ended.append("goes on to its next wait")
        try:
            await asyncio.sleep(100)
        finally:
            ended.append("task")

    running = []

    async def main():
        running.append(Scheduler.current().add(worker))
        await turns(10)
        assert running[0].ended

    run(main())
    assert ended == ["coroutine", "goes on to its next wait", "task"]


def test_what_an_async_function_sets_in_its_context_is_seen_by_the_coroutine(run):
    variable = contextvars.ContextVar("variable")

    async def sets():
        variable.set("set")

    def worker():
        yield sets()
        return variable.get()

    async def main():
        return await Scheduler.current().add(worker)

    assert run(main()) == "set"


def test_what_can_be_awaited_is_known():
    async def function():
        pass

    waiting = function()
    assert awaitable(waiting)
    waiting.close()
    assert awaitable(Sleep(1))
    assert not awaitable(42)
    assert not awaitable(function)


def test_an_awaitable_can_be_named_as_an_operation(run):
    async def main():
        return await Awaiting(asyncio.sleep(0, "slept"))

    assert run(main()) == "slept"
