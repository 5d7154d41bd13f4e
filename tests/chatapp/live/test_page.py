"""The page as everybody gets it, and the files it needs."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from chatapp.live import Elements, LiveElement, expose
from chatapp.live.page import BadElement, Page
from tests.chatapp.live.stage import Echo, StandIn


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Makes a module with an element class in a folder, beside the files it is given."""

    def make(name: str, attributes: dict[str, object], **files: str) -> type[LiveElement]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, text in files.items():
            (folder / file.replace("_", ".")).write_text(text, encoding="utf-8")
        source = folder / f"{name}.py"
        source.write_text("")
        spec = importlib.util.spec_from_file_location(f"made_{name}", source)
        made = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, made)
        return type("Widget", (LiveElement,), {**attributes, "__module__": spec.name})

    return make


def html(*factories, title="A page", prefix="/live"):
    return Page(factories, title).html(prefix).decode()


def test_each_element_has_its_node_with_its_template_inside(module):
    first = module(
        "one",
        {"jsClass": "one.Widget", "template": "one.html", "stylesheet": "one.css"},
        one_js="",
        one_html="<p>hällo</p>\n",
        one_css="",
    )
    page = html(first, Echo, first)
    assert '<div data-athena="0" data-athena-class="one.Widget">\n<p>hällo</p>\n  </div>' in page
    assert '<div data-athena="1" data-athena-class="stand_in.StandIn">\n  </div>' in page
    assert '<div data-athena="2" data-athena-class="one.Widget">' in page
    assert page.count('href="/live/one.css"') == 1
    assert '<script type="module" src="/live/athena/page.js"></script>' in page
    assert "<style" not in page
    assert "onload" not in page


def test_at_the_root_its_addresses_begin_with_one_slash():
    assert 'src="/athena/page.js"' in html(Echo, prefix="")


def test_its_title_and_its_prefix_are_text():
    page = html(Echo, title='<script>"', prefix='/"><script>')
    assert "<title>&lt;script&gt;&quot;</title>" in page
    assert 'src="/&quot;&gt;&lt;script&gt;/athena/page.js"' in page


def test_its_files_are_those_beside_the_elements_that_are_for_browsers(module):
    element = module(
        "one", {"jsClass": "one.W"}, one_js="", other_js="", looks_css="", secret_txt="", in_html=""
    )
    files = Page([element], "x").files
    own = {name for name, path in files.items() if path.parent.name == "one"}
    assert own == {"one.js", "other.js", "looks.css"}
    assert {"athena.js", "backoff.js"} <= set(files)


def test_a_subclass_elsewhere_uses_the_files_of_its_base(module):
    base = module("one", {"jsClass": "one.W", "template": "one.html"}, one_js="", one_html="<p>")
    sub = module("two", {"stylesheet": "two.css"}, two_css="")
    both = type("Both", (sub, base), {"__module__": sub.__module__})
    page = Page([both], "x")
    assert {"one.js", "two.css"} <= set(page.files)
    assert b"<p>" in page.html("")


BAD = [
    ({"jsClass": ""}, "jsClass is module.Class, not ''"),
    ({"jsClass": "one"}, "jsClass is module.Class"),
    ({"jsClass": "../one.W"}, "jsClass is module.Class"),
    ({"jsClass": 'one.W"><script>'}, "jsClass is module.Class"),
    ({"jsClass": "none.W"}, "jsClass: there is no .*none.js"),
    ({"jsClass": "one.W", "template": "none.html"}, "template cannot be read"),
    ({"jsClass": "one.W", "stylesheet": "none.css"}, "stylesheet: there is no"),
    ({"jsClass": "one.W", "say": expose(lambda self, *, name: 1)}, "cannot be exposed"),
]


@pytest.mark.parametrize("attributes, said", BAD)
def test_what_cannot_be_shown_is_said_in_one_line(module, attributes, said):
    element = module("one", attributes, one_js="")
    with pytest.raises(BadElement, match=said) as info:
        Page([element], "x")
    assert "\n" not in str(info.value)


def test_two_files_of_one_name_are_not_served_as_one(module):
    one = module("one", {"jsClass": "one.W"}, one_js="", same_js="")
    two = module("two", {"jsClass": "two.W"}, two_js="", same_js="")
    with pytest.raises(BadElement, match="have one address"):
        Page([one, two], "x")
    ours = module("ours", {"jsClass": "ours.W"}, ours_js="", backoff_js="")
    with pytest.raises(BadElement, match="have one address"):
        Page([ours], "x")


@pytest.mark.parametrize("factory", [lambda: None, lambda: 5, dict])
def test_what_makes_no_element_is_refused(factory):
    with pytest.raises(BadElement, match="no LiveElement"):
        Page([factory], "x")


def test_what_was_made_to_be_looked_at_is_kept_by_nobody():
    there: Elements[StandIn] = Elements()

    class Registers(StandIn):
        def __init__(self) -> None:
            there.add(self)

    class Bad(Registers):
        jsClass = ""

    Page([Registers], "x")
    with pytest.raises(BadElement):
        Page([Bad], "x")
    assert len(there) == 0
