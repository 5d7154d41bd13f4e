"""A fake loop with its scheduler, and the two real loops."""

import pytest

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
