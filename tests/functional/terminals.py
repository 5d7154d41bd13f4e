"""The programs `telnet` and `nc` at a terminal, as a person has them."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from typing import Any, Final

__all__ = ["END_OF_FILE", "ESCAPE", "Screen"]

SECONDS: Final = 20  # that something may take on a busy machine
END_OF_FILE: Final = "\x04"  # ^D
ESCAPE: Final = "\x1d"  # ^], after which telnet itself is spoken to


class Screen:
    """One program in a pseudo terminal of its own.

    Attributes:
        shown: all that stands on it, to the byte; what is typed is echoed there.
    """

    def __init__(self, *command: str) -> None:
        self.shown = b""
        self._seen = 0  # bytes of it
        self._keyboard, terminal = pty.openpty()
        self._program = subprocess.Popen(
            command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
        )
        os.close(terminal)

    def press(self, keys: str) -> None:
        os.write(self._keyboard, keys.encode())

    def type(self, line: str) -> None:
        self.press(f"{line}\n")

    def sees(self, line: str) -> list[str]:
        """Wait until this line stands there, below what was seen; gives those before it."""
        before: list[str] = []
        while (found := self._line()) != line:
            before.append(found)
        return before

    def sees_prompt(self, text: str) -> None:
        """Wait until this stands there, below what was seen, though no line has ended."""
        wanted = text.encode()
        deadline = time.monotonic() + SECONDS
        while (at := self.shown.find(wanted, self._seen)) < 0:
            assert self._more(deadline), self.shown
        self._seen = at + len(wanted)

    def mode(self) -> list[Any]:
        """How the terminal takes keys now (`termios.tcgetattr`)."""
        return termios.tcgetattr(self._keyboard)

    def settles(self, mode: list[Any]) -> None:
        """Wait until the terminal takes keys so: what is typed while a program changes that may be
        lost, and nobody types within that millisecond."""
        deadline = time.monotonic() + SECONDS
        while self.mode() != mode:
            assert time.monotonic() < deadline, self.mode()
            time.sleep(0.001)  # no terminal tells of it

    def ends(self) -> tuple[list[str], int]:
        """Wait until the program has ended by itself; gives what it has still shown, and its exit
        code."""
        deadline = time.monotonic() + SECONDS
        while self._more(deadline):
            pass
        rest = self._lines(self.shown[self._seen :])[:-1]
        self._seen = len(self.shown)
        return rest, self._program.wait(SECONDS)

    def close(self) -> None:
        self._program.kill()
        self._program.wait()
        os.close(self._keyboard)

    def _line(self) -> str:
        deadline = time.monotonic() + SECONDS
        while (end := self.shown.find(b"\n", self._seen)) < 0:
            assert self._more(deadline), self.shown
        line, self._seen = self.shown[self._seen : end + 1], end + 1
        return self._lines(line)[0]

    @staticmethod
    def _lines(shown: bytes) -> list[str]:
        """A terminal's own CR stands before each LF, also before that of a CR LF."""
        return re.split("\r*\n", shown.decode())

    def _more(self, deadline: float) -> bool:
        """Wait until more is shown; False: the program has ended."""
        left = deadline - time.monotonic()
        ready, _, _ = select.select([self._keyboard], [], [], max(0, left))
        assert ready, f"no more than {self.shown!r}"
        try:
            more = os.read(self._keyboard, 65536)
        except OSError:  # Linux says so when nobody has the other end
            return False
        self.shown += more
        return bool(more)
