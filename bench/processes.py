"""A server as a process: on a core of its own, and what it uses of that."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO

from bench.stream import Failure

__all__ = ["ROOT", "Process", "cores", "free_port", "pin", "raise_limits"]

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
GRACE = 0.5  # seconds to end in
PAGE = os.sysconf("SC_PAGE_SIZE")


def cores() -> tuple[int, int] | None:
    """The server's core and the load's; None on a machine that has but one for us."""
    ours = sorted(os.sched_getaffinity(0))
    return (ours[0], ours[1]) if len(ours) > 1 else None


_CORES = cores()


def pin(load: bool) -> None:
    """Keep this thread on a core: the load's or the server's, and what it starts then."""
    if _CORES is not None:
        os.sched_setaffinity(0, {_CORES[load]})


def raise_limits() -> int:
    """As many file descriptors as we may have; gives the number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Process:
    """A server, from its start to its end; a context manager.

    Args:
        command: what is run, in the project's folder.
        port: where it will listen.
        log: a file for what it prints.
    """

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.port = port
        self._log = log
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("HOST", "PORT") and not name.startswith(("COGEN_", "CHAT_"))
        }
        environment["PYTHONPATH"] = str(ROOT)
        self._states: list[int] = []
        self.started = time.perf_counter()
        with log.open("wb") as file:
            self._process = self._start(command, environment, file)

    def _start(
        self, command: list[str], environment: dict[str, str], file: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        ours = os.sched_getaffinity(0)
        pin(load=False)  # a child begins where its parent is
        try:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        finally:
            os.sched_setaffinity(0, ours)

    def listen(self, seconds: float = 20.0) -> Process:
        """Wait until it listens.

        Raises:
            Failure: it does not, or has ended.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as sock:
                reached = sock.connect_ex(("127.0.0.1", self.port)) == 0
                # A free port may also be reached by coming from it.
                if reached and sock.getsockname() != sock.getpeername():
                    self._states = [
                        os.open(f"/proc/{pid}/stat", os.O_RDONLY) for pid in self._family()
                    ]
                    return self
            time.sleep(0.002)
        raise Failure(f"the server did not start: {self.last_words()}")

    def last_words(self) -> str:
        """The end of what it printed."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it printed nothing"

    def cpu(self) -> float:
        """Seconds of processor time so far, its own and its children's."""
        return sum(sum(map(int, stat[11:15])) for stat in self._stats()) / TICKS

    def waited(self) -> float:
        """Seconds so far in which it was ready to run, and something else had its core."""
        delays = 0
        for pid in self._family():
            with contextlib.suppress(OSError):
                delays += int(Path(f"/proc/{pid}/schedstat").read_text().split()[1])
        return delays / 1e9

    def memory(self) -> int:
        """Bytes of resident memory, its own and its children's."""
        return sum(int(stat[21]) for stat in self._stats()) * PAGE

    def settle(self, seconds: float = 15.0) -> None:
        """Wait until it has nothing more to do."""
        deadline, quiet, before = time.monotonic() + seconds, 0, -1.0
        while quiet < 3 and time.monotonic() < deadline:
            now = self.cpu()
            quiet = quiet + 1 if now == before else 0
            before = now
            time.sleep(0.06)

    def doze(self) -> None:
        """Wait until it sleeps: a server in one thread does when all that came is done.

        Epoll does not promise that what came first is reported first; so a push that must find
        everyone parked is sent after this.
        """
        asleep = looks = 0
        while asleep < 2:
            looks += 1
            if looks < 200:
                os.sched_yield()
            else:  # maybe it needs the core that we are on
                time.sleep(0.0001)
            states = [os.pread(file, 512, 0).rpartition(b")")[2][1:2] for file in self._states]
            asleep = asleep + 1 if set(states) == {b"S"} else 0

    @staticmethod
    def _stat(pid: int) -> list[str]:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()

    def _stats(self) -> list[list[str]]:
        """What /proc/<pid>/stat says after the name, of the process and all below it."""
        return list(self._family().values())

    def _family(self) -> dict[int, list[str]]:
        stats: dict[int, list[str]] = {}
        for path in Path("/proc").iterdir():
            if path.name.isdigit():
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    stats[int(path.name)] = self._stat(int(path.name))
        family, pids = {}, [self._process.pid]
        while pids:
            pid = pids.pop()
            if pid in stats:
                family[pid] = stats[pid]
                pids += [each for each, stat in stats.items() if int(stat[1]) == pid]
        return family

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._states:
            os.close(file)
        family = self._family()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            # Some wait for their parked polls; we have seen what we wanted.
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
