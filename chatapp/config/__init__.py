"""From an ini file to a running application."""

__all__: list[str] = []
