"""Sessions: an id and a name in a signed cookie, nothing on the server.

A cookie is verified once, not once a poll: what was verified is remembered by the cookie's value.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from itsdangerous import BadData, URLSafeSerializer

from cogen.web.exchange import Application

__all__ = ["KEY", "Session", "SessionMiddleware"]

KEY: Final = "chatapp.session"
COOKIE: Final = "chatapp"
LIFETIME: Final = 30 * 24 * 3600  # seconds
REMEMBERED: Final = 65_536  # cookies


class Session:
    """Whose request this is.

    Attributes:
        id: 32 hexadecimal digits that nobody can guess.
        name: the name it chose, or "".
        given: what it is called without one; "" for a short name out of its id.
        new: it began with this request, which brought none.
        changed: the client is to be told.
    """

    __slots__ = ("changed", "given", "id", "name", "new")

    def __init__(self, id: str = "", name: str = "", given: str = "") -> None:
        self.new = self.changed = not id
        self.id = id or secrets.token_hex(16)
        self.name = name
        self.given = given

    def rename(self, name: str) -> None:
        """Choose a name."""
        if name != self.name:
            self.name = name
            self.changed = True

    def short_name(self, length: int = 6) -> str:
        """What it is called without a name: short, hexadecimal."""
        return self.id[:length].upper()


class SessionMiddleware:
    """Puts the `Session` into ``environ['chatapp.session']``, and sets the cookie when it changed.

    A session of which no action asked anything leaves no cookie: the key holds a function then.

    Args:
        application: what is served.
        secret: signs the cookies.
        clock: seconds since the Unix epoch.
    """

    def __init__(
        self, application: Application, secret: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._application = application
        self._clock = clock
        self._serializer = URLSafeSerializer(secret, salt="chatapp.session")
        self._verified = lru_cache(maxsize=REMEMBERED)(self._verify)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        session = _Lazy(self, environ, start_response)
        environ[KEY] = session.load
        return self._application(environ, session.start_response)

    def load(self, header: str | None) -> Session:
        """The session of a ``Cookie`` header; a new one if there is none that holds."""
        for pair in header.split(";") if header is not None else ():
            key, _, value = pair.partition("=")
            if key.strip() != COOKIE:
                continue
            try:
                id, name, issued = self._verified(value.strip())
            except (BadData, ValueError, TypeError):
                continue
            age = self._clock() - issued
            if age < LIFETIME:
                session = Session(id, name)
                session.changed = age > LIFETIME / 2
                return session
        return Session()

    def cookie(self, session: Session, secure: bool) -> str:
        """The value of ``Set-Cookie``."""
        value = self._serializer.dumps([session.id, session.name, int(self._clock())])
        if not isinstance(value, str):
            value = value.decode("ascii")
        attributes = f"Path=/; Max-Age={LIFETIME}; HttpOnly; SameSite=Lax"
        return f"{COOKIE}={value}; {attributes}{'; Secure' if secure else ''}"

    def _verify(self, value: str) -> tuple[str, str, float]:
        """What a cookie holds. Raises for one that is not ours: only what holds is remembered."""
        id, name, issued = self._serializer.loads(value)
        return str(id), str(name), float(issued)


class _Lazy:
    """The session of one request, once it is asked for.

    It stands in the environ, so it does not hold it: no circle, for the collector to find.
    """

    __slots__ = ("_cookie", "_middleware", "_secure", "_session", "_start_response")

    def __init__(
        self,
        middleware: SessionMiddleware,
        environ: dict[str, Any],
        start_response: Callable[..., Any],
    ) -> None:
        self._middleware = middleware
        self._cookie: str | None = environ.get("HTTP_COOKIE")
        self._secure = environ["wsgi.url_scheme"] == "https"
        self._start_response = start_response
        self._session: Session | None = None

    def load(self) -> Session:
        session = self._session
        if session is None:
            session = self._session = self._middleware.load(self._cookie)
        return session

    def start_response(self, status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
        session = self._session
        if session is not None and session.changed:
            session.changed = False
            cookie = self._middleware.cookie(session, self._secure)
            headers = [*headers, ("Set-Cookie", cookie)]
        return self._start_response(status, headers, *exc_info)
