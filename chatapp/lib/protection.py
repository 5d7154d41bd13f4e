"""Who may do what, and how often."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Callable
from typing import Final

from chatapp.lib.actor import Actor
from chatapp.lib.admin_sessions import AdminSessions, Login
from chatapp.lib.base import Request
from chatapp.lib.refusal import Refusal
from chatapp.lib.visitor import Visitor
from chatapp.model.rates import Rates, network
from cogen.web.forwarded import TrustedPeers

__all__ = ["Administrator", "Inspector", "Limit", "proven", "too_often"]

BURST: Final = 5.0  # at once, and seconds' worth of it
CROWD: Final = 10  # people behind one address
SAFE: Final = ("GET", "HEAD")  # change nothing
PROGRAM: Final = "chat.admin_token"  # what a program is called


class Limit:
    """How often one thing may be done: by a session, and ten times that from one network.

    A session counts only when its cookie came with the request: whoever sends none is a new one
    each time. Who has no address is limited by session alone.

    Args:
        rate: times a second; 0 for no limit.
        clock: seconds, never going back.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        burst = max(BURST, BURST * rate)
        self._limited = rate > 0
        self._sessions = Rates(rate, burst, clock)
        self._networks = Rates(CROWD * rate, CROWD * burst, clock)

    def check(self, visitor: Visitor) -> None:
        """It is being done once more.

        Raises:
            Refusal: too often (429), with the time to wait.
        """
        if not self._limited:
            return
        session, address = visitor.session, visitor.address
        wait = 0.0 if session.new else self._sessions.take(session.id)
        if not wait and address:
            wait = self._networks.take(network(address))
        if wait:
            raise too_often(wait)


def too_often(wait: float) -> Refusal:
    """For who is to wait, in seconds."""
    again = "Retry-After", str(math.ceil(wait))
    return Refusal(429, "That was too often; wait a little.", again)


class Administrator:
    """Who has logged in; or a program that knows the token: ``Authorization: Bearer <token>`` (RFC
    6750).

    A browser sends its cookies whoever makes it do so. So a change by a session needs more: the
    header ``X-CSRF-Token``, which other sites' pages do not know and cannot send.

    Args:
        token: "" when no program is administrator.
        sessions: of those who have logged in; None when nobody can.
        clock: seconds since the Unix epoch.
    """

    def __init__(
        self,
        token: str,
        sessions: AdminSessions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._token = token.encode()
        self._sessions = sessions
        self._clock = clock

    def check(self, request: Request) -> Actor:
        """It is an administrator's request; gives whose.

        Raises:
            Refusal: it is not, or a page of another site sent it.
        """
        request.from_here()
        # A proxy in front may want another scheme of its own; that is not for us.
        scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        program = scheme.lower() == "bearer"
        login = self._sessions.find(request.environ) if self._sessions and not program else None
        if login is not None:
            if request.environ["REQUEST_METHOD"] not in SAFE:
                proven(request, login)
            return self.actor(request, login.name)
        if not program:
            challenge = "Bearer"
        elif self._token and hmac.compare_digest(token.strip().encode("latin-1"), self._token):
            return self.actor(request, PROGRAM)
        else:
            challenge = 'Bearer error="invalid_token"'
        detail = "This is the administrator's, who has logged in or has the token chat.admin_token."
        raise Refusal(401, detail, ("WWW-Authenticate", challenge))

    def actor(self, request: Request, name: str) -> Actor:
        """Somebody of this name, in this request."""
        return Actor(name, request.address, int(self._clock() * 1_000_000))


class Inspector:
    """Who may look inside: the administrator, and whoever comes from a listed address.

    Args:
        administrator: who that is.
        listed: the addresses.
    """

    def __init__(self, administrator: Administrator, listed: TrustedPeers) -> None:
        self._administrator = administrator
        self._listed = listed

    def check(self, request: Request) -> None:
        """It is such a one's request.

        Raises:
            Refusal: it is not, or a page of another site sent it.
        """
        if self._listed.peer(request.address):
            request.from_here()
        else:
            self._administrator.check(request)


def proven(request: Request, login: Login) -> None:
    """Check that a page of this session sent it.

    Raises:
        Refusal: it does not say what only such a page knows.
    """
    if not login.allows(request.environ.get("HTTP_X_CSRF_TOKEN", "")):
        raise Refusal(403, "The header X-CSRF-Token is not this session's; log in again.")
