"""The tutorial, typed by somebody who does all that it says."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

from tests.functional.chat_server import ROOT, SCRIPTS, ChatServer
from tests.functional.documents import Shell, agrees, steps


def here(text: str, server: ChatServer) -> str:
    """With the ports of the test's own server."""
    return text.replace("localhost:5001", f"127.0.0.1:{server.port}").replace(
        "localhost 4242", f"127.0.0.1 {server.telnet}"
    )


def test_make_serve_is_what_the_tests_start() -> None:
    plan = subprocess.run(["make", "-n", "serve"], cwd=ROOT, capture_output=True, text=True)
    assert plan.stdout.rstrip().endswith(".venv/bin/paster serve test.ini")


def test_everything_in_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(SCRIPTS.parent)
    shutil.copy(ROOT / "test.ini", tmp_path)
    server = ChatServer(tmp_path)
    done = 0
    try:
        with Shell(tmp_path) as shell:
            for file, text, shown in steps("tutorial.md"):
                if file:
                    (tmp_path / file).write_text(here(text, server))
                elif text == "make serve":
                    server.start()
                else:
                    if "setup-app" in text:  # "End the server with Ctrl-C"
                        assert server.stop(signal.SIGINT) == 0
                    printed = shell.run(here(text, server))
                    assert agrees(printed, shown), f"$ {text}\n{printed}\n-- and not --\n{shown}"
                    done += 1
    finally:
        server.stop()
    assert done > 20
