"""Brings a crowd together before a server: connections, sessions, and everybody's first request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.crowd import Crowd
from bench.frames import handshake
from bench.listeners import END, Listener
from bench.processes import Process
from bench.pusher import Pusher
from bench.readers import Reader
from bench.stream import LENGTH, SPEAKER
from bench.subjects import Subject
from bench.wire import get, post

__all__ = ["gather", "gathered"]

WAVE = 64  # connections that a server gets at once
PAUSE = 0.004  # seconds after a wave, for the server to accept them


@contextmanager
def gathered(
    subject: Subject,
    process: Process,
    readers: int,
    pushers: int = 1,
    kind: type[Reader] = Reader,
    batches: bool = False,
    cut: slice | None = None,
) -> Iterator[Crowd]:
    """Readers whose polls are parked, or WebSockets open, and pushers; ended with the block.

    Args:
        kind: the class of the readers.
        batches: they poll where several messages may be answered.
        cut: what of a line is pushed; by default what the subject and the readers want.
    """
    crowd = Crowd()
    try:
        for _ in range(pushers):
            crowd.add_pusher(_pusher(subject, process.port, crowd, cut or _cut(subject, kind)))
        gather(crowd, subject, process, readers, kind, batches)
        yield crowd
    finally:
        crowd.close()


def gather(
    crowd: Crowd,
    subject: Subject,
    process: Process,
    readers: int,
    kind: type[Reader] = Reader,
    batches: bool = False,
) -> None:
    """So many readers more, as for `gathered`; nothing must have been said before."""
    sockets = issubclass(kind, Listener)
    if sockets:
        request = handshake(subject.socket)
    else:
        request = get(subject.batch if batches else subject.pull)
    first = len(crowd.readers)
    for start in range(first, first + readers, WAVE):
        wave = [
            kind(process.port, crowd.stream, number, request)
            for number in range(start, min(start + WAVE, first + readers))
        ]
        if subject.sessions and not sockets:  # which have theirs by the handshake
            for each in wave:
                each.send(request)
            for each in wave:
                each.request = get(subject.pull, each.answer().cookie)
        for each in wave:
            crowd.add_reader(each)
        time.sleep(PAUSE)
    process.settle()


def _cut(subject: Subject, kind: type[Reader]) -> slice:
    """What of a line is pushed."""
    return slice(subject.cut.start, -len(END)) if issubclass(kind, Listener) else subject.cut


def _pusher(subject: Subject, port: int, crowd: Crowd, cut: slice) -> Pusher:
    pusher = Pusher(port, crowd.stream, cut)
    if subject.sessions and crowd.pushers:
        pusher.cookie = crowd.pushers[0].cookie
    elif subject.sessions:
        pusher.cookie = pusher.ask(get(f"{subject.pull}/{SPEAKER.decode()}")).cookie
    pusher.head = post(subject.push, len(range(LENGTH)[cut]), pusher.cookie)
    return pusher
