"""From a URL to a store, or to one line that says why not."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.store.opening import open_store
from chatapp.store.version import NEWEST
from cogen.errors import SettingsError


def refused(url: str, folder: Path, **options) -> str:
    with pytest.raises(SettingsError) as info:
        open_store(url, folder, **options)
    assert "\n" not in str(info.value)
    return str(info.value)


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("url", "name"),
    [("", "a/b/chat.db"), ("sqlite:///c/d.db", "c/d.db"), ("sqlite:////{here}/e f.db", "e f.db")],
)
def test_where_the_file_is(tmp_path, monkeypatch, url, name):
    monkeypatch.chdir(tmp_path)
    url = url.format(here=str(tmp_path)[1:])
    for _ in range(2):
        opened = open_store(url, Path("a/b"))
        assert [room.name for room in opened.rooms] == ["main"]
        opened.store.close()
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {name, name + "-lock"}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite://host/path", "needs a file"),
        ("sqlite:///x.db?mode=ro", "no ?parameters"),
        ("mysql://bob:hidden@host/chat", "not mysql://"),
        ("data/chat.db", "begins with sqlite:/// or postgresql://"),
        ("bob:hidden@host", "begins with sqlite:/// or postgresql://"),
        ("://bob:hidden@host", "begins with sqlite:/// or postgresql://"),
    ],
)
def test_a_bad_url_is_told_without_its_password(tmp_path, url, says):
    message = refused(url, tmp_path)
    assert message.startswith("sqlalchemy.url")
    assert says in message
    assert "hidden" not in message


def test_an_older_schema_waits_for_setup_app_and_a_newer_one_is_left_alone(tmp_path):
    path = tmp_path / "chat.db"
    open_store("", tmp_path).store.close()
    execute(path, "UPDATE alembic_version SET version_num = '0000'")
    assert "older" in refused("", tmp_path)
    assert "`paster setup-app test.ini`" in refused("", tmp_path)
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    for set_up in (False, True):
        assert "newer" in refused("", tmp_path, set_up=set_up)
    execute(path, f"UPDATE alembic_version SET version_num = '{NEWEST}'")
    open_store("", tmp_path).store.close()


def test_an_empty_file_is_set_up_and_one_of_another_program_is_not(tmp_path):
    (tmp_path / "chat.db").touch()
    open_store("", tmp_path).store.close()
    other = tmp_path / "other.db"
    execute(other, "CREATE TABLE customers (name)")
    assert "none of ChatApp's making" in refused(f"sqlite:///{other}", tmp_path)
    (tmp_path / "text.db").write_text("not a database " * 100)
    message = refused(f"sqlite:///{tmp_path / 'text.db'}", tmp_path)
    assert "text.db" in message
    assert "not a database" in message


def test_a_set_up_that_fails_leaves_nothing_half_made(tmp_path):
    path = tmp_path / "chat.db"
    execute(path, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, x NOT NULL)")
    assert "cannot set up the database" in refused("", tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [
            ("alembic_version",)
        ]


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refused("", tmp_path / "file")


def test_who_was_killed_holds_nothing(tmp_path):
    code = (
        "import sys, time; from pathlib import Path;"
        "from chatapp.store.opening import open_store;"
        "opened = open_store('', Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE)
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        assert "another process uses the database" in refused("", tmp_path)
        os.kill(other.pid, signal.SIGKILL)
    open_store("", tmp_path).store.close()


def test_a_start_that_has_nothing_to_set_up_needs_no_sqlalchemy(tmp_path):
    open_store("", tmp_path).store.close()
    code = (
        "import sys; from pathlib import Path; from chatapp.store.opening import open_store;"
        "open_store('', Path(sys.argv[1]));"
        "print({'sqlalchemy', 'alembic', 'asyncpg'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, check=True)
    assert done.stdout == b"set()\n"


def test_what_was_said_only_its_owner_reads(tmp_path):
    before = os.umask(0)
    try:
        opened = open_store("", tmp_path)
    finally:
        os.umask(before)
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}
    opened.store.close()
