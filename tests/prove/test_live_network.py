"""The long form of functional/test_live_network.py: many pages, one after the other, by chance."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.functional.browser import chromium
from tests.functional.cut_lines import SOCKET, WITHIN_A_FRAME
from tests.functional.live_network import NO_SOCKETS, counting, everything_arrives

__all__ = ["chromium"]

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1800)]

PAGES = 30


@pytest.mark.parametrize(
    ("script", "requests", "frames"),
    [(NO_SOCKETS, 0.3, 0.0), ("", 0.1, 0.1), ("", 0.4, 0.02)],
    ids=["polls", "both", "rather WebSockets"],
)
def test_a_network_that_cuts_loses_and_doubles_nothing(
    tmp_path: Path,
    chromium: Browser,
    script: str,
    requests: float,
    frames: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int.from_bytes(os.urandom(4))
    with counting(tmp_path, chromium, seed) as them:
        network = them.network
        for _ in range(PAGES):
            network.requests = network.frames = network.delay = 0.0
            page = them.open(script)
            network.requests, network.frames, network.delay = requests, frames, 0.05
            everything_arrives(1000, page, spread=5, patience=120)
            page.close()
        with capsys.disabled():
            print(f"\n{PAGES} pages, seed {seed}: {sum(network.cuts.values())} cuts")
            for (path, place), count in sorted(network.cuts.items()):
                print(f"{path:12} {place:20} {count:5}")
        assert network.cuts[SOCKET, WITHIN_A_FRAME] > 0 or not frames


@pytest.mark.parametrize("kind", ["hold", "refuse"])
def test_an_outage_of_half_a_minute_loses_no_call(
    tmp_path: Path, chromium: Browser, kind: str
) -> None:
    with counting(tmp_path, chromium, seed=4) as them:
        pages = them.open(), them.open(NO_SOCKETS)
        them.outage(kind, after=0.3, seconds=30.0)
        everything_arrives(1000, *pages, spread=5, patience=120)
