"""``paster setup-app``: the database is made, once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from paste.script import command

from chatapp.store.version import NEWEST

INI = """
[DEFAULT]
somebody = else

[app:main]
use = egg:ChatApp
chat.data = %(here)s/here
pyramid.debug_all = no
{more}
"""


def setup_app(folder, more=""):
    """Its exit code, or what it says."""
    (folder / "some.ini").write_text(INI.format(more=more))
    with pytest.raises(SystemExit) as info:
        command.run(["setup-app", str(folder / "some.ini")])
    return info.value.code


def version(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def test_it_makes_the_database_and_again_changes_nothing(tmp_path):
    for _ in range(2):
        assert not setup_app(tmp_path)
        assert version(tmp_path / "here" / "chat.db") == NEWEST


def test_it_reads_the_settings_as_the_server_does(tmp_path, monkeypatch):
    assert not setup_app(tmp_path, "sqlalchemy.url = sqlite:///%(here)s/there.db")
    assert version(tmp_path / "there.db") == NEWEST
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.db")
    assert not setup_app(tmp_path)
    assert version(tmp_path / "elsewhere.db") == NEWEST
    assert setup_app(tmp_path, "chat.keeep = 1").startswith("[app:main] unknown setting")


def test_what_is_wrong_is_one_line(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "chat.db").write_text("not a database " * 100)
    message = setup_app(tmp_path)
    assert message.startswith("[app:main] cannot use the database")
    assert "\n" not in message
