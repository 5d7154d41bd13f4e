"""The whole application, as Paste makes it."""

from __future__ import annotations

import time

import pytest
from paste.deploy import loadapp

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


def test_a_list_that_is_none_ends_it_too(tmp_path):
    settings = {"chat.data": str(tmp_path), "chat.status_from": "localhost"}
    with pytest.raises(SystemExit, match=r"^\[app:main\] chat\.status_from: [^\n]*$"):
        make_app({}, **settings)


MOUNTED = """
[app:main]
use = egg:ChatApp
chat.data = %(here)s/data
/hello = hello
/hello/again/ = again

[app:hello]
use = egg:ChatApp#live
element = chatapp.live.chatter.Chatter
title = Hello & welcome

[app:again]
use = egg:ChatApp#live
element = chatapp.live.chatter.Chatter
title = Again
"""


def load(folder, ini):
    (folder / "chat.ini").write_text(ini)
    return loadapp(f"config:{folder / 'chat.ini'}")


def test_a_file_mounts_other_applications_below_its_paths(tmp_path):
    site = Site()
    site.service.application = load(tmp_path, MOUNTED)
    curl = site.curl()
    for path, title in {
        "/hello": "Hello &amp; welcome",
        "/hello/": "Hello &amp; welcome",
        "/hello/again": "Again",
        "/hello/again/": "Again",
        "/": "ChatApp",
    }.items():
        assert f"<title>{title}</title>" in curl.get(path).text
    assert '"/hello/again/athena/page.js"' in curl.get("/hello/again").text
    for path in "/helloagain", "/hell", "/hello//again", "/hello/nothing":
        assert curl.get(path).status == 404


def test_the_channels_of_mounts_are_counted(tmp_path):
    site = Site()
    site.service.application = load(
        tmp_path, MOUNTED.replace("\n/", "\nchat.status_from = *\n/", 1)
    )
    for path in ("/hello/open", "/hello/again/open", "/hello/open"):
        assert site.curl().post(path, {}).status == 201
    assert "chat_live_channels 3.0\n" in site.curl().get("/metrics").text


def test_a_mount_has_the_sessions_of_the_chat(tmp_path):
    site = Site()
    site.service.application = load(tmp_path, MOUNTED)
    curl = site.curl()
    curl.pull()
    cookie = curl.cookie
    assert curl.post("/hello/open", {}).status == 201
    assert curl.cookie == cookie is not None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("/hello = hello", "/hello = nobody", "nobody cannot be mounted: the file has no such"),
        ("/hello = hello", "/ = hello", "/ = hello: nothing can be mounted there"),
        ("live.chatter.Chatter\ntitle = A", "live.chatter.Nobody\ntitle = A", "has no Nobody"),
        ("element = chatapp.live.chatter.Chatter\n", "", "element names nothing"),
        ("title = Again", "titel = Again", "unknown setting 'titel' (did you mean"),
    ],
)
def test_a_mount_that_cannot_be_ends_the_start_with_one_line(tmp_path, before, after, said):
    with pytest.raises(SystemExit) as ending:
        load(tmp_path, MOUNTED.replace(before, after))
    assert said in str(ending.value)
    assert "\n" not in str(ending.value)


def test_without_a_file_nothing_can_be_mounted(tmp_path):
    with pytest.raises(SystemExit, match="hello cannot be mounted: there is no file"):
        make_app({}, **{"chat.data": str(tmp_path), "/hello": "hello"})
