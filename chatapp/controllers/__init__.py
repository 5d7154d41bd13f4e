"""What the web sees: the chat's actions and the pages."""

__all__: list[str] = []
