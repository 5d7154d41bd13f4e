"""BaseController: a WSGI application whose methods are its actions, as in Pylons.

An action gets a `Request` and gives a `Response`. It may be a generator that yields what the gate
gives (``b""``) where it waits, and *returns* its response; or it raises a `Refusal`.

An answer without an end is begun by `Request.begin`; from then on the action yields its bytes. What
fails after that ends it: a reader comes back, and is told then.

These are for the hot paths: a poll costs no more than it must. Everything else is Pyramid's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from mypy_extensions import mypyc_attr

from chatapp.lib.faults import FAULTS, refused
from chatapp.lib.refusal import Refusal, refused_in_json, wants_json
from chatapp.lib.session import KEY, Session
from cogen.core.coroutines import CoroutineInstance
from cogen.core.events import AddCoro, Join
from cogen.web.gate import Gate

__all__ = ["ACTION", "BaseController", "Request", "Response", "fields"]

T = TypeVar("T")

ACTION: Final = "chatapp.action"  # environ: the action's name, and its arguments by name


def fields(query: str) -> dict[str, str]:
    """A query's fields; the last one of a name counts.

    Raises:
        Refusal: more fields than anybody needs.
    """
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise Refusal(400, "The query has too many fields.") from None


class Request:
    """One request, as an action sees it; a `chatapp.lib.visitor.Visitor`.

    Attributes:
        environ: the WSGI environ.
        gate: by which it waits.
        begun: its answer has begun; see `begin`.
    """

    __slots__ = ("_start_response", "begun", "environ", "gate")

    def __init__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> None:
        self.environ = environ
        self.gate: Gate = environ["cogen.wsgi"]
        self.begun = False
        self._start_response = start_response

    @property
    def session(self) -> Session:
        """Whose it is."""
        session: Session = self.environ[KEY]()
        return session

    @property
    def address(self) -> str:
        """Of who sent it; "" behind a unix socket, unless a proxy that is trusted says it."""
        address: str = self.environ.get("REMOTE_ADDR", "")
        return address

    @property
    def query(self) -> dict[str, str]:
        """The fields of its query; see `fields`."""
        return fields(self.environ["QUERY_STRING"])

    @property
    def wants_json(self) -> bool:
        """It asks for JSON by name."""
        return wants_json(self.environ.get("HTTP_ACCEPT"))

    def wait(self, waitable: Any) -> Generator[bytes, None, Any]:
        """Wait for an operation, a coroutine or an asyncio awaitable; gives what it gives."""
        self.gate.operation = waitable
        yield b""
        return self.gate.take()

    def finish(self, coroutine: CoroutineInstance[T]) -> Generator[bytes, None, T]:
        """As `wait`, for a coroutine that goes on to its end though the connection is dropped."""
        self.gate.operation = AddCoro(coroutine)
        yield b""
        result: T = yield from self.wait(Join(coroutine))
        return result

    def body(self) -> Generator[bytes, None, bytes]:
        """Wait for all of its body, which is there already, unless bodies are streamed."""
        yield self.environ["cogen.input"].whole()
        content: bytes = self.gate.take().read()
        return content

    def begin(self, headers: Iterable[tuple[str, str]]) -> None:
        """Begin an answer whose bytes the action will yield."""
        self._start_response("200 OK", [*headers])
        self.begun = True

    def switch(self) -> None:
        """Let the answer be the beginning of a WebSocket, which `accept` sends."""
        self._start_response("101 Switching Protocols", [])
        self.begun = True

    def from_here(self) -> None:
        """Check that a page of another site did not send it (RFC 6454; Fetch metadata).

        Raises:
            Refusal: it did. What sends neither header (curl) is let through.
        """
        environ = self.environ
        site = environ.get("HTTP_SEC_FETCH_SITE")
        origin = environ.get("HTTP_ORIGIN")
        foreign = site is not None and site not in ("same-origin", "none")
        if origin is not None:
            foreign = foreign or origin.partition("://")[2] != environ.get("HTTP_HOST")
        if foreign:
            raise Refusal(403, "A page of another site cannot do this.")


class Response:
    """What an action gives. Not to be changed: many requests may be given the same.

    Args:
        content_type: "" for a response without a body (204).
        status: code and phrase.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(
        self,
        body: bytes,
        content_type: str,
        *headers: tuple[str, str],
        status: str = "200 OK",
    ) -> None:
        self.status = status
        self.body = body
        self.headers = [
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *headers,
        ]
        if content_type:
            described = ("Content-Type", content_type), ("Content-Length", str(len(body)))
            self.headers = [*described, *self.headers]


@mypyc_attr(allow_interpreted_subclasses=True)
class BaseController:
    """Calls the action that ``environ['chatapp.action']`` names."""

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        name, arguments = environ[ACTION]
        request = Request(environ, start_response)
        return self._run(getattr(self, name), arguments, request, start_response)

    @staticmethod
    def _run(
        action: Callable[..., Any],
        arguments: dict[str, str],
        request: Request,
        start_response: Callable[..., Any],
    ) -> Iterator[bytes]:
        try:
            response = action(request, **arguments)
            if not isinstance(response, Response):
                response = yield from response
            if request.begun:
                return
            status, headers, body = response.status, response.headers, response.body
        except FAULTS as fault:
            if request.begun:
                return
            status, headers, body = refused(fault).render(refused_in_json(request.environ))
        start_response(status, [*headers])  # middleware may change it
        yield body
