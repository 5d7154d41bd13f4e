"""The tables, as they are after the newest migration.

What people write (names, keys, texts) is kept as UTF-8 in columns of bytes: PostgreSQL's text holds
no NUL, and compares by a language's rules. A room's end is its largest ``seq``, so a room's newest
message is never trimmed; and its id is not given again after it is gone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

__all__ = ["messages", "metadata", "rooms"]

metadata = MetaData()

rooms = Table(
    "rooms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", LargeBinary, nullable=False, unique=True),
    Column("epoch", String(8), nullable=False),
    Column("created", BigInteger, nullable=False),  # microseconds since the Unix epoch
    sqlite_autoincrement=True,
)

messages = Table(
    "messages",
    metadata,
    Column("room_id", Integer, ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),  # microseconds since the Unix epoch
    Column("kind", String(16), nullable=False),
    Column("sender", LargeBinary, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("key", LargeBinary),
    sqlite_with_rowid=False,  # what is read together lies together
)

# Most messages have no key, and cost it nothing.
Index(
    "messages_key",
    messages.c.room_id,
    messages.c.key,
    unique=True,
    sqlite_where=messages.c.key.is_not(None),
    postgresql_where=messages.c.key.is_not(None),
)
