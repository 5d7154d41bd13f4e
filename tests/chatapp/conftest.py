"""What the chat's tests share."""

from __future__ import annotations

import pytest

from tests.chatapp.harness import ADMIN, Curl, Site


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def curl(site: Site) -> Curl:
    return site.curl()


@pytest.fixture
def rooms(site: Site) -> None:
    """Three of them."""
    admin = site.curl()
    for name in ("two", "three"):
        admin.post("/api/rooms", {"name": name}, **ADMIN)
