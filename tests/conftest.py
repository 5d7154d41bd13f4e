"""What tests of all packages share."""

import asyncio
import gc

import pytest
import uvloop


def pytest_collection_finish():
    """Thousands of tests are objects that stay: the collector is not to look at them each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """What tests of broken text log is no UTF-8, in which one process tells another (see
    .ci/run)."""
    return _readable((yield))


def _readable(data):
    match data:
        case str():
            return data.encode(errors="backslashreplace").decode()
        case dict():
            return {key: _readable(value) for key, value in data.items()}
        case list() | tuple():
            return [_readable(value) for value in data]
    return data


@pytest.fixture
def no_gc():
    """Only reference counts free anything, and what tests before have left is not looked at.

    Nor ever again: to collect all that thousands of tests have left took longer than each of these.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request):
    """Run an ``async def`` on a real loop."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner.run
