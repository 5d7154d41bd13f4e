"""Calls between a page and its element, through a network that fails: in a real Chromium.

Long forms in prove/test_live_network.py.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, TimeoutError

from tests.functional.cut_lines import PLACES, SOCKET, WITHIN_A_FRAME
from tests.functional.live_network import NO_SOCKETS, counting, everything_arrives

CALLS = 1000


def test_polls_that_are_cut_lose_and_double_nothing(tmp_path: Path, chromium: Browser) -> None:
    with counting(tmp_path, chromium, seed=1) as them:
        them.network.requests = 0.3
        page = them.open(NO_SOCKETS)
        everything_arrives(CALLS, page)
        assert them.network.cuts.keys() >= {
            (path, place) for path in ("/send", "/poll") for place in PLACES
        }
        assert not them.network.seen["/socket"]


def test_a_websocket_carries_all(tmp_path: Path, chromium: Browser) -> None:
    with counting(tmp_path, chromium, seed=2) as them:
        page = them.open()
        everything_arrives(CALLS, page)
        assert them.network.seen[SOCKET] == 1
        assert them.network.seen["/send"] < 10  # of more than fifty, as long as there was none


def test_websockets_that_are_cut_give_way_to_polls_and_come_back(
    tmp_path: Path, chromium: Browser
) -> None:
    with counting(tmp_path, chromium, seed=3) as them:
        them.network.frames = 0.1
        them.network.delay = 0.05  # one carrier's answer is under way when another takes over
        page = them.open()
        everything_arrives(CALLS, page)
        assert them.network.cuts[SOCKET, WITHIN_A_FRAME] > 1
        assert them.network.seen[SOCKET] > 1


@pytest.mark.parametrize("kind", ["hold", "refuse"])
def test_an_outage_loses_no_call(tmp_path: Path, chromium: Browser, kind: str) -> None:
    with counting(tmp_path, chromium, seed=4) as them:
        pages = them.open(), them.open(NO_SOCKETS)
        them.outage(kind, after=0.3, seconds=6.0)  # some calls are made before it, some in it
        everything_arrives(CALLS, *pages, spread=0.1)


def test_a_slow_server_and_a_slow_network_lose_no_call(tmp_path: Path, chromium: Browser) -> None:
    with counting(tmp_path, chromium, seed=5, environment={"LIVE_WAIT": "1"}) as them:
        pages = them.open(), them.open(NO_SOCKETS)
        them.network.delay = 0.5
        for page in pages:
            page.evaluate("() => { window.slow = widget.callRemote('slow', 5); }")
        everything_arrives(100, *pages)
        assert [page.evaluate("() => window.slow") for page in pages] == [5, 5]


def test_a_page_that_is_left_is_noticed_at_once(tmp_path: Path, chromium: Browser) -> None:
    with counting(tmp_path, chromium, seed=6) as them:
        other, page = them.open(), them.open()
        page.goto("about:blank")
        them.hears(other, 1, "The page was closed.", 2)


def test_a_tab_that_is_closed_is_noticed_at_once(tmp_path: Path, chromium: Browser) -> None:
    with counting(tmp_path, chromium, seed=7) as them:
        other = them.open()
        for _ in range(5):  # a busy machine gives a tab no time for its last words
            them.open().close(run_before_unload=True)
            with contextlib.suppress(TimeoutError):
                other.wait_for_function("() => widget.lefts.length", timeout=2000)
                break
        assert other.evaluate("() => widget.lefts") == ["The page was closed."]


@pytest.mark.parametrize("kind", ["hold", "refuse"])
def test_a_page_that_is_cut_off_is_noticed_after_its_time(
    tmp_path: Path, chromium: Browser, kind: str
) -> None:
    environment = {"LIVE_IDLE": "2", "LIVE_WAIT": "1", "COGEN_WEBSOCKET_HEARTBEAT": "0.5"}
    with counting(tmp_path, chromium, seed=8, environment=environment) as them:
        other = them.open(straight=True)
        pages = them.open(), them.open(NO_SOCKETS)
        getattr(them.network, kind)()
        them.hears(other, 2, "The page was not heard of for too long.", 20)
        them.network.release()
        for page in pages:  # which are there still, and get new elements
            page.wait_for_function("() => widget.hooks.length === 3", timeout=30_000)
            assert page.evaluate("() => widget.hooks.filter(hook => hook === 'made').length") == 2
