"""Two people before the same room, each in a browser session of their own: one says, one reads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect

from bench.browser import opened
from bench.connection import PATIENCE
from bench.stream import Failure
from bench.subjects import Subject

__all__ = ["People", "people"]

STOPWATCH = Path(__file__).parent / "stopwatch.js"
APART = 2.0  # milliseconds by which the clocks of the pages may differ
TRIES = 20
WORDS = "message {} is what was said"


class People:
    """The two, and all that is said.

    Args:
        subject: whose page it is.
        speaker, reader: their pages.
    """

    def __init__(self, subject: Subject, speaker: Page, reader: Page) -> None:
        self._subject = subject
        self._speaker = speaker
        self._reader = reader
        self._said: list[str] = []
        self._clicked = 0.0

    def say(self) -> tuple[float, float]:
        """Type, click, and wait until the other page shows it.

        Returns:
            Seconds from the click until it stood in the document, and until it was painted.

        Raises:
            Failure: it did not come, or the click did not.
        """
        text = WORDS.format(len(self._said))
        self._said.append(text)
        page = self._speaker
        page.locator("#text").fill(text)
        box = page.locator("#send").bounding_box()
        if box is None:
            raise Failure("there is nothing to click on")
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        asked = "([text, patience]) => stopwatch.arrival(text, patience)"
        arrival = self._reader.evaluate(asked, [text, PATIENCE * 1000])
        clicked = page.evaluate("stopwatch.clicked")
        if clicked <= self._clicked:
            raise Failure("a click went beside the button")
        self._clicked = clicked
        return (arrival["standing"] - clicked) / 1000, (arrival["painted"] - clicked) / 1000

    def check(self) -> None:
        """Look whether all was as it should be.

        Raises:
            Failure: the reader has not each message once, in their order; a page is carried by
                something else than it should be; or the clocks do not agree.
        """
        shown = self._reader.locator("#log .text").all_text_contents()
        if shown != self._said:
            raise Failure(f"{len(self._said)} messages were said, and the page shows {shown[-3:]}")
        for page in (self._speaker, self._reader):
            by = page.locator("#by").text_content()
            if by != f"by {self._subject.carrier}":
                raise Failure(f"the page is carried {by}, not by {self._subject.carrier}")
        apart = abs(_ahead(self._speaker) - _ahead(self._reader))
        if apart > APART:
            raise Failure(f"the clocks of the pages are {apart:.1f} ms apart")


@contextmanager
def people(subject: Subject, port: int) -> Iterator[People]:
    """They have come in, and are connected; gone with the block.

    Raises:
        Failure: something in the browser went wrong.
    """
    try:
        with opened() as browser:
            names = ("speaker", "reader")
            pages = [_come_in(browser, subject, port, name) for name in names]
            yield People(subject, *pages)
    except (Error, AssertionError) as error:
        raise Failure(f"the browser: {error}") from None


def _come_in(browser: Browser, subject: Subject, port: int, name: str) -> Page:
    page = browser.new_context().new_page()
    page.add_init_script(path=STOPWATCH)
    if subject.lacking:
        page.add_init_script(f"delete globalThis.{subject.lacking};")
    page.goto(f"http://127.0.0.1:{port}{subject.page}?nick={name}")
    connected = page.locator("#by")
    expect(connected).to_have_text(f"by {subject.carrier}", timeout=PATIENCE * 1000)
    return page


def _ahead(page: Page) -> float:
    """Milliseconds by which a page's clock is before ours; the quickest answer tells best."""
    answers = []
    for _ in range(TRIES):
        before = time.time() * 1000
        theirs = page.evaluate("stopwatch.now()")
        after = time.time() * 1000
        answers.append((after - before, theirs - (before + after) / 2))
    return min(answers)[1]
