"""Which application a command line names."""

import sys

import pytest

from cogen.web.application import NotFound, find

SOURCE = """
class Site:
    def inner(self, environ, start_response): ...

def application(environ, start_response): ...
def make(one="", *, two=2):
    def made(environ, start_response): return one, two
    return made
def broken(): raise RuntimeError("by the factory")
site = Site()
number = 7
"""


@pytest.fixture(autouse=True)
def modules(tmp_path, monkeypatch):
    (tmp_path / "found_here.py").write_text(SOURCE)
    (tmp_path / "wants_more.py").write_text("import nowhere_at_all")
    (tmp_path / "raises.py").write_text("1 / 0")
    (tmp_path / "a_package").mkdir()
    (tmp_path / "a_package" / "__init__.py").write_text("")
    (tmp_path / "a_package" / "inside.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("found_here", "wants_more", "raises", "a_package", "a_package.inside"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("found_here", "application"),
        ("found_here:application", "application"),
        ("a_package.inside:application", "application"),
        ("found_here:site.inner", "inner"),
        ("found_here:make()", "made"),
    ],
)
def test_there_it_is(target, name):
    assert find(target).__name__ == name


def test_a_factorys_arguments():
    assert find("found_here:make('x', two=[3])")({}, None) == ("x", [3])


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("not_here:app", "there is no module not_here"),
        ("a_package.not_here:app", "there is no module a_package.not_here"),
        ("not_here.inside:app", "there is no module not_here"),
        ("found_here:app", "found_here has no app"),
        ("found_here:site.outer", "found_here has no site.outer"),
        ("found_here:number", "found_here:number is no WSGI application: int is not callable"),
        ("found_here:make(x)", "is not module:application"),
        ("found_here:make(**{})", "is not module:application"),
        ("found_here:1", "is not module:application"),
        ("found_here:a b", "is not module:application"),
        ("found_here:make()()", "is not module:application"),
        ("found here:app", "is not module:application"),
        ("../found_here:app", "is not module:application"),
        (":app", "is not module:application"),
        ("found_here.py", "there is no module found_here.py"),
    ],
)
def test_there_it_is_not(target, says):
    with pytest.raises(NotFound) as raised:
        find(target)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("wants_more:app", ModuleNotFoundError),
        ("raises:app", ZeroDivisionError),
        ("found_here:broken()", RuntimeError),
    ],
)
def test_what_the_application_raises_comes_through(target, error):
    with pytest.raises(error):
        find(target)
