"""What an application finds in ``environ['cogen.*']``: the third of the three drivers, its handle.

    cogen.wsgi    the `Gate`: operation to wait for; result, exception of the last one
    cogen.call    environ['cogen.call'](function)(*args): what it returns is waited for
    cogen.core    the modules of cogen.core: environ['cogen.core'].events.Sleep(1) is waited for
    cogen.yield   environ['cogen.yield'](waitable): that is waited for
    cogen.input   the body, while it comes: read(n), readline(n) are waited for

Each gives ``b""``, which the application yields; when it goes on, the result is in ``cogen.wsgi``:

    yield environ['cogen.call'](queue.get)(timeout=10)
    message = environ['cogen.wsgi'].take()
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any, Final

from msgspec import Struct

import cogen.core
from cogen.core.coroutines import CoroutineInstance
from cogen.core.operations import Operation
from cogen.web.body import Body
from cogen.web.receipt import Receipt

__all__ = ["Core", "Gate", "Input", "install"]

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_WAITABLE: Final = (Operation, CoroutineInstance)


class Gate:
    """``environ['cogen.wsgi']``.

    Attributes:
        operation: set it, then yield ``b""``: the request is parked until it has an outcome. An
            operation, a coroutine or an asyncio awaitable.
        result: of the last operation; the exception itself if it failed (as in the original).
        exception: ``sys.exc_info()`` of the last operation, or None.
        receipt: whether the answer arrived, once it is written; see `cogen.web.receipt`.
        closing: the server goes down: an answer that has no end of its own is to end now.
        server: the `cogen.web.service.Service`: its ``statistics()``; its ``closing``, also for
            requests that begin when it goes down.
    """

    __slots__ = ("closing", "exception", "operation", "receipt", "result", "server")

    def __init__(self, server: Any = None) -> None:
        self.operation: Any = None
        self.result: Any = None
        self.exception: ExcInfo | None = None
        self.receipt: Receipt | None = None
        self.closing = False
        self.server = server

    def take(self) -> Any:
        """The last operation's result; raises its exception if it failed."""
        if self.exception is None:
            return self.result
        try:
            raise self.exception[1]
        finally:
            del self  # the error's traceback keeps this frame, and the gate the error: no circle

    def fail(self, error: BaseException) -> None:
        """The server's call: the operation failed."""
        self.result, self.exception = error, (type(error), error, error.__traceback__)

    def clear(self) -> None:
        """The server's call: the request is over, and so is what its last operation gave."""
        self.operation = self.result = self.exception = None

    def call(self, function: Callable[..., Any]) -> Callable[..., bytes]:
        """``environ['cogen.call']``."""

        def called(*args: Any, **kwargs: Any) -> bytes:
            return self.wait(function(*args, **kwargs))

        return called

    def wait(self, waitable: Any) -> bytes:
        """``environ['cogen.yield']``. What cannot be waited for is the result itself."""
        if isinstance(waitable, _WAITABLE) or hasattr(waitable, "__await__"):
            self.operation = waitable
        else:
            self.operation, self.result, self.exception = None, waitable, None
        return b""


class Core(Struct):
    """``environ['cogen.core']``: a module of cogen.core whose callables go through the gate.

    A Struct, as `Input`, for it is made for every request, and a Struct's constructor is C.
    """

    _gate: Gate
    _module: Any = cogen.core

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, ModuleType):
            return Core(self._gate, found)
        if isinstance(found, type) and issubclass(found, BaseException):
            return found  # to be caught, not waited for
        return self._gate.call(found) if callable(found) else found


class Input(Struct):
    """``environ['cogen.input']``: `Body.read` and `Body.readline` through the gate."""

    _gate: Gate
    _body: Body

    @property
    def complete(self) -> bool:
        """The whole body is there."""
        return self._body.complete

    def whole(self, timeout: float | None = None) -> bytes:
        """Wait for the whole body; gives it as a file (what ``wsgi.input`` is elsewhere)."""
        return self._gate.wait(self._body.whole(timeout))

    def read(self, size: int = -1, timeout: float | None = None) -> bytes:
        """Wait for what there is, at most ``size`` bytes, or the rest; ``b""`` at the end."""
        return self._gate.wait(self._body.read(size, timeout))

    def readline(self, size: int = -1, timeout: float | None = None) -> bytes:
        """Wait for a line with its end, at most ``size`` bytes of it."""
        return self._gate.wait(self._body.readline(size, timeout))


def install(environ: dict[str, Any], gate: Gate, body: Body) -> None:
    """Put the keys into the environ."""
    environ["cogen.wsgi"] = gate
    environ["cogen.call"] = gate.call
    environ["cogen.yield"] = gate.wait
    environ["cogen.core"] = Core(gate)
    environ["cogen.input"] = Input(gate, body)
