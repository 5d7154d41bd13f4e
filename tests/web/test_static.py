"""Static files from an ordered list of folders, before an application."""

import pytest

from cogen.errors import SettingsError
from cogen.web.static import make_filter, static_files
from tests.web.harness import GET, Hello, Served, split, status


@pytest.fixture
def folders(tmp_path):
    for folder, names in (("own", ["a.css"]), ("shared", ["a.css", "b.css", "deep/c.js"])):
        for name in names:
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{folder} {name}")
    (tmp_path / "own-secret").mkdir()
    (tmp_path / "own-secret" / "s").write_text("secret")
    return [tmp_path / "own", tmp_path / "shared"]


def ask(application, path, lines=b""):
    request = GET.replace(b"/ ", path + b" ").replace(b"\r\n\r\n", b"\r\n" + lines + b"\r\n")
    return split(Served(application).ask(request))


def test_the_first_folder_that_has_a_file_wins(folders):
    application = static_files(Hello(), folders)
    for path, expected in (
        (b"/static/a.css", b"own a.css"),
        (b"/static/b.css", b"shared b.css"),
        (b"/static/deep/c.js", b"shared deep/c.js"),
    ):
        line, headers, body = ask(application, path)
        assert (line, body) == ("200 OK", expected)
        assert headers["cache-control"] == "max-age=60, public"
        assert "access-control-allow-origin" not in headers
    assert ask(static_files(Hello(), folders[::-1]), b"/static/a.css")[2] == b"shared a.css"


@pytest.mark.parametrize(
    "path",
    [
        b"/a.css",
        b"/static",
        b"/static/",
        b"/static/deep",
        b"/static/deep/",
        b"/static/../own-secret/s",
        b"/static/%2e%2e/own-secret/s",
        b"/static/..%2fown-secret/s",
        b"/static//a.css",
        b"/static/./a.css",
        b"/static/a.css/",
        b"/static/A.css",
        b"/static/-secret/s",
        b"/static/%ff",
    ],
)
def test_everything_else_is_the_applications(folders, path):
    hello = Hello()
    ask(static_files(hello, folders), path)
    assert len(hello.environs) == 1


def test_it_is_not_sent_to_who_has_it(folders):
    application = static_files(Hello(), folders)
    _, headers, _ = ask(application, b"/static/a.css")
    for line in (
        f"If-None-Match: {headers['etag']}\r\n",
        f"If-Modified-Since: {headers['last-modified']}\r\n",
    ):
        answer, _, body = ask(application, b"/static/a.css", line.encode())
        assert (answer, body) == ("304 Not Modified", b"")
    answer, headers, body = ask(application, b"/static/a.css", b"Range: bytes=4-\r\n")
    assert (answer, headers["content-range"], body) == (
        "206 Partial Content",
        "bytes 4-8/9",
        b"a.css",
    )


def test_only_reading_is_for_files(folders):
    served = Served(static_files(Hello(), folders))
    head = GET.replace(b"GET /", b"HEAD /static/a.css")
    _, headers, body = split(served.ask(head))
    assert (headers["content-length"], body) == ("9", b"")
    assert status(served.ask(head.replace(b"HEAD", b"PUT"))) == 405


def test_a_folder_of_a_package(folders):
    application = static_files(Hello(), ["chatapp:public"], prefix="chat/files")
    assert b"<!doctype html>" in ask(application, b"/chat/files/index.html")[2]
    folder = folders[0].rename(folders[0].with_name("a:b"))
    assert ask(static_files(Hello(), [folder]), b"/static/a.css")[2] == b"own a.css"


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("/nowhere", "there is no such folder"),
        ("nowhere:public", "there is no package 'nowhere'"),
        ("no.where:public", "there is no package 'no.where'"),
        (":public", "there is no package ''"),
        ("json.decoder:public", "there is no package 'json.decoder'"),
        ("chatapp:nowhere", "there is no such folder"),
    ],
)
def test_a_folder_that_is_not_there(folder, words):
    with pytest.raises(SettingsError, match=words):
        static_files(Hello(), [folder])


def test_as_a_paste_filter(folders):
    listed = "\n".join(f"  {folder}" for folder in folders)
    application = make_filter(Hello(), {}, folders=f"\n{listed}\n", prefix="/x/", max_age="5")
    _, headers, body = ask(application, b"/x/a.css")
    assert (headers["cache-control"], body) == ("max-age=5, public", b"own a.css")
    for section, words in (
        ({}, "folders names no folder"),
        ({"folders": "/nowhere"}, "folders = '/nowhere': there is no such folder"),
        ({"folder": "/"}, r"unknown setting 'folder' \(did you mean 'folders'\?\)"),
        ({"folders": "/", "max_age": "-1"}, "max_age = '-1'"),
    ):
        with pytest.raises(SystemExit, match=words) as refused:
            make_filter(Hello(), {}, **section)
        assert "\n" not in str(refused.value)
