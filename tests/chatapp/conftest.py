"""What the chat's tests share."""

from __future__ import annotations

import pytest

from tests.chatapp.harness import Curl, Site


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def curl(site: Site) -> Curl:
    return site.curl()
