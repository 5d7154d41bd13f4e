"""Who fixes the order of what is said."""

__all__: list[str] = []
