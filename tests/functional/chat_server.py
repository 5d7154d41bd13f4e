"""``paster serve test.ini`` as a process: own port and data folder, started and stopped at will."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent


def free_port(host: str = "127.0.0.1") -> int:
    """A port of this address that nobody listens on."""
    with socket.socket() as sock:
        sock.bind((host, 0))
        port: int = sock.getsockname()[1]
        return port


def reachable(port: int, host: str = "127.0.0.1") -> bool:
    """Somebody listens on this port."""
    with socket.socket() as sock:
        connected = sock.connect_ex((host, port)) == 0
        # A port that nobody listens on can be reached by coming from it.
        return connected and sock.getsockname() != sock.getpeername()


def python_path(*folders: Path) -> str:
    """These folders, behind those that this run of the tests has (``make test COMPILED=1``)."""
    ours = os.environ.get("PYTHONPATH")
    return os.pathsep.join([*([ours] if ours else []), *map(str, folders)])


class ChatServer:
    """One ChatApp.

    Args:
        folder: where its data and its log go.
        environment: more variables, e.g. ``CHAT_IDLE="1"``.
        command: ``paster`` or ``pserve``.
        ini: the file it serves.
        before: what the command is an argument of, e.g. ``strace``; `pid` is that one's.
        host: the address that it listens on.

    Attributes:
        port, telnet: where it listens.
    """

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str] | None = None,
        command: str = "paster",
        ini: str = "test.ini",
        before: Sequence[str] = (),
        host: str = "127.0.0.1",
    ) -> None:
        self.host = host
        self.port = free_port(host)
        self.telnet = free_port(host)
        self.url = f"http://{host}:{self.port}"
        self.log = folder / "server.log"
        serve = ["serve"] if command == "paster" else []
        self._command = [*before, str(SCRIPTS / command), *serve, ini]
        self._environment = {
            **os.environ,
            "HOST": host,
            "PORT": str(self.port),
            "TELNET_PORT": str(self.telnet),
            "CHAT_DATA": str(folder / "data"),
            **(environment or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def begin(self) -> subprocess.Popen[bytes]:
        """Start it, and do not wait."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        return self.process

    def start(self) -> None:
        """Start it, and wait until it listens."""
        process = self.begin()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if reachable(self.port, self.host):
                return
            time.sleep(0.02)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; gives its exit code."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(number)
        try:
            return process.wait(35)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
