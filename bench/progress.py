"""A bar on the screen, of one line; silent where stderr is no terminal but for each step's name."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

__all__ = ["Progress"]

WIDTH = 24


class Progress:
    """So many steps.

    Args:
        total: how many.
        stream: where the bar is drawn.
    """

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._done = 0
        self._began = time.monotonic()

    def step(self, name: str) -> None:
        """This one begins."""
        if self._stream.isatty():
            full = WIDTH * self._done // max(1, self._total)
            bar = "█" * full + "░" * (WIDTH - full)
            self._draw(f"{bar} {self._done}/{self._total}{self._left()} {name}")
        else:
            self._stream.write(f"[{self._done + 1}/{self._total}] {name}\n")
            self._stream.flush()
        self._done += 1

    def say(self, line: str) -> None:
        """A line of its own, above the bar."""
        self.end()
        self._stream.write(f"{line}\n")

    def end(self) -> None:
        """Take the bar away."""
        if self._stream.isatty():
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _left(self) -> str:
        if self._done < 2:
            return ""
        seconds = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        return f" {seconds // 60:.0f}:{seconds % 60:02.0f} left"

    def _draw(self, text: str) -> None:
        columns = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\x1b[K{text[:columns]}")
        self._stream.flush()
