"""What controllers share: sessions, refusals, the forms of a message."""

__all__: list[str] = []
