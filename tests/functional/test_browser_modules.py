"""The modules of the pages by themselves: tests/browser, run by the Node of Playwright.

They have a server, a network and a clock of their own; in Chromium they meet ours.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import playwright

TESTS = Path(__file__).parents[1] / "browser"
NODE = Path(playwright.__file__).parent / "driver" / "node"


def test_the_modules_of_the_pages_pass_their_own_tests() -> None:
    files = sorted(TESTS.glob("*.test.mjs"))
    assert files
    run = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", *files],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
