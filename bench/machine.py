"""Where, when and with what it was measured."""

from __future__ import annotations

import datetime
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from bench.processes import cores
from bench.subjects import SUBJECTS

__all__ = ["describe", "versions"]


def describe() -> dict[str, str]:
    """Name and text of each thing that matters."""
    placed = cores()
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{os.cpu_count()} × {_processor()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "commit": _commit(),
        "cores": (
            f"server on core {placed[0]}, load on core {placed[1]}"
            if placed
            else "server and load share the only core"
        ),
        "plain GET by": _wrk() if shutil.which("wrk") else "our own client (wrk is not installed)",
    }


def versions(names: Iterable[str]) -> dict[str, str]:
    """Of everything that these subjects run on."""
    found: dict[str, str] = {}
    for name in names:
        found.update(SUBJECTS[name].versions())
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    match = re.search(r"model name\s*: (.+)", text)
    return match[1] if match else platform.processor() or platform.machine()


def _wrk() -> str:
    ran = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    match = re.search(r"wrk \S+", ran.stdout + ran.stderr)
    return match[0] if match else "wrk"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        ran = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except OSError:
        return "unknown"
    return ran.stdout.strip() or "unknown"
