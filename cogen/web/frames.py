"""The frames of a WebSocket, sans I/O: RFC 6455 as `websockets` reads and writes it.

This adds what that leaves to the server: messages out of fragments, how many fragments a message
may have, text that must be UTF-8, and frames that are made once for many clients.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from websockets.exceptions import ProtocolError
from websockets.extensions import Extension
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from cogen.web.codec import GONE, Ending

__all__ = ["Encoded", "Frames"]

log = logging.getLogger(__name__)

FRAGMENTS: Final = 1024  # of one message
WORTH: Final = 64  # bytes from which on a message is compressed


class Encoded:
    """A message that goes to many: its frame is made once.

    Args:
        message: a str is text, bytes are binary.
    """

    __slots__ = ("_data", "_deflated", "_opcode", "_plain")

    def __init__(self, message: str | bytes) -> None:
        text = isinstance(message, str)
        self._opcode = Opcode.TEXT if text else Opcode.BINARY
        self._data = message.encode("utf-8", "replace") if isinstance(message, str) else message
        self._plain: bytes | None = None
        self._deflated: dict[str, bytes] | None = None

    def frame(self, extensions: Sequence[Extension] = ()) -> bytes:
        """The frame's bytes for a connection with these extensions."""
        if extensions and len(self._data) >= WORTH:
            # They keep nothing from one message to the next, so who has the same parameters gets
            # the same bytes.
            if self._deflated is None:
                self._deflated = {}
            key = repr(extensions)
            frame = self._deflated.get(key)
            if frame is None:
                frame = self._deflated[key] = self._serialized(extensions)
            return frame
        if self._plain is None:
            self._plain = self._serialized(())
        return self._plain

    def _serialized(self, extensions: Sequence[Extension]) -> bytes:
        return Frame(self._opcode, self._data).serialize(mask=False, extensions=extensions)


class Frames:
    """The server's end of one WebSocket; a `cogen.web.codec.Codec`.

    Args:
        extensions: as they were negotiated.
        most: bytes that a message has at the most, uncompressed.

    Attributes:
        received: messages: text as str, binary ones as bytes.
        ending: see `Codec`.
    """

    __slots__ = ("_count", "_parts", "_protocol", "_text", "ending", "received")

    def __init__(self, extensions: Sequence[Extension], most: int) -> None:
        self.received: list[str | bytes] = []
        self.ending: Ending | None = None
        protocol = self._protocol = Protocol(SERVER, state=OPEN, max_size=most, logger=log)
        protocol.extensions = list(extensions)
        self._parts: list[bytes] | None = None  # of a message that has begun
        self._text = False
        self._count = 0

    def feed(self, data: bytes) -> None:
        protocol = self._protocol
        protocol.receive_data(data)
        for frame in protocol.events_received():
            if self.ending is None:
                self._read(frame)  # type: ignore[arg-type]  # no requests nor responses are read
        if protocol.parser_exc is not None:
            protocol.parser_exc = None  # its traceback refers to the protocol
            self._broken()

    def end(self) -> None:
        if self.ending is None:
            self.ending = GONE
        self._protocol.parser.close()  # it refers to the protocol, as that to it

    def output(self) -> bytes:
        return b"".join(self._protocol.data_to_send())

    def close(self, code: int, reason: str) -> bool:
        try:
            self._protocol.send_close(code, reason)
        except ProtocolError as error:
            raise ValueError(
                f"a WebSocket cannot be closed with {code} {reason!r}: {error}"
            ) from None
        return True

    def ping(self) -> None:
        self._protocol.send_ping(b"")

    def _read(self, frame: Frame) -> None:
        opcode = frame.opcode
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            self._text = opcode is Opcode.TEXT
            if frame.fin:
                self._finish(bytes(frame.data))
            else:
                self._parts, self._count = [bytes(frame.data)], 1
        elif opcode is Opcode.CONT:
            assert self._parts is not None
            self._count += 1
            if self._count > FRAGMENTS:
                self._fail(CloseCode.MESSAGE_TOO_BIG, f"more than {FRAGMENTS} fragments")
                return
            if frame.data:
                self._parts.append(bytes(frame.data))
            if frame.fin:
                whole, self._parts = b"".join(self._parts), None
                self._finish(whole)
        elif opcode is Opcode.CLOSE:
            said = Close.parse(frame.data)
            self.ending = Ending(int(said.code), said.reason)

    def _finish(self, data: bytes) -> None:
        if not self._text:
            self.received.append(data)
            return
        try:
            self.received.append(data.decode("utf-8"))
        except UnicodeDecodeError:
            self._fail(CloseCode.INVALID_DATA, "text is UTF-8")

    def _fail(self, code: int, reason: str) -> None:
        self._protocol.fail(code, reason)
        self._broken()

    def _broken(self) -> None:
        """A rule was broken, and the other side has been told."""
        if self.ending is not None:
            return
        self._parts = None
        told = self._protocol.close_sent
        self.ending = Ending(int(told.code), told.reason) if told is not None else GONE
