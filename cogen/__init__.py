"""Coroutines, queues and a coroutine WSGI server: the rebirth of cogen 0.2.1 on Python 3."""

__all__: list[str] = []
