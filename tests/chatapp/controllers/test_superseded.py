"""Two pulls of one reader at a time."""

from __future__ import annotations


def test_the_older_pull_ends_when_its_own_time_is_over(site):
    curl = site.curl()
    curl.pull()
    older = curl.waits("/chat/pull?timeout=4")
    site.advance(3)
    newer = curl.waits("/chat/pull?timeout=4")
    assert not older.transport.arrived
    site.advance(1.5)
    assert older.transport.arrived.startswith(b"HTTP/1.1 200 ")
    assert not newer.transport.arrived


def test_the_message_goes_to_the_newer_one(site):
    curl = site.curl()
    curl.pull()
    older, newer = curl.waits(), curl.waits()
    site.curl().push("hello")
    assert newer.transport.arrived.endswith(b": hello\r\n")
    site.advance(11)
    assert older.transport.arrived.endswith(b"\r\n\r\n")
