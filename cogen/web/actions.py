"""``async def`` and generator functions as WSGI applications.

    @action
    async def poll(environ, start_response):
        try:
            message = await queue.get(timeout=10)
        except OperationTimeout:  # or the server is being stopped
            message = b""
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [message]

    @action
    def poll(environ, start_response):
        message = yield queue.get(timeout=10)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [message]

Both park the request at each wait, through any middleware that keeps to PEP 3333. The generator
runs in the request itself; the ``async def`` function in an asyncio task with the request's
context, so that any asyncio library can be used in it, and is cancelled when the client goes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Iterator
from typing import Any

from cogen.web.exchange import Application
from cogen.web.gate import Gate

__all__ = ["action", "complete", "waits"]


def waits(result: object) -> bool:
    """Whether a call gave something that is still to be run: a coroutine or a generator."""
    return inspect.iscoroutine(result) or inspect.isgenerator(result)


def complete(waiting: Any, gate: Gate) -> Generator[bytes, None, Any]:
    """Run it to its end in the request of ``gate``; for ``yield from``, which gives its result."""
    if inspect.iscoroutine(waiting):
        try:
            yield gate.wait(waiting)
        finally:
            if gate.operation is waiting:  # given up before it began; else it has a task
                gate.operation = None
                waiting.close()
        return gate.take()
    try:
        waitable = next(waiting)
        while True:
            yield gate.wait(waitable)
            if gate.exception is not None:
                waitable = waiting.throw(gate.exception[1])
            else:
                waitable = waiting.send(gate.result)
    except StopIteration as stop:
        return stop.value
    finally:
        waiting.close()


def action(function: Callable[..., Any]) -> Application:
    """A WSGI application of a function that waits.

    Args:
        function: called with environ and start_response; an ``async def`` or generator function
            that calls start_response when it likes and returns the body, an iterable of bytes.
    """

    @functools.wraps(function)
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        body = yield from complete(function(environ, start_response), environ["cogen.wsgi"])
        try:
            yield from body or ()
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    return application
