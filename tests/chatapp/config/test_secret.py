"""The secret that signs the sessions outlives the process, and nobody else reads it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chatapp.config.secret import session_secret
from chatapp.config.settings import ChatSettings
from cogen.errors import SettingsError
from tests.chatapp.harness import Site


def secret(folder: Path) -> str:
    return session_secret(ChatSettings(data=str(folder)))


def test_it_is_made_once_and_kept(tmp_path):
    made = secret(tmp_path / "a" / "b")
    assert len(made) == 64
    assert secret(tmp_path / "a" / "b") == made
    assert secret(tmp_path / "other") != made


def test_only_its_owner_can_read_it_and_nothing_else_is_left(tmp_path):
    before = os.umask(0)
    try:
        secret(tmp_path)
    finally:
        os.umask(before)
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_session_holds_over_a_restart(tmp_path):
    curl = Site(tmp_path).curl()
    curl.pull("/chat/pull/bob")
    again = Site(tmp_path)
    curl.site = again
    curl.pull()
    assert again.roster.people.holder("bob")


def test_a_secret_that_is_set_is_not_written_down(tmp_path):
    settings = ChatSettings(data=str(tmp_path / "none"), secret="s" * 40)
    assert session_secret(settings) == "s" * 40
    assert not (tmp_path / "none").exists()


def test_what_a_start_that_was_killed_left_behind_is_no_hindrance(tmp_path):
    (tmp_path / f"secret.{os.getpid()}").write_text("half")
    assert len(secret(tmp_path)) == 64


def test_a_folder_that_holds_it_needs_not_be_written_to(tmp_path):
    made = secret(tmp_path)
    tmp_path.chmod(0o500)
    try:
        before = sorted(tmp_path.iterdir())
        assert secret(tmp_path) == made
        assert sorted(tmp_path.iterdir()) == before
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("content", ["", "short\n", "\xff" * 40])
def test_a_file_that_holds_no_secret_is_named(tmp_path, content):
    (tmp_path / "secret").write_text(content)
    with pytest.raises(SettingsError, match=r"secret|data") as info:
        secret(tmp_path)
    assert "\n" not in str(info.value)


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"chat\.data"):
        secret(tmp_path / "file")


def test_of_several_that_start_at_once_all_have_the_same(tmp_path):
    code = (
        "from chatapp.config.secret import *; from chatapp.config.settings import *;"
        f"print(session_secret(ChatSettings(data={str(tmp_path)!r})))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)
    ]
    made = {process.communicate()[0] for process in processes}
    assert len(made) == 1
    assert len(made.pop().strip()) == 64
