"""Operations, coroutines, queues and the scheduler: no web, no chat.

A WSGI application reaches these modules as ``environ['cogen.core']``.
"""

from cogen.core import coroutines, events, pubsub, queue, schedulers

__all__ = ["coroutines", "events", "pubsub", "queue", "schedulers"]
