"""The Chromium of the system."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

__all__ = ["chromium", "chromium_version", "opened"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Its path, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def chromium_version() -> str:
    """Empty if there is none, or it does not say."""
    path = chromium()
    if path is None:
        return ""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return next((word for word in said.stdout.split() if word[0].isdigit()), "")


@contextmanager
def opened() -> Iterator[Browser]:
    """It, without a window, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
