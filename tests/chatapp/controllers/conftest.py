"""A page of live elements, and somebody who has it open."""

from __future__ import annotations

import pytest

from tests.chatapp.live.stage import Echo, Stage, Tab


@pytest.fixture
def stage() -> Stage:
    return Stage(Echo)


@pytest.fixture
def tab(stage: Stage) -> Tab:
    return stage.tab()
