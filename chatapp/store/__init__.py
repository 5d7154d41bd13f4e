"""Keeps rooms and messages: SQLite in a file, or PostgreSQL."""

__all__: list[str] = []
