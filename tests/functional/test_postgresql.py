"""PostgreSQL keeps what SQLite keeps; and what happens when it goes away."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from pathlib import Path

import pytest
import uvloop
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from chatapp.model.ports import Entry, Unavailable
from chatapp.store import postgresql as module
from chatapp.store.opening import open_store
from chatapp.store.schema import metadata
from chatapp.store.version import NEWEST
from cogen.errors import SettingsError
from tests.chatapp.store.contract import Kept, StoreContract, entries, numbers, said
from tests.chatapp.store.records_contract import RecordsContract
from tests.functional.postgresql import PostgreSQL


@pytest.fixture(scope="module")
def server():
    server = PostgreSQL()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def database(server):
    return server.database()


@pytest.fixture
def url(server, database):
    return server.url(database)


@pytest.fixture
def kept(url, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        kept = Kept(runner, partial(open_store, url, Path("unused")))
        yield kept
        kept.close()


class TestPostgreSQL(StoreContract):
    pass


class TestRecords(RecordsContract):
    pass


def test_the_migrations_make_the_tables_of_the_schema(kept, url):
    async def differences():
        engine = create_async_engine(url.replace("postgresql", "postgresql+asyncpg", 1))
        async with engine.connect() as connection:
            found = await connection.run_sync(
                lambda it: compare_metadata(MigrationContext.configure(it), metadata)
            )
        await engine.dispose()
        return found

    assert asyncio.run(differences()) == []


def refused(url, **options):
    with pytest.raises(SettingsError) as info:
        open_store(url, Path("unused"), **options)
    assert str(info.value).startswith("sqlalchemy.url: ")
    assert "\n" not in str(info.value)
    return str(info.value)


def test_an_older_schema_waits_for_setup_app_and_a_newer_one_is_left_alone(kept, server, database):
    kept.close()
    server.execute(database, "UPDATE alembic_version SET version_num = '0000'")
    assert "`paster setup-app test.ini`" in refused(server.url(database))
    server.execute(database, "UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in refused(server.url(database), set_up=True)
    server.execute(database, f"UPDATE alembic_version SET version_num = '{NEWEST}'")
    kept.open()


def test_an_old_database_is_brought_up_to_date_with_all_that_it_has(kept, server, database):
    kept.append(*entries(1, 3))
    kept.close()
    for table in ("admin_sessions", "administrators", "audit", "sanctions"):
        server.execute(database, f"DROP TABLE {table}")
    server.execute(database, "UPDATE alembic_version SET version_num = '0001'")
    assert "older" in refused(server.url(database))
    kept.open(set_up=True)
    assert numbers(kept.all()) == [1, 2, 3]
    assert kept.wait(kept.store.records.administrators()) == []


def test_a_set_up_that_fails_leaves_nothing_half_made(server, database):
    server.execute(database, "CREATE TABLE alembic_version (x INT)")
    server.execute(database, "ALTER TABLE alembic_version ADD version_num VARCHAR(32)")
    server.execute(database, "ALTER TABLE alembic_version ALTER x SET NOT NULL")
    assert "cannot set up the database" in refused(server.url(database))
    server.execute(database, "CREATE TABLE rooms (none INT)")  # there is none
    assert "none of ChatApp's making" in refused(server.url(database))


def test_a_bad_url_is_told_without_its_password(server):
    for url in (
        f"postgresql://chat:hidden@127.0.0.1:{server.port}/nowhere",
        "postgresql://chat:hidden@127.0.0.1:1/chat",
        "postgresql://chat:hid/hidden@127.0.0.1/chat",
        "postgresql://chat:hidden@[::1/chat",
        "postgresql://chat@127.0.0.1:hidden/chat",
    ):
        assert "hidden" not in refused(url)
    assert '"nowhere" does not exist' in refused(server.url("nowhere"))


@pytest.mark.parametrize("durability", ["process", "power"])
def test_with_power_the_servers_own_setting_does_not_count(kept, server, database, durability):
    server.execute("postgres", f"ALTER DATABASE {database} SET synchronous_commit = off")
    kept.reopen(durability=durability)
    kept.append(*entries(1, 1))

    async def setting():
        return await kept.store._writer.fetchval("SHOW synchronous_commit")

    assert kept._runner.run(setting()) == ("on" if durability == "power" else "off")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_goes_away_and_comes_back(kept, server, how, caplog):
    kept.append(*entries(1, 100))
    server.stop(how)
    try:
        for _ in range(3):
            with pytest.raises(Unavailable, match=r"does not (answer|work)"):
                kept.append(*entries(101, 200))
            with pytest.raises(Unavailable, match=r"does not (answer|work)"):
                kept.all()
        assert caplog.text.count("nothing can be kept") == 1
    finally:
        server.start()
    kept.append(*entries(101, 102))
    assert numbers(kept.all()) == list(range(1, 103))
    assert caplog.text.count("over: nothing can be kept") == 1


def test_a_table_that_is_locked(kept, url):
    kept.append(*entries(1, 3))

    async def other():
        connection = await module.asyncpg.connect(url)
        await connection.execute("BEGIN; LOCK TABLE messages")
        return connection

    holder = kept._runner.run(other())
    with pytest.raises(Unavailable, match="locked by another program"):
        kept.append(*entries(4, 5))
    kept._runner.run(holder.close())
    kept.append(*entries(4, 5))
    assert numbers(kept.all()) == [1, 2, 3, 4, 5]


def test_what_can_only_be_read(kept, server, database):
    kept.append(*entries(1, 3))
    server.execute("postgres", f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    kept.reopen()
    with pytest.raises(Unavailable, match="can only be read"):
        kept.append(*entries(4, 5))
    assert numbers(kept.all()) == [1, 2, 3]
    server.execute("postgres", f"ALTER DATABASE {database} SET default_transaction_read_only = off")
    kept.append(*entries(4, 5))
    assert numbers(kept.all()) == [1, 2, 3, 4, 5]


class LostAnswer:
    """A connection whose server does what it is asked, and is then heard no more."""

    def __init__(self, connection, error=None):
        self._connection = connection
        self._error = error
        self.done = asyncio.Event()

    def __getattr__(self, name):
        return getattr(self._connection, name)

    async def execute(self, *args):
        await self._connection.execute(*args)
        self.done.set()
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()


def test_what_was_done_without_an_answer_is_undone(kept):
    kept.append(*entries(1, 3))
    kept.store._writer = LostAnswer(kept.store._writer, ConnectionResetError())
    with pytest.raises(Unavailable, match="does not answer"):
        kept.append(*entries(4, 6), Entry(said(7), "key"))
    kept.append(Entry(said(4, "another"), "key"))
    assert [each.text for each in kept.all()] == ["hello 1", "hello 2", "hello 3", "another"]


def test_a_write_that_is_given_up_is_undone(kept):
    kept.append(*entries(1, 3))
    kept.store._writer = silent = LostAnswer(kept.store._writer)

    async def give_up():
        task = asyncio.ensure_future(asyncio.wait_for(kept.store.append(entries(4, 10)), 10))
        await silent.done.wait()
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert kept._runner.run(give_up())
    kept.append(Entry(said(4, "another")))
    assert [each.text for each in kept.all()] == ["hello 1", "hello 2", "hello 3", "another"]
