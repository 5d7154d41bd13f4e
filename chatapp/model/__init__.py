"""Messages, rooms, clients and names: no HTTP, no storage."""

__all__: list[str] = []
