"""The ``cogen`` command as a process of its own, in a folder of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.functional.servers import SCRIPTS, free_port

APPLICATION = """
import os, signal, sys, time

from cogen.core.queue import Queue

queue = Queue()
VERSION = "one"


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/wait":
        yield environ["cogen.call"](queue.get)(timeout=60)
        body = type(environ["cogen.wsgi"].result).__name__
    elif path == "/busy":
        print("busy", flush=True)
        time.sleep(2)
        body = "done"
    elif path == "/hang":
        time.sleep(99)
    elif path == "/die":
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        body = " ".join([str(os.getpid()), VERSION, str(environ["wsgi.multiprocess"])])
    start_response("200 OK", [("Content-Length", str(len(body)))])
    yield body.encode()
"""


class Command:
    """``cogen ARGUMENTS --bind 127.0.0.1:port``.

    Args:
        folder: where it runs; ``site_here.py`` in it holds `APPLICATION`.
    """

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        module = folder / "site_here.py"
        if not module.exists():
            module.write_text(APPLICATION)
        self.port = free_port()
        self._log = (folder / "log").open("w+b")
        self.process = subprocess.Popen(
            [str(SCRIPTS / "cogen"), *arguments, "--bind", f"127.0.0.1:{self.port}"],
            cwd=folder,
            env=clean(environment),
            stdout=self._log,
            stderr=self._log,
        )

    @property
    def log(self) -> str:
        """What it has printed."""
        self._log.seek(0)
        return self._log.read().decode()

    def ask(self, path: str = "/") -> str:
        """The body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def listen(self) -> Command:
        """Wait until it answers."""
        self.until(lambda: bool(self.ask()))
        return self

    def until(self, so: Any, seconds: float = 20) -> None:
        """Wait until something is so; what cannot be reached is not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if so():
                    return
            time.sleep(0.02)
        raise AssertionError(f"it never was; the log:\n{self.log}")

    def pids(self) -> set[int]:
        """Of the workers that there are."""
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text()
        return {int(pid) for pid in children.split()}

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log.close()


def clean(environment: dict[str, str]) -> dict[str, str]:
    """The environment, without settings of whoever runs the tests."""
    own = ("HOST", "PORT", "WEB_CONCURRENCY", "LOG_LEVEL")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in own and not name.startswith("COGEN_")
    }
    return {**kept, **environment}


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command that ends by itself."""
    done = subprocess.run(
        [str(SCRIPTS / "cogen"), *arguments],
        cwd=folder,
        env=clean(environment),
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stdout, done.stderr
