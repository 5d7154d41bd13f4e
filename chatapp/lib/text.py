"""The plain-text form of messages and gaps: what a terminal shows, and what curl gets.

A message is ``name: text`` and CR LF; what happens in a room is `` * text``, what is said to all
rooms `` ! name: text``, and what the server tells one reader ``-- text --``. No name begins with a
space, or with two dashes, so nobody can say such a line; and nothing in a text can pass for another
line of the room: further lines of one message are indented, and characters that would move a
terminal's cursor, or turn the direction of what follows, are shown as what they are.
"""

from __future__ import annotations

import re
from typing import Final

from chatapp.model.client import Answer
from chatapp.model.message import Message, removal_text

__all__ = ["answer_text", "gap_line", "gap_lines", "line", "notice_line"]

_LINE_END: Final = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INDENT: Final = "\r\n    "

# Controls become the pictures that Unicode has for them; what has none is spelled out.
_VISIBLE: Final = {code: chr(0x2400 + code) for code in range(0x20) if code != 0x09}
_VISIBLE[0x7F] = "\u2421"
_VISIBLE.update({code: f"<{code:02X}>" for code in range(0x80, 0xA0)})
_VISIBLE.update(
    {code: f"<{code:04X}>" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
)


def line(message: Message) -> bytes:
    """A message's line, without its end."""
    encoded: bytes | None = message.forms.get("text")
    if encoded is None:
        text = message.text
        if not text.isprintable():
            text = _INDENT.join(part.translate(_VISIBLE) for part in _LINE_END.split(text))
        if message.kind == "say":
            text = f"{message.sender.translate(_VISIBLE)}: {text}"
        elif message.kind == "wall":
            text = f" ! {message.sender.translate(_VISIBLE)}: {text}"
        elif message.kind == "removed":
            text = f" * {removal_text(message.seq)}"
        else:
            text = f" * {text}"
        encoded = message.forms["text"] = text.encode("utf-8", "replace")
    return encoded


def gap_line(missed: int, resume: int, restarted: bool = False) -> bytes:
    """What is said of messages that cannot be had any more.

    Args:
        missed: how many.
        resume: the number of the first that follows.
        restarted: the log that the reader knew is gone, so nobody can say how many.
    """
    if restarted:
        return b"-- the room began anew, resume from %d --" % resume
    messages = b"message" if missed == 1 else b"messages"
    return b"-- %d %b missed, resume from %d --" % (missed, messages, resume)


def gap_lines(answer: Answer) -> list[bytes]:
    """What is said of what an answer lacks; mostly nothing."""
    lines = []
    if answer.restarted:
        lines.append(gap_line(0, answer.first, restarted=True))
    if answer.missed:
        lines.append(gap_line(answer.missed, answer.first))
    return lines


def notice_line(text: str) -> bytes:
    """What the server has to say to one reader alone, without its end.

    Args:
        text: one line.
    """
    return f"-- {text.translate(_VISIBLE).removesuffix('.')} --".encode("utf-8", "replace")


def answer_text(answer: Answer) -> bytes:
    """A pull's answer: lines, each with its end; empty if there is nothing to tell."""
    lines = [*gap_lines(answer), *[line(message) for message in answer.messages], b""]
    return b"\r\n".join(lines)
