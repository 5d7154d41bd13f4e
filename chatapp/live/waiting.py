"""What a method gave: a value, or something that is still to be waited for."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import Any

from cogen.core.coroutines import CoroutineInstance
from cogen.core.operations import Operation

__all__ = ["wait_for", "waits"]


def waits(result: object) -> bool:
    """It is a generator, a coroutine of any kind, an operation or an asyncio awaitable."""
    return (
        isinstance(result, Operation | CoroutineInstance)
        or inspect.isgenerator(result)
        or inspect.isawaitable(result)
    )


def wait_for(waiting: Any) -> Generator[Any, Any, Any]:
    """``yield from`` it in a coroutine; gives what comes of it."""
    if inspect.isgenerator(waiting):
        return (yield from waiting)
    return (yield waiting)
