"""Where readers were that have left."""

from __future__ import annotations

import pytest

from chatapp.model.places import Places
from tests.chatapp.harness import Site


def gone(site: Site) -> None:
    """They are removed, and what is said then they have missed."""
    site.advance(100)
    site.say("bob", "hello")


def test_who_comes_back_goes_on_from_there(site, curl):
    curl.pull()
    gone(site)
    assert curl.pull().text == "bob: hello\r\n"


def test_only_so_many_are_remembered(site):
    site.roster._left = Places(2)
    readers = [site.curl() for _ in range(3)]
    for reader in readers:
        reader.pull()
        site.advance(1)
    gone(site)
    assert [reader.pull().text for reader in readers] == ["", *["bob: hello\r\n"] * 2]


@pytest.mark.parametrize("path", ["/api/rooms/1/events", "/api/rooms/1/messages?wait=1"])
def test_who_comes_only_once_is_not(site, curl, path):
    curl.ask("GET", path).reset()
    gone(site)
    assert len(site.roster._left) == 0
