"""Whether a database's schema is the one that this code knows."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Set
from types import ModuleType
from typing import Final

from cogen.errors import SettingsError

__all__ = ["NEWEST", "migrating", "must_migrate"]

NEWEST: Final = "0002"  # the revision of the newest migration


def must_migrate(tables: Set[str], revision: str | None, set_up: bool) -> bool:
    """False when the schema is as it should be; True when migrations are to make it so.

    Args:
        tables: the names of all that there are.
        revision: what Alembic's table says; None if it says nothing.
        set_up: an old schema may be changed as well, not only an empty database.

    Raises:
        SettingsError: neither; it says what to do.
    """
    if revision == NEWEST:
        return False
    if revision is None:
        if tables - {"alembic_version"}:
            raise SettingsError("the database has tables, but none of ChatApp's making")
        return True
    if revision > NEWEST:
        raise SettingsError(
            f"the database's schema ({revision}) is newer than this ChatApp's ({NEWEST}):"
            " install the ChatApp that made it; its `paster setup-app test.ini` finds all in order"
        )
    if not set_up:
        raise SettingsError(
            f"the database's schema ({revision}) is older than this ChatApp's ({NEWEST}):"
            " make a backup, then run `paster setup-app test.ini`"
        )
    return True


def migrating() -> ModuleType:
    """The module of that name. SQLAlchemy and Alembic take as long as half of all other imports."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it names its plugins
    return importlib.import_module("chatapp.store.migrating")
