"""Commands in the place of a pushed message."""

from __future__ import annotations

import pytest


@pytest.fixture
def reader(site):
    """Somebody without a name who reads."""
    reader = site.curl()
    reader.pull()
    return reader


def test_nick_names_the_session(site, reader):
    curl = site.curl()
    answer = curl.push("/nick ann")
    assert (answer.status, answer.text) == (200, "ok\r\n")
    curl.push("hello")
    assert reader.pull().text == "ann: hello\r\n"


def test_nick_renames_who_is_here_and_all_hear_of_it(site, reader):
    curl = site.curl()
    curl.pull("/chat/pull/bob")
    curl.push("/nick ann")
    assert reader.pull().text == " * user bob has joined the room\r\n * user bob is now ann\r\n"
    assert site.roster.people.holder("bob") is None


def test_nick_checks_the_name_as_pull_does(site, reader):
    curl = site.curl()
    curl.pull("/chat/pull/bob")
    for bad in (
        "/nick",
        "/nick  ",
        "/nick a:b",
        "/nick " + "x" * 65,
        "/nick \u200b",
        "/nick a\x1bb",
    ):
        assert curl.push(bad).status == 400, bad
    site.curl().pull("/chat/pull/ann")
    assert curl.push("/nick Ann").status == 409
    assert curl.push("hello").status == 200
    assert reader.pull().text.endswith("bob: hello\r\n")


def test_me_tells_what_one_does(site, reader):
    curl = site.curl()
    curl.pull("/chat/pull/ann")
    reader.pull()
    assert curl.push("/me waves").text == "ok 2\r\n"
    assert reader.pull().text == " * ann waves\r\n"


@pytest.mark.parametrize(
    ("pushed", "heard"),
    [("//nick ann", "/nick ann"), ("/etc/hosts", "/etc/hosts"), ("/", "/"), ("/me", "/me")],
)
def test_other_slashes_are_said(site, reader, pushed, heard):
    site.curl().push(pushed)
    assert reader.pull().text.partition(": ")[2] == f"{heard}\r\n"


def test_commands_are_for_this_site(site):
    answer = site.curl().push("/nick ann", Origin="http://evil.example")
    assert answer.status == 403
    assert answer.header("set-cookie") is None
