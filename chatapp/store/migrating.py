"""Brings a database to the newest schema. Only imported when there is something to do."""

from __future__ import annotations

import logging
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from cogen.errors import SettingsError

__all__ = ["migrate_postgresql", "migrate_sqlite"]

log = logging.getLogger(__name__)


def migrate_sqlite(path: Path) -> None:
    """All or nothing; makes the file if there is none.

    Raises:
        SettingsError: it cannot be done.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"isolation_level": None},  # or Python ends transactions as it likes
        poolclass=NullPool,
    )
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            _upgrade(connection)
    except SQLAlchemyError as error:
        raise SettingsError(f"cannot set up the database: {_reason(error)}") from error


async def migrate_postgresql(url: str) -> None:
    """All or nothing.

    Raises:
        SettingsError: it cannot be done.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
    except SQLAlchemyError as error:
        raise SettingsError(f"cannot set up the database: {_reason(error)}") from error


def _upgrade(connection: Connection) -> None:
    log.info("the database is being set up")
    config = Config()
    config.set_main_option("script_location", "chatapp.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _reason(error: SQLAlchemyError) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())
