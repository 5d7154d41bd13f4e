"""Accepts connections: so many a turn, and none while no file descriptor is left for them.

The event loop's own server closes whoever is waiting, without a word, when descriptors run out
(libuv's way), or spins (asyncio's). This one leaves them in the kernel's queue and goes on when
some are free. And a flood of new connections waits its turn, so that open ones get theirs.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from typing import Any

__all__ = ["Listener"]

log = logging.getLogger(__name__)

ACCEPTS = 16  # connections that are begun at the same time
AGAIN = 0.1  # seconds until the next look whether descriptors are free
SILENCE = 60.0  # seconds between two warnings of it

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Listener:
    """A socket that is listened on.

    Args:
        sock: bound; closed with the listener.
        protocol: makes the protocol of a connection.
        backlog: connections the kernel holds until they are accepted.

    Attributes:
        exhausted: no descriptor was free at the last look.
        pauses: how often that has come.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        backlog: int,
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._protocol = protocol
        self._backlog = backlog
        self._connecting: set[asyncio.Task[Any]] = set()
        self._again: asyncio.TimerHandle | None = None
        self._warned = float("-inf")
        self.exhausted = False
        self.pauses = 0

    def start(self) -> None:
        """Begin. Raises OSError when the kernel does not let it."""
        self._sock.setblocking(False)
        self._sock.listen(self._backlog)
        self._loop.add_reader(self._sock, self._accept)

    @property
    def connecting(self) -> bool:
        """Some are accepted, but not yet connections."""
        return bool(self._connecting)

    def close(self) -> None:
        """End; connections that were accepted stay."""
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._sock)
        self._sock.close()

    def _accept(self) -> None:
        # Counted until they are connections, which takes a few turns, and may end at once.
        for _ in range(ACCEPTS - len(self._connecting)):
            try:
                sock, _ = self._sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause(error)
                    return
                continue  # the client has gone again: accept(2) gives its network's errors
            sock.setblocking(False)
            connecting = self._loop.create_task(self._connect(sock))
            self._connecting.add(connecting)
            connecting.add_done_callback(self._connecting.discard)

    async def _connect(self, sock: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, sock)
        except OSError as error:  # it has gone in the meantime
            log.debug("a connection could not be begun: %s", error)
            sock.close()

    def _pause(self, error: OSError) -> None:
        self.exhausted = True
        self.pauses += 1
        if self._loop.time() - self._warned >= SILENCE:
            self._warned = self._loop.time()
            log.warning("no connections are accepted until there is room: %s", error.strerror)
        self._loop.remove_reader(self._sock)
        self._again = self._loop.call_later(AGAIN, self._resume)

    def _resume(self) -> None:
        self._again = None
        self.exhausted = False
        self._loop.add_reader(self._sock, self._accept)
