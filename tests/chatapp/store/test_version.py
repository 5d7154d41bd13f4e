"""The schema that the code knows is the one that the migrations make."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from chatapp.store.schema import metadata
from chatapp.store.version import NEWEST, must_migrate
from cogen.errors import SettingsError
from tests.chatapp.store.contract import entries, numbers

TABLES = {"alembic_version", "rooms", "messages"}


def test_the_newest_is_that_of_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", "chatapp.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_the_migrations_make_the_tables_of_the_schema(kept, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'chat.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    made = sqlite3.connect(tmp_path / "chat.db")
    other = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    metadata.create_all(other)
    declared = sqlite3.connect(tmp_path / "other.db")
    sql = "SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY name"
    with closing(made), closing(declared):
        assert made.execute(sql).fetchall() == declared.execute(sql).fetchall()
    engine.dispose()
    other.dispose()


@pytest.mark.parametrize("set_up", [False, True])
def test_what_is_empty_is_to_be_made_and_what_is_right_stays(set_up):
    assert must_migrate(set(), None, set_up)
    assert must_migrate({"alembic_version"}, None, set_up)
    assert not must_migrate(TABLES, NEWEST, set_up)


def test_an_old_one_is_changed_only_by_setup_app():
    with pytest.raises(SettingsError, match=r"older .*`paster setup-app test\.ini`"):
        must_migrate(TABLES, "0000", False)
    assert must_migrate(TABLES, "0000", True)


@pytest.mark.parametrize("set_up", [False, True])
def test_a_new_one_and_somebody_elses_are_left_alone(set_up):
    with pytest.raises(SettingsError, match=r"newer .*`paster setup-app test\.ini`"):
        must_migrate(TABLES, "9999", set_up)
    with pytest.raises(SettingsError, match="none of ChatApp's"):
        must_migrate({"customers"}, None, set_up)


def test_an_old_database_is_brought_up_to_date_with_all_that_it_has(kept, tmp_path):
    kept.append(*entries(1, 3))
    kept.close()
    with closing(sqlite3.connect(tmp_path / "chat.db")) as old:
        for table in ("administrators", "admin_sessions", "audit", "sanctions"):
            old.execute(f"DROP TABLE {table}")
        old.execute("UPDATE alembic_version SET version_num = '0001'")
        old.commit()
    with pytest.raises(SettingsError, match="older"):
        kept.open()
    kept.open(set_up=True)
    assert numbers(kept.all()) == [1, 2, 3]
    assert kept.wait(kept.store.records.administrators()) == []
