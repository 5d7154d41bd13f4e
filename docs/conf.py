"""Of what Sphinx makes the site (``make docs``). The pages are Markdown that needs none of it."""

import re
from importlib.metadata import version as installed
from pathlib import Path

project = "ChatApp"
author = "The ChatApp authors"
copyright = author  # what Sphinx calls it
release = version = installed("ChatApp")

extensions = ["myst_parser"]
# Links to headings, as forges make them of the headings themselves.
myst_heading_anchors = 4
# A block in a language that Pygments has no name for stays as it is.
highlight_language = "none"

html_theme = "furo"
html_title = "ChatApp"
html_copy_source = False
html_show_sphinx = False
# Nothing of the machine or the day: the same pages make the same site.
html_last_updated_fmt = None

DOCS = Path(__file__).parent


def hand_out(app, name, source):
    """A link to a page outside of docs/ gives the file: on the site it is no page."""

    def link(match):
        target = (DOCS / name).parent.joinpath(match[1]).resolve()
        return match[0] if target.is_relative_to(DOCS) else f"](path:{match[1]})"

    source[0] = re.sub(r"\]\((\.\./[^)#]+\.(?:md|ini|py|sh))\)", link, source[0])


def setup(app):
    app.connect("source-read", hand_out)
