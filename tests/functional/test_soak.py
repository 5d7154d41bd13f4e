"""Ten seconds of clients of every kind; the long form is prove/test_soak.py."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from tests.functional.processes import at_rest
from tests.functional.servers import Process, free_port
from tests.functional.soak import APPLICATION, SETTINGS, Soak
from tests.functional.wire import Wire

SECONDS = 10


def test_whoever_comes_and_goes_nothing_stays_behind(tmp_path: Path) -> None:
    port = free_port()
    with Process(tmp_path, source=APPLICATION, port=port, **SETTINGS) as server:
        server.listen()
        before = at_rest(server.process.pid)
        soak = Soak(port, workers=40, seed=1)
        asyncio.run(soak.run(SECONDS))
        assert len(soak.done) == 15, soak.done
        assert at_rest(server.process.pid) <= before, "every connection and file is closed"
        asyncio.run(still_answers(port))
        failures = server.log.count("Traceback")
        assert failures == soak.done["meets_a_failure"], server.log[-2000:]
        server.process.terminate()
        assert server.wait() == 0


async def still_answers(port: int) -> None:
    with contextlib.closing(Wire(port)) as wire:
        assert (await wire.ask("GET", "/alive")).body == b"/alive"
