"""Who ask for one page again and again: what wrk does, where there is no wrk."""

from __future__ import annotations

import select
import time

from bench.connection import CHUNK, Connection
from bench.stream import Failure
from bench.wire import read_answer

__all__ = ["ask_for"]


def ask_for(port: int, request: bytes, page: bytes, connections: int, seconds: float) -> int:
    """Ask from so many connections for so long; gives how many answers came.

    A server that closes after its answer is asked on a new connection.

    Raises:
        Failure: an answer is not the page.
    """
    epoll = select.epoll()
    askers: dict[int, Connection] = {}

    def ask(asker: Connection) -> None:
        askers[asker.sock.fileno()] = asker
        epoll.register(asker.sock, select.EPOLLIN)
        asker.send(request)

    for _ in range(connections):
        ask(Connection(port))
    answers, until = 0, time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            for fd, _ in epoll.poll(0.1):
                asker = askers[fd]
                data = asker.recv(CHUNK)
                asker.rest += data
                answer = read_answer(asker.rest)
                if not data:
                    if asker.rest:
                        raise Failure("the server closed a connection within its answer")
                    epoll.unregister(fd)
                    asker.close()
                    asker.open()
                    ask(asker)
                elif answer is not None:
                    if answer.status != 200 or answer.body != page or answer.rest:
                        raise Failure(f"another answer than the page: {asker.rest[:200]!r}")
                    asker.rest = b""
                    answers += 1
                    if b"\r\nconnection: close\r\n" not in answer.head.lower():
                        asker.send(request)
    finally:
        for asker in askers.values():
            asker.close()
        epoll.close()
    return answers
