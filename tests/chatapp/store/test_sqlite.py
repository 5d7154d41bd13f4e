"""SQLite: what every store does, and what only this one has to bear."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import threading
from contextlib import closing, contextmanager
from functools import partial

import pytest

from chatapp.model.ports import Entry, Unavailable
from chatapp.store import sqlite as module
from tests.chatapp.store.contract import StoreContract, entries, numbers, said
from tests.chatapp.store.records_contract import RecordsContract


class TestSQLite(StoreContract):
    pass


class TestRecords(RecordsContract):
    pass


def pragma(kept, name):
    """What the writer's own connection says."""
    return kept.store._writing.run(lambda it: it.execute(f"PRAGMA {name}").fetchone()[0])


@pytest.mark.parametrize(("durability", "synchronous"), [("process", 1), ("power", 2)])
def test_the_log_is_synced_as_often_as_was_asked(kept, durability, synchronous):
    kept.reopen(durability=durability)
    assert pragma(kept, "synchronous") == synchronous
    assert pragma(kept, "journal_mode") == "wal"


@contextmanager
def other_program(tmp_path):
    """Another program holds the database's lock."""
    with closing(sqlite3.connect(tmp_path / "chat.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def small_files(tmp_path):
    """No file can grow beyond what the database's log has now."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / "chat.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def connecting(kept, change):
    """New connections are changed so; for faults that only the superuser can make for real."""
    real = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(change, real))
        kept.reopen()
        yield


def full(real, *args, **options):
    connection = real(*args, **options)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    return connection


def read_only(real, target, **options):
    return real(str(target).replace("mode=rw", "mode=ro"), **options)


FAULTS = {
    "locked": (lambda kept, path: other_program(path), "locked by another program"),
    "file size": (lambda kept, path: small_files(path), "cannot be read or written"),
    "full": (lambda kept, path: connecting(kept, full), "disk is full"),
    "read-only": (lambda kept, path: connecting(kept, read_only), "can only be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_unavailable_changes_nothing_and_passes(
    kept, tmp_path, fault, monkeypatch, caplog
):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    make, sentence = FAULTS[fault]
    kept.reopen()
    kept.append(*entries(1, 100))
    with make(kept, tmp_path):
        for _ in range(3):
            with pytest.raises(Unavailable, match=sentence) as info:
                kept.append(*(Entry(said(n, "x" * 8000)) for n in range(101, 200)))
            assert str(tmp_path) not in str(info.value)
        assert numbers(kept.all()) == list(range(1, 101))  # old messages can still be read
        assert caplog.text.count("nothing can be kept") == 1
    kept.append(*entries(101, 102))
    assert numbers(kept.all()) == list(range(1, 103))
    assert caplog.text.count("over: nothing can be kept") == 1


def test_a_file_that_is_gone_is_not_replaced_by_an_empty_one(kept, tmp_path):
    kept.append(*entries(1, 3))
    kept.store._reading.close()
    kept.store._writing.close()  # as after an error
    (tmp_path / "chat.db").rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="cannot be opened"):
        kept.append(*entries(4, 4))
    with pytest.raises(Unavailable, match="cannot be opened"):
        kept.all()
    (tmp_path / "elsewhere").rename(tmp_path / "chat.db")
    kept.append(*entries(4, 4))
    assert numbers(kept.all()) == [1, 2, 3, 4]


def test_a_damaged_file_is_unavailable(kept, tmp_path):
    kept.append(*entries(1, 3))
    kept.store._reading.close()
    kept.store._writing.close()
    (tmp_path / "chat.db").write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match="damaged"):
        kept.all()


def test_neither_the_loop_nor_a_reader_waits_for_a_writer(kept):
    kept.append(*entries(1, 3))
    held, free = threading.Event(), threading.Event()

    def hold(connection):
        held.set()
        assert free.wait(10)

    async def main():
        writing = asyncio.ensure_future(asyncio.wait_for(kept.store._writing.call(hold), 10))
        while not held.is_set():
            await asyncio.sleep(0)
        page = await kept.store.after(1, 0, 10, 1000)
        free.set()
        await writing
        return page

    assert numbers(kept._runner.run(main()).messages) == [1, 2, 3]


def test_a_page_is_read_no_further_than_it_goes(kept):
    """A thousand messages of 8 KB are not read for a page of one."""
    kept.append(*(Entry(said(n, "x" * 8000)) for n in range(1, 1001)))
    steps = []

    def counted(connection):
        connection.set_progress_handler(lambda: steps.append(1) and None, 10)
        page = module._after(connection, 1, 0, 1000, 8000)
        connection.set_progress_handler(None, 0)
        return page

    assert len(kept.store._reading.run(counted).messages) == 1
    assert len(steps) < 100


def test_keys_are_found_by_their_index(kept):
    plan = kept.store._reading.run(
        lambda it: it.execute(
            "EXPLAIN QUERY PLAN WITH wanted (room_id, key) AS (VALUES (?, ?))" + module._FIND,
            (1, b"key"),
        ).fetchall()
    )
    assert "USING INDEX messages_key" in " ".join(row[-1] for row in plan)
