"""Who may do what, and how often."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Callable
from typing import Final

from chatapp.lib.base import Request
from chatapp.lib.refusal import Refusal
from chatapp.lib.visitor import Visitor
from chatapp.model.rates import Rates, network
from cogen.web.forwarded import TrustedPeers

__all__ = ["Administrator", "Inspector", "Limit"]

BURST: Final = 5.0  # at once, and seconds' worth of it
CROWD: Final = 10  # people behind one address


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
            seconds = str(math.ceil(wait))
            raise Refusal(429, "That was too often; wait a little.", ("Retry-After", seconds))


class Administrator:
    """Who knows the token: ``Authorization: Bearer <token>`` (RFC 6750).

    Args:
        token: "" when there is no administrator.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    @property
    def exists(self) -> bool:
        """Somebody can be it."""
        return bool(self._token)

    def check(self, request: Request) -> None:
        """It is the administrator's request.

        Raises:
            Refusal: it is not, or a page of another site sent it.
        """
        request.from_here()
        scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            challenge = "Bearer"
        elif self._token and hmac.compare_digest(token.strip().encode("latin-1"), self._token):
            return
        else:
            challenge = 'Bearer error="invalid_token"'
        detail = "This is the administrator's, who has the token chat.admin_token."
        raise Refusal(401, detail, ("WWW-Authenticate", challenge))


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
        elif self._administrator.exists:
            self._administrator.check(request)
        else:
            raise Refusal(403, "This is for the addresses that chat.status_from lists.")
