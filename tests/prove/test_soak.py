"""Clients of every kind come and go for ten minutes, and memory is flat at the end.

``SOAK_SECONDS`` is for how long.
"""

from __future__ import annotations

import asyncio
import os
import statistics
from pathlib import Path

import pytest

from tests.functional.processes import at_rest, memory
from tests.functional.servers import Process, free_port
from tests.functional.soak import APPLICATION, SETTINGS, Soak

pytestmark = pytest.mark.prove

MB = 1024 * 1024
SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))


async def watched(soak: Soak, pid: int) -> list[int]:
    """Run it; gives the memory at each second."""
    samples = []

    async def sample() -> None:
        while True:
            await asyncio.sleep(1)
            samples.append(memory(pid))

    sampling = asyncio.create_task(sample())
    await soak.run(SECONDS)
    sampling.cancel()
    return samples


def test_memory_is_flat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    with Process(tmp_path, source=APPLICATION, port=port, **SETTINGS) as server:
        server.listen()
        pid = server.process.pid
        before = at_rest(pid)
        soak = Soak(port, workers=100, seed=int.from_bytes(os.urandom(4)))
        samples = asyncio.run(watched(soak, pid))
        assert at_rest(pid) <= before
        failures = server.log.count("Traceback")
        server.process.terminate()
        assert server.wait() == 0
    fifth = len(samples) // 5
    means = [statistics.mean(samples[n * fifth : (n + 1) * fifth]) / MB for n in range(5)]
    with capsys.disabled():
        print(f"\n{SECONDS:.0f} s, {soak.done.total()} clients: {dict(soak.done)}")
        print("MB in memory, a mean for each fifth:", *[f"{mean:.2f}" for mean in means])
    assert failures == soak.done["meets_a_failure"]
    # The first fifth warms up. The last two are no larger than the two before by what would be
    # a leak of a hundred bytes a client.
    assert means[4] - means[2] < 1.0
