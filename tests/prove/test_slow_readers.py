"""The long form of functional/test_slow_readers.py."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.slow_readers import SETTINGS, read_slowly

pytestmark = pytest.mark.prove


@pytest.mark.parametrize("kept", ["1", "50", "1000"])
def test_each_message_comes_or_its_gap_is_told_exactly(
    tmp_path: Path, kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = ChatServer(tmp_path, {**SETTINGS, "CHAT_KEEP": kept})
    server.start()
    seed = int.from_bytes(os.urandom(4))
    try:
        readers = asyncio.run(read_slowly(server, messages=20_000, seed=seed))
    finally:
        assert server.stop() == 0
    with capsys.disabled():
        print(f"\nseed {seed}, {kept} kept: heard, and so many gaps")
        for reader in readers:
            print(f"{reader.name:20} {reader.heard:6} {reader.gaps:6}")
    assert all(reader.heard for reader in readers)
