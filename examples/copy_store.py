"""Copies what a chat keeps from SQLite into PostgreSQL, while neither is served.

python copy_store.py data/chat.db postgresql://user:password@host/database
"""

import asyncio
import sys

from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from chatapp.store.schema import metadata


async def copy(source, target):
    url = make_url(target).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url)
    # All or nothing.
    with create_engine(f"sqlite:///{source}").connect() as old:
        async with engine.begin() as new:
            for table in reversed(metadata.sorted_tables):
                await new.execute(table.delete())
            for table in metadata.sorted_tables:
                rows = old.execute(select(table)).mappings()
                for part in rows.partitions(1000):
                    await new.execute(table.insert(), [dict(row) for row in part])
            # No number is given a second time, not even of what has been removed since.
            for name, number in old.execute(text("SELECT name, seq FROM sqlite_sequence")):
                sequence = func.pg_get_serial_sequence(name, "id")
                await new.execute(select(func.setval(sequence, number)))
    await engine.dispose()


asyncio.run(copy(*sys.argv[1:]))
