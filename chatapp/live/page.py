"""The page that elements are on, as everybody gets it; what differs is told by calls.

An element's files lie beside the module of the class that names them. They and their neighbours,
``*.js`` and ``*.css``, are for browsers; nothing else there is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final

from chatapp.live.element import LiveElement
from chatapp.live.exposing import exposed_methods

__all__ = ["BadElement", "Page"]

PUBLIC: Final = Path(__file__).parents[1] / "public"
OURS: Final = ("athena.js", "backoff.js", "favicon.svg")  # and all in athena/
LOOKS: Final = "athena/base.css"  # of the chat's own pages, for elements that want to look so

_JS_CLASS: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z_$][A-Za-z0-9_$]*)")

_HTML: Final = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{title}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <link rel="icon" href="{prefix}/favicon.svg" type="image/svg+xml">
{links}\
  <script type="module" src="{prefix}/athena/page.js"></script>
</head>
<body>
  <main>
{elements}\
  </main>
  <noscript><p>This page needs JavaScript.</p></noscript>
</body>
</html>
"""


class BadElement(ValueError):
    """An element cannot be shown; one line says why."""


class Page:
    """One of them.

    Args:
        factories: of its elements, in their order. Each is called once here, to see what it makes.
        title: the page's.

    Attributes:
        files: what the page needs, by the address below the page's own.

    Raises:
        BadElement: an element lacks something, or two need different files of one name.
    """

    def __init__(self, factories: Sequence[Callable[[], LiveElement]], title: str) -> None:
        self._title = escape(title)
        self._elements = ""
        self._stylesheets: list[str] = []
        self.files = {name: PUBLIC / name for name in OURS} | {LOOKS: PUBLIC / "base.css"}
        for path in sorted((PUBLIC / "athena").glob("*.js")):
            self.files[f"athena/{path.name}"] = path
        for number, factory in enumerate(factories):
            self._add(number, factory)
        # By the few prefixes by which it is reached.
        self.html: Callable[[str], bytes] = lru_cache(maxsize=16)(self._html)

    def _html(self, prefix: str) -> bytes:
        prefix = escape(prefix)
        links = [
            f'  <link rel="stylesheet" href="{prefix}/{escape(name)}">\n'
            for name in self._stylesheets
        ]
        parts = {"title": self._title, "prefix": prefix, "elements": self._elements}
        return _HTML.format(links="".join(links), **parts).encode()

    def _add(self, number: int, factory: Callable[[], LiveElement]) -> None:
        element = factory()
        if not isinstance(element, LiveElement):
            raise BadElement(f"{factory!r} made {element!r}, which is no LiveElement.")
        cls = type(element)
        element.disconnect()  # it was made to be looked at: nobody is to keep it
        match = _JS_CLASS.fullmatch(cls.jsClass)
        if match is None:
            raise BadElement(f"{cls.__name__}.jsClass is module.Class, not {cls.jsClass!r}.")
        try:
            exposed_methods(cls)
        except TypeError as error:
            raise BadElement(str(error)) from None
        self._need(cls, "jsClass", f"{match[1]}.js")
        for name in cls.stylesheet.split():
            if name != LOOKS:
                self._need(cls, "stylesheet", name)
            if name not in self._stylesheets:
                self._stylesheets.append(name)
        inside = self._template(cls)
        self._elements += (
            f'  <div data-athena="{number}" data-athena-class="{escape(cls.jsClass)}">\n'
            f"{inside}  </div>\n"
        )

    def _template(self, cls: type[LiveElement]) -> str:
        if not cls.template:
            return ""
        path = _folder(cls, "template") / cls.template
        try:
            return path.read_text(encoding="utf-8").rstrip("\n") + "\n"
        except (OSError, UnicodeDecodeError) as error:
            raise BadElement(f"{cls.__name__}.template cannot be read: {error}") from None

    def _need(self, cls: type[LiveElement], attribute: str, name: str) -> None:
        folder = _folder(cls, attribute)
        if not (folder / name).is_file():
            raise BadElement(f"{cls.__name__}.{attribute}: there is no {folder / name}.")
        for path in sorted([*folder.glob("*.js"), *folder.glob("*.css")]):
            if self.files.setdefault(path.name, path) != path:
                raise BadElement(f"{path} and {self.files[path.name]} have one address.")


def _folder(cls: type[LiveElement], attribute: str) -> Path:
    """Of the module whose class says it."""
    says = next(each for each in cls.__mro__ if attribute in vars(each))
    return Path(sys.modules[says.__module__].__file__ or "").parent
