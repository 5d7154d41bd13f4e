"""Who polls more slowly than the room speaks; `make prove` has the long form."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.functional.chat_server import ChatServer
from tests.functional.slow_readers import SETTINGS, read_slowly
from tests.functional.transports import CONNECTED


def test_each_message_comes_or_its_gap_is_told_exactly(tmp_path: Path) -> None:
    server = ChatServer(tmp_path, SETTINGS)
    server.start()
    try:
        readers = asyncio.run(read_slowly(server, messages=1000, seed=1))
    finally:
        assert server.stop() == 0
    assert all(reader.heard for reader in readers)
    # What comes on one connection waits in the kernel: of a thousand short messages, all.
    assert all(reader.gaps for reader in readers if reader.name not in CONNECTED), readers
