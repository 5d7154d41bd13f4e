"""Hundreds of WebSockets that do nothing; thousands: tests/prove/test_idle_sockets.py."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.functional.idle_sockets import Idle
from tests.functional.processes import many_files

COUNT = 300


def test_hundreds_hear_one_message_and_answer_pings_while_others_talk(tmp_path: Path) -> None:
    idle = Idle(tmp_path, heartbeat=1)
    with many_files(COUNT + 200):
        idle.start()
        try:
            seen = asyncio.run(idle.crowd(COUNT))
        finally:
            idle.server.stop()
    assert seen.slowest < 1
    assert "Traceback" not in idle.server.log.read_text()
