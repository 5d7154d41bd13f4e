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

__all__ = [
    "admin_sessions",
    "administrators",
    "audit",
    "messages",
    "metadata",
    "rooms",
    "sanctions",
]

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

administrators = Table(
    "administrators",
    metadata,
    Column("name", LargeBinary, primary_key=True),
    Column("password", String(255), nullable=False),  # its hash, with what it was made by
    Column("created", BigInteger, nullable=False),
)

admin_sessions = Table(
    "admin_sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # of the cookie's token
    Column(
        "name",
        LargeBinary,
        ForeignKey("administrators.name", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("created", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("who", LargeBinary, nullable=False),
    Column("address", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("target", LargeBinary, nullable=False),
    Column("details", LargeBinary, nullable=False),  # JSON
    sqlite_autoincrement=True,
)

sanctions = Table(
    "sanctions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("room_id", Integer, ForeignKey("rooms.id", ondelete="CASCADE")),  # NULL for all
    Column("session", LargeBinary, nullable=False),  # a digest of its id
    Column("network", String(64), nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("who", LargeBinary, nullable=False),
    Column("why", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
