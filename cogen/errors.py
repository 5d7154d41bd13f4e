"""Every exception of cogen, as one tree.

CogenError
├── OperationTimeout          a wait ended by its timeout (also a TimeoutError)
│   └── ServerClosing         a wait ended because the server goes down
├── OperationMisuse           an operation started twice, or taken before it has a result
├── CoroutineCancelled        the coroutine that was joined had been cancelled
├── ConnectionClosed          the other side of a WebSocket or a terminal is gone; carries the code
├── Full, Empty               of a queue (also the standard library's of that name)
├── SettingsError             a setting that is unknown or has a bad value
├── LifecycleError            an event that the request's state does not allow
└── HTTPError                 ends in a response; carries its status
    ├── RequestError          the client is at fault: 4xx, 501, 505; its body cannot be kept: 503
    │   └── BodyError         a thread reads a body that broke off (also an OSError, as of a file)
    └── ApplicationError      the WSGI application is at fault: 500
"""

import queue

__all__ = [
    "ApplicationError",
    "BodyError",
    "CogenError",
    "ConnectionClosed",
    "CoroutineCancelled",
    "Empty",
    "Full",
    "HTTPError",
    "LifecycleError",
    "OperationMisuse",
    "OperationTimeout",
    "RequestError",
    "ServerClosing",
    "SettingsError",
]


class CogenError(Exception):
    """Root of the tree."""


class OperationTimeout(CogenError, TimeoutError):
    """The operation's ``timeout`` ran out. The only argument is the operation."""


class ServerClosing(OperationTimeout):
    """The server is being stopped: who waits is to answer now, as at a timeout."""


class OperationMisuse(CogenError, RuntimeError):
    """A driver or a caller broke the operation's protocol."""


class CoroutineCancelled(CogenError):
    """Raised to whoever joins a coroutine that was cancelled. The argument is the coroutine."""


class ConnectionClosed(CogenError):
    """Nothing more comes from the other side, and nothing can be sent to it.

    Args:
        code: why, as RFC 6455 7.4 numbers it; 1006 when its end was not announced.
        reason: a few words of who closed it, or "".
    """

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Full(CogenError, queue.Full):
    """``put_nowait`` on a queue that holds ``maxsize`` items."""


class Empty(CogenError, queue.Empty):
    """``get_nowait`` on a queue that has nothing to give."""


class SettingsError(CogenError, ValueError):
    """One line that names the setting and says what is wrong with it."""


class LifecycleError(CogenError, RuntimeError):
    """An event came in a state that has no place for it; nothing was changed."""


class HTTPError(CogenError):
    """An error that is answered with a response.

    Args:
        status: the status code to answer with.
        detail: one sentence for the other side; never holds internals.
        headers: more lines of the response's head, e.g. ``Upgrade``.
    """

    def __init__(self, status: int, detail: str, *headers: tuple[str, str]) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.headers = headers


class RequestError(HTTPError):
    """What the client sent cannot be served. The connection closes after the answer."""


class BodyError(RequestError, OSError):
    """A blocking read of a body that broke off, or broke a limit."""


class ApplicationError(HTTPError):
    """The WSGI application broke PEP 3333. ``detail`` goes to the log, not to the client."""

    def __init__(self, detail: str) -> None:
        super().__init__(500, detail)
