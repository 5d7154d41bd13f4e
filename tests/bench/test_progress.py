from __future__ import annotations

import io

from bench.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_it_is_one_line_that_is_taken_away():
    screen = Terminal()
    progress = Progress(2, screen)
    progress.step("one")
    progress.step("two")
    progress.end()
    text = screen.getvalue()
    assert "0/2 one" in text
    assert "1/2 two" in text
    assert "\n" not in text
    assert text.endswith("\r\x1b[K")


def test_elsewhere_it_is_a_line_for_each_step():
    screen = io.StringIO()
    progress = Progress(2, screen)
    progress.step("one")
    progress.say("FAILED")
    assert screen.getvalue() == "[1/2] one\nFAILED\n"
