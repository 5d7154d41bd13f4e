"""How one becomes an administrator, and ceases to be one: ``/admin/login`` and so on."""

from __future__ import annotations

import logging
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Generator
from typing import Any, Final

import msgspec

from chatapp.lib.admin_sessions import AdminSessions, csrf_of
from chatapp.lib.answering import JSON, TEXT
from chatapp.lib.base import BaseController, Request, Response
from chatapp.lib.body import json_body
from chatapp.lib.json import encode
from chatapp.lib.passwords import Verifier
from chatapp.lib.protection import Administrator, proven, too_often
from chatapp.lib.refusal import Refusal
from chatapp.lib.schemas import Credentials
from chatapp.model.names import same_name, visible
from chatapp.model.rates import Rates, network
from chatapp.model.records import Records

__all__ = ["AdminController"]

LONGEST: Final = 16_384  # bytes of a body: both fields at their longest, every letter escaped

# Tries to log in: at once, and seconds until there is one more. Those of one name may come from
# many networks; but who has many must not keep an administrator out, so they do not count where
# that one has logged in before.
OF_NETWORK: Final = (5.0, 30.0)
OF_NAME: Final = (20.0, 10.0)
HOMES: Final = 1000  # that are remembered

# Refused logins that the audit log takes, by everybody together: it is not to grow as a stranger
# likes.
NOTED: Final = (500.0, 10.0)

log = logging.getLogger(__name__)

_credentials: Final = msgspec.json.Decoder(Credentials)


class AdminController(BaseController):
    """Login, logout, and who one is.

    Whoever is not there is answered as who has another password: the same, and as late.

    Args:
        records: know the administrators.
        passwords: by which they are known.
        sessions: of those who have logged in.
        administrator: who they are.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        records: Records,
        passwords: Verifier,
        sessions: AdminSessions,
        administrator: Administrator,
        clock: Callable[[], float],
    ) -> None:
        self._records = records
        self._passwords = passwords
        self._sessions = sessions
        self._administrator = administrator
        self._networks, self._names, self._noted = (
            Rates(1 / interval, burst, clock) for burst, interval in (OF_NETWORK, OF_NAME, NOTED)
        )
        self._homes: OrderedDict[tuple[str, str], None] = OrderedDict()

    def page(self, request: Request) -> Response:
        """``GET /admin/login``: 303 to where a person logs in."""
        return Response(b"See /admin/.\r\n", TEXT, ("Location", "./"), status="303 See Other")

    def login(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /admin/login``: 200 with the name and the CSRF token, and a cookie."""
        request.from_here()
        body = yield from request.body()
        given = json_body(request.environ, body, _credentials, LONGEST)
        name = unicodedata.normalize("NFC", given.name.strip())
        place = network(request.address)
        self._pace(self._networks, place)
        home = name, place
        if home not in self._homes:
            self._pace(self._names, same_name(name))
        hashed = yield from request.wait(self._records.password(name))
        known = yield from request.wait(self._passwords.verify(hashed, given.password))
        if not known:
            yield from self._note_refused(request, name)
            raise Refusal(403, "This is not the name and the password of an administrator.")
        if place:
            self._remember(home)
        actor = self._administrator.actor(request, name)
        before = self._sessions.find(request.environ)
        if before is not None:
            whose = self._administrator.actor(request, before.name)
            yield from request.finish(self._sessions.end(before, whose))
        token = yield from request.finish(self._sessions.begin(actor))
        return self._known(name, token, request)

    def logout(self, request: Request) -> Generator[Any, Any, Response]:
        """``POST /admin/logout``: 204; the session is over, and its cookie goes."""
        request.from_here()
        login = self._sessions.find(request.environ)
        if login is not None:
            proven(request, login)
            actor = self._administrator.actor(request, login.name)
            yield from request.finish(self._sessions.end(login, actor))
        cookie = "Set-Cookie", self._sessions.cookie("", _secure(request))
        return Response(b"", "", cookie, status="204 No Content")

    def session(self, request: Request) -> Response:
        """``GET /admin/session``: as login answered; for a page that has been loaded anew."""
        actor = self._administrator.check(request)
        login = self._sessions.find(request.environ)
        csrf = login.csrf if login is not None and login.name == actor.name else ""
        return Response(encode({"name": actor.name, "csrf": csrf}), JSON)

    def _known(self, name: str, token: str, request: Request) -> Response:
        cookie = "Set-Cookie", self._sessions.cookie(token, _secure(request))
        return Response(encode({"name": name, "csrf": csrf_of(token)}), JSON, cookie)

    def _note_refused(self, request: Request, name: str) -> Generator[Any, Any, None]:
        wait = self._noted.take("")
        if wait:
            log.warning("a login was refused, and not noted: there are too many")
            return
        note = self._administrator.actor(request, "").note("login.refused", visible(name))
        yield from request.wait(self._records.note(note))

    def _remember(self, home: tuple[str, str]) -> None:
        """An administrator's name, and a network from which it has logged in."""
        self._homes[home] = None
        self._homes.move_to_end(home)
        if len(self._homes) > HOMES:
            self._homes.popitem(last=False)

    def _pace(self, rates: Rates, key: str) -> None:
        wait = rates.take(key) if key else 0.0
        if wait:
            raise too_often(wait)


def _secure(request: Request) -> bool:
    return bool(request.environ["wsgi.url_scheme"] == "https")
