"""One person at a terminal, over real sockets, as `nc`."""

from __future__ import annotations

import socket

__all__ = ["Terminal"]


class Terminal:
    """A connection to the telnet door; a context manager.

    Attributes:
        socket: for what a person does not do.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=20)
        self._file = self.socket.makefile("rb")

    def type(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\n")

    def sees(self) -> str:
        """The next line; "" at the end."""
        return self._file.readline().decode().rstrip("\r\n")

    def sees_until(self, end: str) -> list[str]:
        lines = [self.sees()]
        while lines[-1] != end:
            assert lines[-1], lines
            lines.append(self.sees())
        return lines

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
