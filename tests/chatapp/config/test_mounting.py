"""What is below which path of the chat."""

import pytest

from chatapp.config.mounting import Mounts
from chatapp.controllers.live import CHAT


def answer(name):
    def application(environ, start_response):
        return [name, environ["SCRIPT_NAME"], environ["PATH_INFO"], environ.get(CHAT)]

    return application


MOUNTS = Mounts(
    {"/a": answer("a"), "/a/b": answer("a/b"), "/c d": answer("c d")}, "chat", answer("chat")
)


@pytest.mark.parametrize(
    "path, name, script, rest",
    [
        ("/a", "a", "/p/a", ""),
        ("/a/", "a", "/p/a", "/"),
        ("/a/x", "a", "/p/a", "/x"),
        ("/a/b", "a/b", "/p/a/b", ""),
        ("/a/b/c", "a/b", "/p/a/b", "/c"),
        ("/a/bc", "a", "/p/a", "/bc"),
        ("/c d/e", "c d", "/p/c d", "/e"),
        ("/ab", "chat", "/p", "/ab"),
        ("/A", "chat", "/p", "/A"),
        ("//a", "chat", "/p", "//a"),
        ("/", "chat", "/p", "/"),
        ("", "chat", "/p", ""),
        ("/\xff", "chat", "/p", "/\xff"),
    ],
)
def test_the_longest_part_of_the_path_counts(path, name, script, rest):
    environ = {"SCRIPT_NAME": "/p", "PATH_INFO": path}
    chat = None if name == "chat" else "chat"
    assert MOUNTS(environ, None) == [name, script, rest, chat]
