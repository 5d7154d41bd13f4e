"""What tests of all packages share."""

import asyncio
import gc
from pathlib import Path

import pytest
import uvloop

FUNCTIONAL = Path(__file__).parent / "functional"


def pytest_collection_modifyitems(items):
    """Two processes may share the work (see .ci/run): one has what waits for other processes, one
    test at a time, and the other all else."""
    for item in items:
        group = "functional" if FUNCTIONAL in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


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
