"""A fake loop with its scheduler, and the two real loops."""

import asyncio
import gc

import pytest
import uvloop

from cogen.testing import FakeLoop


@pytest.fixture
def loop():
    return FakeLoop()


@pytest.fixture
def scheduler(loop):
    return loop.scheduler()


@pytest.fixture
def start(loop, scheduler):
    """Start a coroutine and let everything run that can; gives its instance."""

    def start(coro, *args):
        instance = scheduler.add(coro, args)
        loop.run_until_idle()
        return instance

    return start


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request):
    """Run an ``async def`` on a real loop."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner.run


@pytest.fixture
def no_gc():
    """Only reference counts free anything, and what tests before have left is not looked at."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()
