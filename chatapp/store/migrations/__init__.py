"""How the schema came to be: one module for each change, applied in order by Alembic."""

__all__: list[str] = []
