"""Whether a client's machine is still there: nobody says goodbye for one that has lost its power.

Nothing arrives of such a client, no FIN and no reset; what is written to it the kernel sends again
and again, for a quarter of an hour. The kernel knows how long it has heard nothing (TCP_INFO); an
answer that goes on for long is ended by that, if its application writes something now and then.

A client that is slow to read is not meant: its kernel acknowledges what fits, and says that there
is no more room. Nor is one that was asked nothing for long, and so has said nothing for long.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any, Final

__all__ = ["deaf"]

# `struct tcp_info` of linux/tcp.h, to which later kernels only append (tcp(7)):
#    4  u8   tcpi_backoff         how often the retransmission timeout has been doubled
#    8  u32  tcpi_rto             that timeout now, in microseconds
#   24  u32  tcpi_unacked         segments that were sent and not acknowledged
#   44  u32  tcpi_last_data_sent  milliseconds since data was sent, for the first time or again
#   56  u32  tcpi_last_ack_recv   milliseconds since an acknowledgement came
_TCP_INFO: Final = struct.Struct("=4xB3xI12xI16xI8xI")

# This part of the time must have gone by with asking again. Not more: between two heartbeats
# nothing is asked, and timeouts that double may overshoot by as much again.
_ASKING: Final = 0.2


def deaf(transport: Any, seconds: float) -> bool:
    """Something was sent, and sent again, and for so long there was no acknowledgement.

    False where the system does not tell: not Linux, not TCP, already closed.

    Args:
        transport: asyncio's, or one that passes on its ``get_extra_info``.
    """
    if sys.platform != "linux":  # elsewhere an option of that name tells less
        return False
    sock = transport.get_extra_info("socket")
    if sock is None:
        return False
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    except OSError:
        return False
    if len(info) < _TCP_INFO.size:
        return False
    told: tuple[int, int, int, int, int] = _TCP_INFO.unpack(info)
    backoff, timeout, unacknowledged, sent, heard = told
    if not unacknowledged or heard < seconds * 1000:
        return False
    # The first timeout is longer than a round trip; all so far add up to the last less the first.
    first: float = (timeout >> backoff) / 1000
    asking: float = timeout / 1000 - first
    return first <= sent < heard and asking >= seconds * 1000 * _ASKING
