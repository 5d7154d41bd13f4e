"""What the kernel knows of a connection, as a test wants it known."""

import socket
import struct

__all__ = ["Kernel"]


class Kernel:
    """A socket of which the kernel knows this (Linux: struct tcp_info).

    Args:
        unacknowledged: segments.
        heard: seconds since the last acknowledgement.
        sent: seconds since something was sent, or sent again.
        resent: how often, each time after twice as long.
        first: the first timeout, in seconds.
    """

    def __init__(self, unacknowledged=1, heard=25.1, sent=3.0, resent=5, first=0.2):
        self.options = {}
        self.info = struct.pack(
            "=8B24I",
            *(1, 0, resent, 0, resent, 7, 0, 0),
            *(int(first * 1e6) << resent, 0, 1448, 536, unacknowledged, 0, 0, 0, 0),
            *(int(sent * 1000), 0, 700_000, int(heard * 1000)),
            *[0] * 11,
        )

    def getsockopt(self, level, option, size):
        assert (level, option) == (socket.IPPROTO_TCP, socket.TCP_INFO)
        return self.info[:size]

    def setsockopt(self, level, option, value):
        self.options[level, option] = value
