"""Telnet, sans I/O: bytes in, lines and answers out (RFC 854, 855, 857, 858, 860, 1143).

Every option is refused, DO by WONT and WILL by DONT, so clients edit a line themselves and send it
whole; those that send each key all the same may take one back (BS, DEL, EC) or all of them (EL,
IP). A request is answered once, until a line ends: two sides that both insist do not do so for
ever. Timing marks are answered always: a client shows nothing until one has come back.

`LAST` stands for the end of all that is typed; it is heard in whatever it breaks off.

A line ends with CR LF, CR NUL, LF, or CR alone. NUL is nothing; all other controls are text. It is
UTF-8; what is none becomes U+FFFD.

Invariant: between two ends of lines there are at most ``most`` bytes of the line, and `REST` bytes
that are none of it (commands, what was skipped, what was taken back); so no flood is longer, and
what is kept and answered is in proportion to the lines.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from chatapp.lib.text import notice_line
from cogen.web.codec import GONE, Ending

__all__ = ["LAST", "TelnetCodec", "outgoing"]

MOST: Final = 8192  # bytes of a line, without its end
REST: Final = 8192

NUL, BS, LF, CR, DEL = b"\0\b\n\r\x7f"
EOF = 236  # RFC 1184, 2.5
SE, IP, AYT, EC, EL, SB, WILL, WONT, DO, DONT, IAC = 240, 244, *range(246, 249), *range(250, 256)
TIMING_MARK: Final = 6
# NUL ends a command that has begun, SE what is skipped.
LAST: Final = bytes((0, IAC, SE, IAC, EOF))
REFUSAL: Final = {WILL: DONT, DO: WONT}

CODE: Final = 1009  # "too big", for a server that knows only the codes of WebSockets

_TEXT: Final = re.compile(b"[^\\0\b\n\r\x7f\xff]+")


class _State(Enum):
    """What comes next."""

    TEXT = auto()
    COMMAND = auto()
    OPTION = auto()
    SKIPPED = auto()  # of a subnegotiation; nobody has agreed to one
    SKIPPED_COMMAND = auto()


class TelnetCodec:
    """A `cogen.web.codec.Codec`: what one terminal sends, and what is answered by itself.

    Args:
        most: bytes of a line, without its end.

    Attributes:
        received: lines without their ends, oldest first, and None where the last one was; whoever
            receives takes them out.
        ending: why nothing more is read; None while all is well.
    """

    __slots__ = (
        "_answers",
        "_asked",
        "_bytes",
        "_line",
        "_most",
        "_returned",
        "_state",
        "_verb",
        "ending",
        "received",
    )

    def __init__(self, most: int = MOST) -> None:
        self.received: list[str | None] = []
        self.ending: Ending | None = None
        self._most = most
        self._line = bytearray()
        self._bytes = 0  # since the last line's end
        self._returned = False  # the last byte of text was CR
        self._state = _State.TEXT
        self._verb = 0  # of the request whose option comes next
        self._asked: set[tuple[int, int]] = set()  # requests that were answered since then
        self._answers = bytearray()

    def feed(self, data: bytes) -> None:
        """Bytes have come; never raises."""
        position = 0
        while position < len(data) and self.ending is None:
            text = _TEXT.match(data, position) if self._state is _State.TEXT else None
            if text is not None:
                self._bytes += text.end() - position
                position = text.end()
                self._write(text[0])
            else:
                self._bytes += 1
                self._take(data[position])
                position += 1
                if self._bytes - len(self._line) > REST:
                    self._fail("That was no line, but too much else.")

    def end(self) -> None:
        """The other side sends no more; a line that has not ended is none."""
        self.ending = self.ending or GONE

    def output(self) -> bytes:
        """What is to be answered, once."""
        answers = bytes(self._answers)
        self._answers.clear()
        return answers

    def close(self, code: int, reason: str) -> bool:
        """Say why, if there is a reason; nobody answers that, and nothing more is read."""
        self.ending = self.ending or Ending(code, reason)
        if reason:
            self._notify(reason)
        return False

    def ping(self) -> None:
        """No sign of life is one to every client: ``nc`` would show it. TCP is asked for one."""

    def _take(self, byte: int) -> None:
        match self._state:
            case _State.TEXT:
                self._control(byte)
            case _State.COMMAND:
                self._state = _State.TEXT
                self._command(byte)
            case _State.OPTION:
                self._state = _State.TEXT
                self._request(self._verb, byte)
            case _State.SKIPPED if byte == IAC:
                self._state = _State.SKIPPED_COMMAND
            case _State.SKIPPED_COMMAND:
                self._state = _State.TEXT if byte == SE else _State.SKIPPED

    def _control(self, byte: int) -> None:
        if byte == IAC:
            self._state = _State.COMMAND
            return
        returned, self._returned = self._returned, byte == CR
        if byte == CR or (byte == LF and not returned):
            self._end()
        elif byte in (BS, DEL):
            self._erase()

    def _command(self, byte: int) -> None:
        if byte == IAC:
            self._write(b"\xff")
        elif byte in (WILL, WONT, DO, DONT):
            self._state, self._verb = _State.OPTION, byte
        elif byte == SB:
            self._state = _State.SKIPPED
        elif byte == EC:
            self._erase()
        elif byte in (EL, IP):
            self._line.clear()
        elif byte == EOF:
            self.received.append(None)
        elif byte == AYT and self._first(AYT, 0):
            self._notify("Yes, the chat is here.")

    def _request(self, verb: int, option: int) -> None:
        refusal = REFUSAL.get(verb)
        if refusal is not None and (option == TIMING_MARK or self._first(verb, option)):
            self._answers += bytes((IAC, refusal, option))

    def _first(self, verb: int, option: int) -> bool:
        """It was not asked before in this line."""
        asked = len(self._asked)
        self._asked.add((verb, option))
        return len(self._asked) > asked

    def _write(self, text: bytes) -> None:
        self._returned = False
        if len(self._line) + len(text) > self._most:
            self._fail(f"A line has at most {self._most} bytes.")
        else:
            self._line += text

    def _erase(self) -> None:
        """Take back the last character: of UTF-8, all its bytes."""
        line = self._line
        while line and 0x80 <= line.pop() < 0xC0 and line and line[-1] >= 0x80:
            pass

    def _end(self) -> None:
        self.received.append(self._line.decode("utf-8", "replace"))
        self._line.clear()
        self._asked.clear()
        self._bytes = 0

    def _notify(self, text: str) -> None:
        self._answers += outgoing(notice_line(text))

    def _fail(self, reason: str) -> None:
        self.ending = Ending(CODE, reason)
        self._notify(reason)
        self._line.clear()
        self._asked.clear()


def outgoing(text: bytes) -> bytes:
    """One text as it is sent: each of its lines, and the last, ends with CR LF."""
    lines = text.replace(b"\xff", b"\xff\xff").splitlines() or [b""]
    return b"\r\n".join((*lines, b""))
