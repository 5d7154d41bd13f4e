"""A file of lines that a thread writes, so that a slow disk delays no request.

It writes what has gathered in a while at once: a thread that woke for each line would take the
interpreter's lock from the server each time (40 microseconds a request, against 6).
"""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import WatchedFileHandler
from queue import Empty, SimpleQueue
from typing import TextIO

from cogen.errors import SettingsError

__all__ = ["LogFile"]

log = logging.getLogger(__name__)

WAITING = 100_000  # lines; more are lost, and counted
BATCH = 1000  # lines written at once
GATHER = 0.05  # seconds between two writes


class LogFile:
    """Lines at the end of a file. Opened anew when the file has been moved (logrotate).

    Args:
        path: ``-`` for standard output.

    Attributes:
        lost: lines that could not be written, or for which the disk was too slow.

    Raises:
        SettingsError: the file cannot be written.
    """

    def __init__(self, path: str) -> None:
        try:
            self._handler = _Output(sys.stdout) if path == "-" else _File(path, encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"access_log: cannot write {path!r}: {error.strerror}") from None
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._closing = threading.Event()
        self._failing = False
        self.lost = 0
        self._thread = threading.Thread(target=self._work, name="access log", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Add a line, without its end; at once."""
        if self._lines.qsize() < WAITING:
            self._lines.put(line)
        else:
            self.lost += 1

    def reopen(self) -> None:
        """See whether the file has been moved. (Every line sees to that; but one may not come.)"""
        self._lines.put(None)

    def close(self) -> None:
        """Write what waits, and close."""
        self._closing.set()
        self.reopen()  # it may be waiting for a line
        self._thread.join()
        if isinstance(self._handler, _File):
            self._handler.close()
        if self.lost:
            log.error("%d lines of the access log could not be written", self.lost)

    # The thread's

    def _work(self) -> None:
        while not (self._closing.is_set() and self._lines.empty()):
            batch = [self._lines.get(), *self._more()]
            lines = [line for line in batch if line is not None]
            try:
                if isinstance(self._handler, _File):
                    self._handler.reopenIfNeeded()
                if lines:
                    self._handler.emit(_record("\n".join(lines)))
                self._failing = False
            except OSError as error:
                self.lost += len(lines)
                if not self._failing:  # else this would fill the other log
                    log.error("the access log cannot be written: %s", error)
                self._failing = True
            if len(batch) <= BATCH:
                self._closing.wait(GATHER)

    def _more(self) -> list[str | None]:
        more: list[str | None] = []
        while len(more) < BATCH:
            try:
                more.append(self._lines.get_nowait())
            except Empty:
                break
        return more


def _record(text: str) -> logging.LogRecord:
    return logging.LogRecord("", logging.INFO, "", 0, text, None, None)


class _Raising(logging.StreamHandler[TextIO]):
    """Lets errors through, instead of printing a traceback for each."""

    def handleError(self, record: logging.LogRecord) -> None:
        raise


class _Output(_Raising):
    """Standard output."""


class _File(_Raising, WatchedFileHandler):
    """A file."""
