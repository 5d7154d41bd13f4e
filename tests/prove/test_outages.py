"""The long form of functional/test_outages.py: faults come and go while a crowd speaks."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.functional.chat_server import ChatServer
from tests.functional.disks import FAULTS
from tests.functional.load import Load, under_load

pytestmark = pytest.mark.prove

SEED = int.from_bytes(os.urandom(4))


@pytest.mark.parametrize("name", ["full", "locked"])
def test_nothing_acknowledged_is_lost_and_nothing_refused_is_kept(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fault, data = FAULTS[name], tmp_path / "data"
    data.mkdir()
    chance = random.Random(SEED)

    async def disturb(load: Load) -> None:
        for _ in range(20):
            await load.progress(20)
            await asyncio.sleep(chance.random() * 0.1)
            refused = len(load.outcome.refused)
            with fault.lasts(load.server, data):
                while len(load.outcome.refused) == refused:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(chance.random())
        await load.progress(20)

    server = ChatServer(tmp_path, before=fault.before(data))
    server.start()
    try:
        outcome = asyncio.run(under_load(server, disturb))
    finally:
        assert server.stop() == 0
    with capsys.disabled():
        print(f"\n{name}, 20 times, seed {SEED}: {outcome}")
    assert "Traceback" not in server.log.read_text()
