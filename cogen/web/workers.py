"""Several processes on one port: a master that starts them, ends them, and replaces the dead.

They share the listening socket, which stays open when one of them dies: who was waiting in its
queue is served by another. The first worker shows that the application can be loaded; only then
come the others. SIGTERM and SIGINT end all gracefully, SIGHUP puts new workers with the code of
today in the place of the old (which stay if that cannot be loaded), SIGUSR1 reaches every worker.
When the master is gone, its workers see the end of a pipe and end as well.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cogen.web.address import unlink
from cogen.web.settings import ServerSettings

__all__ = ["LOAD_FAILED", "Workers"]

log = logging.getLogger(__name__)

LOAD_FAILED = 3  # a worker's exit code: it makes no sense to try again
BACKOFF = 0.1, 30.0  # seconds before a dead worker is replaced: first, and at most
STEADY = 10.0  # seconds after which a worker counts as one that works
MERCY = 5.0  # seconds over the graceful timeout

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)


@dataclass(slots=True)
class _Worker:
    """A process.

    Attributes:
        ready: what it writes to when it has loaded the application; None once it has.
        kill_at: when it has to be gone; None while it is wanted.
    """

    pid: int
    generation: int
    started: float
    ready: int | None
    kill_at: float | None = None


class _Forked(BaseException):
    """Raised in the child, so that it leaves the master's work behind and ends as any process."""

    def __init__(self, ready: int) -> None:
        self.ready = ready


class Workers:
    """The master.

    Args:
        settings: ``workers`` says how many.
        serve: a worker's life: called in it with a function that tells the master that the
            application was loaded, and the pipe that ends with the master. Gives its exit code.
    """

    def __init__(
        self, settings: ServerSettings, serve: Callable[[Callable[[], None], int], int]
    ) -> None:
        self._settings = settings
        self._serve = serve
        self._workers: dict[int, _Worker] = {}
        self._generation = 0
        self._proven = -1  # the newest generation of which one has loaded the application
        self._failures = 0
        self._next = 0.0  # not before this may one be started
        self._stopping = False
        self._code = 0
        self._lifeline = (-1, -1)

    def run(self) -> int:
        """Until a signal; gives the exit code, of the master's process or of a worker's."""
        self._lifeline = os.pipe()
        try:
            with _signals() as signals:
                log.info("cogen's master is process %d", os.getpid())
                while self._workers or not self._stopping:
                    self._start_missing()
                    self._wait(signals)
                    self._reap()
                    self._kill_overdue()
                unlink(self._settings.unix_socket)
                return self._code
        except _Forked as forked:
            ready = forked.ready
        return self._live(ready)

    # In the worker

    def _live(self, ready: int) -> int:
        os.close(self._lifeline[1])
        for worker in self._workers.values():
            if worker.ready is not None:
                os.close(worker.ready)

        def loaded() -> None:
            os.write(ready, b"+")
            os.close(ready)

        return self._serve(loaded, self._lifeline[0])

    # In the master

    def _start_missing(self) -> None:
        now = time.monotonic()
        if self._stopping or now < self._next:
            return
        newest = self._generation
        there = sum(
            1 for each in self._workers.values() if each.generation == newest and not each.kill_at
        )
        wanted = self._settings.workers if self._proven == newest else 1
        for _ in range(wanted - there):
            self._start()

    def _start(self) -> None:
        reads, writes = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reads)
            raise _Forked(writes)
        os.close(writes)
        self._workers[pid] = _Worker(pid, self._generation, time.monotonic(), reads)
        log.info("worker %d starts", pid)

    def _wait(self, signals: socket.socket) -> None:
        loading = {each.ready: each for each in self._workers.values() if each.ready is not None}
        readable, _, _ = select.select([signals.fileno(), *loading], [], [], self._patience())
        for number in signals.recv(4096) if signals.fileno() in readable else b"":
            self._heed(number)
        for ready in readable:
            if ready in loading and loading[ready].ready is not None:
                self._loaded(loading[ready])

    def _patience(self) -> float | None:
        """Seconds until something is due; None for never."""
        due = [each.kill_at for each in self._workers.values() if each.kill_at is not None]
        now = time.monotonic()
        if not self._stopping and self._next > now:
            due.append(self._next)
        return max(0.0, min(due) - now) if due else None

    def _loaded(self, worker: _Worker) -> None:
        assert worker.ready is not None
        said = os.read(worker.ready, 1)
        os.close(worker.ready)
        worker.ready = None
        if said and worker.generation > self._proven:
            self._proven = worker.generation
            self._end(each for each in self._workers.values() if each.generation < self._proven)

    def _heed(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._stopping = True
            self._end(self._workers.values())
        elif number == signal.SIGHUP and not self._stopping:
            log.info("SIGHUP: the workers are replaced")
            # Of a generation that has not loaded yet, nobody is needed any more.
            self._end(each for each in self._workers.values() if each.generation > self._proven)
            self._generation += 1
            self._next = 0.0
        elif number == signal.SIGUSR1:
            for pid in self._workers:
                _send(pid, signal.SIGUSR1)

    def _end(self, workers: Iterable[_Worker]) -> None:
        until = time.monotonic() + self._settings.graceful_timeout + MERCY
        for worker in list(workers):
            if worker.kill_at is None:
                worker.kill_at = until
                _send(worker.pid, signal.SIGTERM)

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for worker in self._workers.values():
            if worker.kill_at is not None and now >= worker.kill_at:
                log.error("worker %d does not end: it is killed", worker.pid)
                worker.kill_at = now + MERCY
                _send(worker.pid, signal.SIGKILL)

    def _reap(self) -> None:
        for worker in list(self._workers.values()):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if not pid:
                continue
            if worker.ready is not None:
                self._loaded(worker)  # it may have said so with its last breath
            del self._workers[pid]
            if worker.kill_at is None:
                self._died(worker, os.waitstatus_to_exitcode(status))

    def _died(self, worker: _Worker, code: int) -> None:
        if code == LOAD_FAILED and self._proven < 0:
            self._stopping, self._code = True, 1
            return
        if code == LOAD_FAILED and worker.generation > self._proven:
            log.error("the application of now cannot be loaded: the old workers stay")
            self._generation = self._proven
            return
        how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        now = time.monotonic()
        self._failures = 0 if now - worker.started >= STEADY else self._failures + 1
        first, most = BACKOFF
        delay = min(most, first * 2.0**self._failures)
        self._next = now + delay
        log.error("worker %d died (%s); another one in %.1f s", worker.pid, how, delay)


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket from which the numbers of signals can be read as they come."""
    reads, writes = socket.socketpair()
    for sock in (reads, writes):
        sock.setblocking(False)
    before = {number: signal.signal(number, _noted) for number in SIGNALS}
    wakeup = signal.set_wakeup_fd(writes.fileno(), warn_on_full_buffer=False)
    try:
        yield reads
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        reads.close()
        writes.close()


def _noted(number: int, frame: object) -> None:
    """The socket has it."""


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
