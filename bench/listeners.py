"""Listeners: each opens a WebSocket once, and checks what comes."""

from __future__ import annotations

from bench.connection import CHUNK
from bench.frames import CLOSE, PING, TEXT, Frame, pong, read_frame, read_switch
from bench.readers import Reader
from bench.stream import LENGTH, Failure

__all__ = ["END", "Listener"]

END = b"\r\n"  # of a line, which a frame does not have

SIZE = LENGTH - len(END)
ALONE = bytes((0x80 | TEXT, SIZE))  # how a frame with one line begins
WHOLE = len(ALONE) + SIZE


class Listener(Reader):
    """Hears by a WebSocket; its only request is the handshake.

    Attributes:
        joined: the handshake is answered.
    """

    joined = False

    def ready(self) -> None:
        """Something came."""
        data = self.recv(CHUNK)
        # One whole frame with a line in it is what nearly always comes.
        if len(data) == WHOLE and data.startswith(ALONE) and self.joined and not self.rest:
            self.take(b"", data[len(ALONE) :])
        else:
            self.look(data)

    def look(self, data: bytes) -> None:
        """The slower way, for everything else."""
        if not data:
            raise Failure(f"reader {self.number}: the server closed the connection")
        self.rest += data
        while (frame := self._frame()) is not None:
            if frame.opcode == TEXT:
                self.take(b"", frame.payload)
            elif frame.opcode == PING:
                self.send(pong(frame.payload))
            elif frame.opcode == CLOSE:
                closed = f"the server closed the WebSocket: {frame.payload!r}"
                raise Failure(f"reader {self.number}: {closed}")

    def take(self, head: bytes, body: bytes) -> None:
        """A line came: check it."""
        self.check(body + END)

    def _frame(self) -> Frame | None:
        """The next one, once the handshake is answered."""
        try:
            if not self.joined:
                size = read_switch(self.rest)
                self.rest = self.rest[size:]
                self.joined = size > 0
            frame = read_frame(self.rest) if self.joined else None
        except Failure as failure:
            raise Failure(f"reader {self.number}: {failure}") from None
        if frame is not None:
            self.rest = self.rest[frame.size :]
        return frame
