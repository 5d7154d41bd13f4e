"""The Dockerfile and the Procfile: what they name is there, and what they run works.

No image is built: the tests need no container engine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.chat_server import ROOT, SCRIPTS, ChatServer
from tests.functional.documents import blocks

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
ENVIRONMENT = ".venv/bin/"


def said(instruction: str) -> list[str]:
    """What follows an instruction, each time."""
    return re.findall(rf"^{instruction} +(.*)$", DOCKERFILE, re.MULTILINE)


def in_brackets(text: str) -> list[str]:
    """A command in the form that needs no shell; options before it are left out."""
    command: list[str] = json.loads(text[text.index("[") :])
    assert command[0].startswith(ENVIRONMENT)
    return [str(SCRIPTS / command[0].removeprefix(ENVIRONMENT)), *command[1:]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChatServer]:
    """What the image runs, in the place of `ChatServer`'s own command."""
    (command,) = said("CMD")
    server = ChatServer(tmp_path)
    server._command = in_brackets(command)
    yield server
    server.stop()


def test_what_it_runs_is_served_and_its_health_check_can_tell(server: ChatServer) -> None:
    (health,) = said("HEALTHCHECK")
    check = in_brackets(health)
    environment = {**os.environ, "PORT": str(server.port)}
    dead = subprocess.run(check, env=environment, capture_output=True, timeout=30)
    assert dead.returncode == 1
    server.start()
    assert subprocess.run(check, env=environment, timeout=30).returncode == 0
    assert server.stop() == 0


def test_what_it_names_is_there_and_goes_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert said("FROM") == ["python:3.11-slim"]
    for path in ("scripts/install", "constraints/run.txt", "README.md", "setup.py", "cogen"):
        assert (ROOT / path).exists()
        assert path.partition("/")[0] not in ignored
    assert os.access(ROOT / "scripts" / "install", os.X_OK)
    assert ".*" in ignored  # .git, .venv
    made = {
        each.strip("/") for each in (ROOT / ".gitignore").read_text().split() if "*" not in each
    }
    assert {"build", "data", "dist"} <= made & {*ignored}


def test_nobody_but_its_own_user_runs_it_and_its_data_outlive_it() -> None:
    assert said("USER") == ["chat"]
    assert DOCKERFILE.index("USER chat") > DOCKERFILE.index("scripts/install")
    (folder,) = said("VOLUME")
    (variables,) = said("ENV")
    assert f"CHAT_DATA={folder}" in variables.split()
    assert f"-o chat -g chat -m 700 {folder}" in DOCKERFILE
    assert any(f":{folder} " in block for block in blocks("howto/container.md", "sh"))


def test_the_procfile_is_the_one_of_the_docs_and_serves(tmp_path: Path) -> None:
    procfile = (ROOT / "Procfile").read_text()
    assert f"```\n{procfile}```" in (ROOT / "docs" / "howto" / "container.md").read_text()
    name, _, command = procfile.strip().partition(": ")
    assert name == "web"
    server = ChatServer(tmp_path)
    command = command.replace("HOST=0.0.0.0", "HOST=127.0.0.1")  # here nobody else is to reach it
    server._command = ["sh", "-c", f"exec env {command.replace(ENVIRONMENT, f'{SCRIPTS}/')}"]
    server.start()
    assert server.stop() == 0
