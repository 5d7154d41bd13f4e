"""The modules of the pages by themselves: their types, their size, and tests/browser, run by Node.

In the tests they have a server, a network and a clock of their own; in Chromium they meet ours.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests" / "browser"
NODE = Path(sys.prefix) / "bin" / "node"
LONGEST = 300  # lines
MODULES = sorted(
    path
    for folder in ("bench", "chatapp", "examples", "tests/browser")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".js", ".mjs")
)


def run(*command: str | Path) -> str:
    """What it prints; it must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_modules_of_the_pages_pass_their_own_tests() -> None:
    files = sorted(TESTS.glob("*.test.mjs"))
    assert files
    run(NODE, "--test", "--test-reporter=spec", *files)


def test_the_types_of_the_modules_are_right() -> None:
    run(ROOT / "scripts" / "types")


def test_no_module_is_left_out_of_the_check() -> None:
    checked = run(ROOT / "scripts" / "types", "--listFilesOnly").splitlines()
    assert [str(path) for path in MODULES if str(path) not in checked] == []
    assert len(MODULES) > 50


def test_no_module_goes_unchecked_by_a_word_in_it() -> None:
    """Neither the whole of it nor a line."""
    said = ("@ts-nocheck", "@ts-ignore", "@ts-expect-error")
    assert [str(path) for path in MODULES if any(word in path.read_text() for word in said)] == []


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {str(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}
