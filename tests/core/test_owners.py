import asyncio
import contextvars
import threading

import pytest

from cogen.core.coroutines import coro
from cogen.core.owners import Owner, local, owner
from cogen.core.schedulers import Scheduler

current = local()


@pytest.fixture(autouse=True)
def clean():
    yield
    for name in ("user", "room"):
        if hasattr(current, name):
            delattr(current, name)


def test_each_coroutine_has_values_of_its_own_across_its_waits(loop, scheduler):
    seen = []

    def worker(name):
        current.user = name
        yield
        yield
        seen.append(current.user)

    scheduler.add(worker, ("ann",))
    scheduler.add(worker, ("bob",))
    loop.run_until_idle()
    assert seen == ["ann", "bob"]
    assert not hasattr(current, "user")


def test_a_coroutine_inherits_nothing_from_who_started_it(start):
    @coro
    def child():
        seen = hasattr(current, "user")
        current.user = "child"
        yield
        return seen

    def parent():
        current.user = "parent"
        return (yield child()), current.user

    assert start(parent).outcome() == (False, "parent")


def test_outside_of_everything_the_values_are_the_programs(start):
    current.user = "program"

    def worker():
        yield
        return hasattr(current, "user")

    assert start(worker).outcome() is False
    assert current.user == "program"


def test_what_was_never_set_or_is_deleted_is_missing():
    with pytest.raises(AttributeError, match="user"):
        _ = current.user
    current.user = "x"
    del current.user
    with pytest.raises(AttributeError):
        _ = current.user
    with pytest.raises(AttributeError):
        del current.user


def test_two_locals_do_not_share_their_names():
    other = local()
    current.user = "one"
    assert not hasattr(other, "user")


def test_values_hold_in_tasks_and_threads_that_the_coroutine_starts(run):
    async def deeper():
        await asyncio.sleep(0)
        return current.user, await asyncio.to_thread(lambda: current.user)

    def worker():
        current.user = "ann"
        return (yield deeper())

    async def main():
        return await Scheduler.current().add(worker)

    assert run(main()) == ("ann", "ann")


def test_a_thread_without_that_context_sees_the_programs_values(start):
    seen = []

    def worker():
        current.user = "ann"
        thread = threading.Thread(target=lambda: seen.append(hasattr(current, "user")))
        thread.start()
        thread.join()
        yield

    start(worker)
    assert seen == [False]


def test_code_that_runs_as_a_requests_sees_that_requests_values():
    request = Owner()
    context = contextvars.copy_context()
    context.run(owner.set, request)
    context.run(setattr, current, "room", "lobby")
    assert context.run(getattr, current, "room") == "lobby"
    assert not hasattr(current, "room")
