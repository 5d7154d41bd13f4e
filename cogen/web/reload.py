"""``reload = true``: start again whenever a module or the ini file changes.

hupper watches and restarts; what it runs in the child is the very command line that was given
(``paster serve …`` or ``pserve …``), so the setting works with both.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Iterable

import hupper

__all__ = ["again", "reloading"]

SLACK = (
    5.0  # seconds for the child to end beyond its own time; hupper kills it after one second else
)

# What ``paster serve --reload`` sets in its own child: then Paste's reloader is at work.
PASTE = "PYTHON_RELOADER_SHOULD_RUN"


def reloading(files: Iterable[str], graceful_timeout: float) -> None:
    """Become the watcher, and never return; in the process that is watched, return at once.

    Args:
        files: to be watched besides the modules.
        graceful_timeout: seconds that the child may take to end.
    """
    if not hupper.is_active() and PASTE not in os.environ:
        seconds = graceful_timeout + SLACK
        # Ends the process when it is ended.
        hupper.start_reloader("cogen.web.reload.again", shutdown_interval=seconds)
    if hupper.is_active():
        hupper.get_reloader().watch_files(list(files))


def again() -> None:
    """The child's part: run the command line anew."""
    runpy.run_path(sys.argv[0], run_name="__main__")
