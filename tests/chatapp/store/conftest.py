"""A store in a file of its own."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
import uvloop

from chatapp.store.opening import open_store
from tests.chatapp.store.contract import Kept


@pytest.fixture
def kept(tmp_path):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        kept = Kept(runner, partial(open_store, "", tmp_path))
        yield kept
        kept.close()
