"""The changes. The newest revision is `chatapp.store.version.NEWEST`."""

__all__: list[str] = []
