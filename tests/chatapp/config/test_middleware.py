"""The whole application, as Paste makes it."""

from __future__ import annotations

import time

import pytest

from chatapp.config.middleware import make_app
from tests.chatapp.harness import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    made = Site()
    made.service.application = make_app({}, **{"chat.data": str(folder), "pyramid.debug_all": "no"})
    return made


def test_push_and_pull_are_there(site):
    reader, bob = site.curl(), site.curl()
    reader.pull()
    push = bob.ask("POST", "/chat/push", b"hello")
    deadline = time.monotonic() + 10
    while not push.answered:  # a thread keeps the message
        assert time.monotonic() < deadline
        site.settle()
    assert bob.take(push).body == b"ok 1\r\n"
    assert reader.pull().text.endswith(": hello\r\n")


def test_so_are_the_pages_and_they_set_no_cookie(site):
    answer = site.curl().pull("/")
    assert answer.status == 200
    assert answer.header("set-cookie") is None


def test_a_data_folder_that_cannot_be_ends_the_start_with_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match=r"^\[app:main\] chat\.data = [^\n]*$"):
        make_app({}, **{"chat.data": str(tmp_path / "file")})
