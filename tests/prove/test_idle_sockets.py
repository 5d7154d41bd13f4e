"""Ten thousand idle WebSockets in one process: what each costs, and that nothing of them stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.functional.idle_sockets import Idle
from tests.functional.processes import many_files, memory

pytestmark = pytest.mark.prove

COUNT = 10_000
KB = 1000


def test_ten_thousand_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    idle = Idle(tmp_path, heartbeat=5)
    with many_files(COUNT + 200):
        idle.start()
        try:
            before = memory(idle.server.pid)
            first, second = (asyncio.run(idle.crowd(COUNT)) for _ in range(2))
        finally:
            idle.server.stop()
    each, more = (first.memory - before) / COUNT, (second.memory - first.memory) / COUNT
    slowest = max(first.slowest, second.slowest)
    with capsys.disabled():
        print(f"\n{COUNT} idle WebSockets: {each / KB:.2f} kB each, {more / KB:.2f} kB more of as")
        print(f"many again; the slowest pull of somebody else meanwhile: {slowest * 1000:.0f} ms")
    assert each < 16 * KB
    assert more < 1 * KB
    assert slowest < 1
    assert "Traceback" not in idle.server.log.read_text()
