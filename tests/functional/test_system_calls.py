"""With ``power`` a push is answered when the disk has it; `make prove` has the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.system_calls import Traced, traced_pushes


@pytest.mark.parametrize("durability", ["process", "power"])
@pytest.mark.parametrize(("speakers", "each"), [(1, 10), (10, 10)])
def test_written_synced_if_it_is_to_be_and_then_answered(
    tmp_path: Path, durability: str, speakers: int, each: int
) -> None:
    pushes = traced_pushes(tmp_path, durability, speakers, each)
    assert pushes == [Traced(written=True, synced=durability == "power")] * speakers * each
