"""A second host on this machine, and the cable between the two, which a test cuts.

A network namespace, reached by a pair of virtual interfaces. The cable is cut inside it: all that
its kernel would send goes into a black hole, acknowledgements, FIN and RST too. On our side nothing
changes: the interface is up, the neighbour's hardware address is known, what we send leaves. So our
sockets hear nothing at all, as of a machine without power behind a router.

    with Host() as host, serving(application, host=host.near) as server:
        client = host.client(server.port, b"GET …")  # or host.run(a program of its own)
        client.hears(b"200 OK")
        when = host.cut()
        assert host.left(server.port) - when < …

`ChatServer` (chat_server.py) has a ``host`` too.

Needs root and ``ip`` (Linux).
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

__all__ = ["Host", "Program"]

_NETWORKS: Final = 64 * 256  # of four addresses each, in 10.213.0.0/16
_NAME: Final = re.compile(r"chat([0-9]+)-([0-9]+)\b")  # number of the network, process that made it
_PROGRAM: Final = str(Path(__file__).with_name("far_client.py"))
_LIFE: Final = 100  # seconds that a program has at most, whatever becomes of the test


class Program:
    """What runs on the other host; its output is what it has heard."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.heard = b""

    def hears(self, wanted: bytes, seconds: float = 20) -> bytes:
        """Wait until this is in what it has heard; gives all of that."""
        assert self.process.stdout is not None
        until = time.monotonic() + seconds
        while wanted not in self.heard:
            left = until - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            assert ready, f"{wanted!r} has not come: {self.heard[-500:]!r}"
            data = os.read(self.process.stdout.fileno(), 65_536)
            assert data, f"it ended before {wanted!r}: {self.heard[-500:]!r}"
            self.heard += data
        return self.heard

    def tell(self, line: bytes = b"\n") -> None:
        """Write it to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Host:
    """The other host. A context manager: it is gone at the end, with its programs.

    Attributes:
        near: our address on the cable, where servers listen.
        far: its own.
    """

    def __init__(self) -> None:
        self._programs: list[Program] = []
        _clear()
        number = _make_cable()
        self._ours, its = f"chat{number}", f"chat{number}far"
        self._name = f"chat{number}-{os.getpid()}"
        network = f"10.213.{number >> 6}."
        self.near = f"{network}{number % 64 * 4 + 1}"
        self.far = f"{network}{number % 64 * 4 + 2}"
        try:
            _ip("netns", "add", self._name)
            _ip("link", "set", its, "netns", self._name)
            _ip("address", "add", f"{self.near}/30", "dev", self._ours)
            _ip("link", "set", self._ours, "up")
            self._ip("address", "add", f"{self.far}/30", "dev", its)
            self._ip("link", "set", its, "up")
            # As a router's: it does not have to be asked for, and so is not missed.
            known = ("lladdr", _hardware(number), "dev", self._ours, "nud", "permanent")
            _ip("neighbour", "replace", self.far, *known)
        except BaseException:
            self.close()
            raise

    def run(self, program: str, *arguments: str) -> Program:
        """Run a Python program (a path) there; what it prints is what it heard."""
        run = f"runpy.run_path({program!r}, run_name='__main__')"
        code = f"import runpy, signal; signal.alarm({_LIFE}); {run}"
        python = [sys.executable, "-u", "-c", code, *arguments]
        process = subprocess.Popen(
            ["ip", "netns", "exec", self._name, *python],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        running = Program(process)
        self._programs.append(running)
        return running

    def client(self, port: int, first: bytes, room: int = 0) -> Program:
        """Connect to a server of ours, say this first, and hear what comes.

        Args:
            room: of its receive buffer, in bytes; then it begins to read only when it is told a
                line (`Program.tell`).
        """
        client = self.run(_PROGRAM, self.near, str(port), first.hex(), str(room))
        _, _, client.heard = client.hears(b"connected\n").partition(b"connected\n")
        return client

    def cut(self) -> float:
        """Nothing of it reaches us any more; gives the time (`time.monotonic`)."""
        self._ip("route", "add", "blackhole", f"{self.near}/32")
        return time.monotonic()

    def mend(self) -> None:
        """The cable is whole again."""
        self._ip("route", "delete", "blackhole", f"{self.near}/32")

    def connections(self, port: int) -> list[str]:
        """Those that a server of ours has with it: the address and port of each there."""
        here = f"{self.near}:{port}"
        shown = ["ss", "-Htn", "state", "connected", "src", here, "dst", self.far]
        done = subprocess.run(shown, check=True, capture_output=True, text=True)
        return [line.split()[4] for line in done.stdout.splitlines()]

    def left(self, port: int, seconds: float = 30) -> float:
        """Wait until a server of ours has no connection with it; gives the time."""
        until = time.monotonic() + seconds
        while self.connections(port):
            assert time.monotonic() < until, "the server still holds it"
            time.sleep(0.02)
        return time.monotonic()

    def close(self) -> None:
        for program in self._programs:
            program.end()
        _remove(self._name, self._ours)

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ip(self, *arguments: str) -> None:
        _ip("-n", self._name, *arguments)


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _make_cable() -> int:
    """Its number. Only one interface can have a name: so several runs at once get several."""
    first = os.getpid() % _NETWORKS
    for number in (*range(first, _NETWORKS), *range(first)):
        far = ("peer", "name", f"chat{number}far", "address", _hardware(number))
        try:
            _ip("link", "add", f"chat{number}", "type", "veth", *far)
        except OSError as error:
            if "File exists" not in str(error):
                raise OSError(
                    f"a second host needs root, and network namespaces: {error}"
                ) from None
        else:
            return number
    raise OSError("all networks are taken")


def _hardware(number: int) -> str:
    return f"02:00:0a:d5:{number >> 8:02x}:{number & 255:02x}"


def _clear() -> None:
    """Remove what runs that were killed have left."""
    for number, pid in _NAME.findall(_ip("netns", "list")):
        if not Path(f"/proc/{pid}").exists():
            _remove(f"chat{number}-{pid}", f"chat{number}")


def _remove(name: str, interface: str) -> None:
    """It may be half made, or half removed by somebody else."""
    for arguments in (("link", "delete", interface), ("netns", "delete", name)):
        with contextlib.suppress(OSError):
            _ip(*arguments)
