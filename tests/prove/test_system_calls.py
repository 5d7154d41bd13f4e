"""The long form of functional/test_system_calls.py: the log is brought into the file many times."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.system_calls import Traced, traced_pushes

pytestmark = pytest.mark.prove


def test_written_synced_and_then_answered(tmp_path: Path) -> None:
    pushes = traced_pushes(tmp_path, "power", speakers=20, each=500)
    assert pushes == [Traced(written=True, synced=True)] * 10_000
