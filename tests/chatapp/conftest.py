"""What the chat's tests share."""

from __future__ import annotations

import pytest

from tests.chatapp.harness import Site


@pytest.fixture
def site() -> Site:
    return Site()
