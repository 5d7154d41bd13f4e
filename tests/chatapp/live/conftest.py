"""A chat with the page at /chatter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chatapp.harness import Curl, Site
from tests.chatapp.pages import ChatterPage, chatter_site


@pytest.fixture
def site() -> Site:
    return chatter_site()


@pytest.fixture
def page(site: Site) -> ChatterPage:
    """Nobody yet."""
    return ChatterPage(site)


@pytest.fixture
def bob(site: Site) -> ChatterPage:
    bob = ChatterPage(site)
    bob.enter("bob")
    return bob


@pytest.fixture
def ann(site: Site) -> Curl:
    """At a shell."""
    ann = site.curl()
    assert ann.pull("/chat/pull/ann").text == ""
    return ann


@pytest.fixture
def no_tracebacks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [each for each in caplog.get_records("call") if each.levelname == "ERROR"] == []
