"""What the system knows of a process, and lets it have (Linux)."""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def many_files(needed: int) -> Iterator[None]:
    """As many open files as the system allows, for the servers too, which inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed:
        pytest.fail(f"{needed} open files are needed; ulimit -Hn says {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory(pid: int) -> int:
    """What it has in memory, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def descriptors(pid: int) -> int:
    """How many files and sockets it has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def at_rest(pid: int, seconds: float = 10) -> int:
    """The same, as soon as nothing is opened or closed any more."""
    until = time.monotonic() + seconds
    seen = [descriptors(pid)]
    while len(seen) < 5 or len(set(seen[-5:])) > 1:
        assert time.monotonic() < until, f"it is never at rest: {seen[-5:]}"
        time.sleep(0.02)
        seen.append(descriptors(pid))
    return seen[-1]
