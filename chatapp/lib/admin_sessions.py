"""Administrators who have logged in: a token in a cookie, and what the server knows of it.

A token is 256 random bits; the server keeps its digest alone, here and in the store. What is not
known here is no session, so logging out ends it, whoever has copied the cookie.

A session ends by itself after its lifetime, or when it was idle for too long. When it was last used
is not kept: after a restart those that began longer ago than they may be idle are over.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Generator, Sequence
from hashlib import blake2b, sha256
from typing import Any, Final

from chatapp.lib.actor import Actor
from chatapp.model.records import AdminSession, Records
from cogen.core.coroutines import coro

__all__ = ["COOKIE", "AdminSessions", "Login", "csrf_of"]

COOKIE: Final = "chatapp_admin"
MICROSECONDS: Final = 1_000_000


class Login:
    """A session that goes on.

    Attributes:
        name: whose it is.
        digest: of its token.
        csrf: see `csrf_of`.
    """

    __slots__ = ("csrf", "digest", "name")

    def __init__(self, name: str, token: str) -> None:
        self.name = name
        self.digest = _digest(token)
        self.csrf = csrf_of(token)

    def allows(self, csrf: str) -> bool:
        """This is its own."""
        return hmac.compare_digest(csrf.encode("latin-1", "replace"), self.csrf.encode())


class AdminSessions:
    """All of them.

    Args:
        records: keep them.
        standing: those of the process before.
        lifetime: seconds, after which a session ends.
        idle: seconds without a request, after which it ends sooner.
        clock: seconds since the Unix epoch.
    """

    def __init__(
        self,
        records: Records,
        standing: Sequence[AdminSession],
        lifetime: float,
        idle: float,
        clock: Callable[[], float],
    ) -> None:
        self._records = records
        self._lifetime = lifetime
        self._idle = idle
        self._clock = clock
        self._sessions = {each.digest: each for each in standing}
        self._seen = {each.digest: each.created / MICROSECONDS for each in standing}

    def find(self, environ: dict[str, Any]) -> Login | None:
        """The session that a request (its WSGI environ) came with; it is not idle."""
        for pair in environ.get("HTTP_COOKIE", "").split(";"):
            key, _, token = pair.strip().partition("=")
            if key == COOKIE:
                digest = _digest(token)
                session = self._sessions.get(digest)
                if session is not None and not self._over(session):
                    self._seen[digest] = self._clock()
                    return Login(session.name, token)
        return None

    @coro
    def begin(self, actor: Actor) -> Generator[Any, Any, str]:
        """The administrator has shown who it is; gives the token.

        Raises:
            Unavailable: it cannot be kept.
        """
        over = [each.digest for each in self._sessions.values() if self._over(each)]
        if over:
            yield self._records.end(over)
            self._forget(over)
        token = secrets.token_urlsafe(32)
        session = AdminSession(_digest(token), actor.name, actor.time)
        yield self._records.begin(session, actor.note("login"))
        self._sessions[session.digest] = session
        self._seen[session.digest] = self._clock()
        return token

    @coro
    def end(self, login: Login, actor: Actor) -> Generator[Any, Any, None]:
        """It is over, for everybody who has its cookie.

        Raises:
            Unavailable: that cannot be kept, so it is not.
        """
        yield self._records.end([login.digest], actor.note("logout"))
        self._forget([login.digest])

    def cookie(self, token: str, secure: bool) -> str:
        """The value of ``Set-Cookie``; without a token it takes the cookie away.

        Args:
            secure: it came over https, and is to go nowhere else.
        """
        age = f"{self._lifetime:.0f}" if token else "0"
        attributes = f"Path=/; Max-Age={age}; HttpOnly; SameSite=Strict"
        return f"{COOKIE}={token}; {attributes}{'; Secure' if secure else ''}"

    def _over(self, session: AdminSession) -> bool:
        now = self._clock()
        age = now - session.created / MICROSECONDS
        return age >= self._lifetime or now - self._seen[session.digest] >= self._idle

    def _forget(self, digests: Sequence[bytes]) -> None:
        for digest in digests:
            self._sessions.pop(digest, None)
            self._seen.pop(digest, None)


def csrf_of(token: str) -> str:
    """What a session's pages send along with each change, to show that they are ours.

    Who does not know the token cannot know it; and it does not tell the token.
    """
    return blake2b(token.encode("utf-8", "replace"), person=b"chatapp.csrf").hexdigest()[:32]


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
