"""Ways into the chat that are no HTTP."""

__all__: list[str] = []
