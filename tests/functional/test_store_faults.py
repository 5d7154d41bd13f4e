"""Faults of the disk, made for real: what cannot be kept is said, and passes with its cause."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.functional.chat_server import ROOT, SCRIPTS

# A small disk of one's own needs a namespace of one's own.
SMALL_DISK = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]
MOUNT = 'mount -t tmpfs -o size=2m none "$0"; exec "$@"'


@pytest.fixture
def folder():
    """Where others may go too, which they may not in pytest's."""
    with tempfile.TemporaryDirectory(prefix="chatapp-store-") as folder:
        yield Path(folder)


@pytest.mark.parametrize(
    ("fault", "before", "sentence", "at_start"),
    [
        (
            "full",
            [*SMALL_DISK, MOUNT, "{folder}"],
            "The disk is full.",
            "cannot use the database '/chat.db': disk I/O error",
        ),
        (
            "read-only",
            [],
            "The database can only be read.",
            "cannot use the database '/chat.db': chat.db can only be read",
        ),
    ],
)
def test_a_fault_is_said_changes_nothing_and_passes(folder, fault, before, sentence, at_start):
    command = [each.format(folder=folder) for each in before]
    command += [sys.executable, "-m", "tests.functional.faults", fault, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    came = json.loads(done.stdout)
    start = came.pop("start").replace(str(folder), "")
    assert came == {"sentences": [sentence] * 11, "during": [0, 0], "after": 20}
    assert start == at_start
    assert done.stderr.count("nothing can be kept: ") == 1
    assert done.stderr.count("over: nothing can be kept") == 1


def test_setup_app_prepares_what_the_ini_files_name(folder):
    for ini, data in [("test.ini", "data"), ("development.ini", "data/development")]:
        (folder / ini).write_bytes((ROOT / ini).read_bytes())
        for _ in range(2):
            command = [str(SCRIPTS / "paster"), "setup-app", str(folder / ini)]
            done = subprocess.run(command, env=clean(), capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr
            assert "the database is ready" in done.stderr
        assert (folder / data / "chat.db").exists()


def clean():
    ours = ("CHAT_", "SQLALCHEMY_", "DATABASE_")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}
