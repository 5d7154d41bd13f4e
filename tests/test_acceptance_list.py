"""Every case of the acceptance list that concerns what there is has its tests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.acceptance import CASES

ONLY_COLLECT = "-m pytest --collect-only -q -p no:cacheprovider -p tests.acceptance -m case tests"
ROOT = Path(__file__).parents[1]


def test_every_case_has_a_test() -> None:
    done = subprocess.run(
        [sys.executable, *ONLY_COLLECT.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    counted = dict(re.findall(r"^ *([0-9]+) .* of ([0-9]+) passed$", done.stdout, re.MULTILINE))
    assert {int(number) for number, tests in counted.items() if int(tests)} == set(CASES)


def test_the_list_is_whole() -> None:
    assert set(CASES) == {*range(1, 54), 55, 56}
