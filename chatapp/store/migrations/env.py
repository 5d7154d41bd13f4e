"""Alembic's entry: applies the changes on the connection that it is given, all or none."""

from __future__ import annotations

from alembic import context

from chatapp.store.schema import metadata

__all__: list[str] = []

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
