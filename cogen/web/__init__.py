"""The coroutine WSGI server: HTTP/1.1, PEP 3333, and requests that wait without a thread."""

__all__: list[str] = []
