"""Rooms and messages, and the room that everybody begins in."""

from __future__ import annotations

import secrets
import time

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision = None


def upgrade() -> None:
    rooms = op.create_table(
        "rooms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("epoch", sa.String(8), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    room = sa.ForeignKey("rooms.id", ondelete="CASCADE")
    messages = op.create_table(
        "messages",
        sa.Column("room_id", sa.Integer, room, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sender", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "messages_key",
        "messages",
        ["room_id", "key"],
        unique=True,
        sqlite_where=messages.c.key.is_not(None),
        postgresql_where=messages.c.key.is_not(None),
    )
    created = time.time_ns() // 1000
    main = {"name": b"main", "epoch": secrets.token_hex(4), "created": created}
    op.bulk_insert(rooms, [main])
