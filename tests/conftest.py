"""What tests of all packages share."""

import asyncio
import gc

import pytest
import uvloop


@pytest.fixture
def no_gc():
    """Only reference counts free anything, and what tests before have left is not looked at."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request):
    """Run an ``async def`` on a real loop."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner.run
