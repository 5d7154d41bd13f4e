"""The long form of functional/test_one_order.py."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.one_order import hear_a_burst

pytestmark = pytest.mark.prove


# Where the log is short, most of it comes out of the store.
@pytest.mark.parametrize("window", ["20", "1000", "100000"])
def test_a_burst_arrives_whole_and_in_one_order_in_every_transport(
    tmp_path: Path, window: str
) -> None:
    server = ChatServer(tmp_path, {"CHAT_WINDOW": window})
    server.start()
    try:
        asyncio.run(hear_a_burst(server, messages=10_000))
    finally:
        assert server.stop() == 0
