"""A chat server in which every room is one ordered log, and every client a bounded queue."""

__all__: list[str] = []
