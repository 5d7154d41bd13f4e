"""A PostgreSQL of the tests' own: Debian's programs, own folder, port and process."""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg

from tests.functional.chat_server import free_port

__all__ = ["PostgreSQL"]


class PostgreSQL:
    """Made at once; `start` and `stop` at will, `remove` at the end."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="chatapp-postgresql-"))
        self.port = free_port()
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # as whom it does not run
            user = pwd.getpwnam("nobody")
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "--auth=trust", "--no-sync", "--username=chat", "--encoding=UTF8")

    def start(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", str(self.folder / "data"), *flags],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._user,
            )
        until = time.monotonic() + 30
        while True:
            try:
                return self.execute("postgres", "SELECT 1")
            except (OSError, asyncpg.CannotConnectNowError):
                assert self._process.poll() is None, self.log.read_text()
                assert time.monotonic() < until, self.log.read_text()
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Interrupt ends it in order, quit at once."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def database(self) -> str:
        """The name of a new one."""
        name = f"chat{next(self._numbers)}"
        self.execute("postgres", f"CREATE DATABASE {name}")
        return name

    def url(self, database: str) -> str:
        return f"postgresql://chat@127.0.0.1:{self.port}/{database}"

    def execute(self, database: str, *statements: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self.url(database))
            for statement in statements:
                await connection.execute(statement)
            await connection.close()

        asyncio.run(execute())

    def _run(self, program: str, *flags: str) -> None:
        command = [_program(program), "-D", str(self.folder / "data"), *flags]
        done = subprocess.run(command, capture_output=True, cwd=self.folder, **self._user)
        assert done.returncode == 0, done.stderr.decode()


def _program(name: str) -> str:
    """On the path, or where Debian puts the newest."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: int(path.parts[4]), default=None)
    found = str(newest) if newest is not None else shutil.which(name)
    assert found, f"{name} is not installed: scripts/system-packages"
    return found
