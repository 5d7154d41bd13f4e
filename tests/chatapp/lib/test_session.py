"""The cookie: signed, bounded in time, out of reach of scripts."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from chatapp.lib.session import COOKIE, LIFETIME, Session, SessionMiddleware


class Browser:
    """Requests to an application that asks for its session, and answers its id and name."""

    def __init__(self, secret: str = "s" * 64, **environ: Any) -> None:
        self.now = 1_000_000.0
        self.environ = {"wsgi.url_scheme": "http", **environ}
        self.set_cookie: str | None = None
        self.middleware = SessionMiddleware(self.application, secret, clock=lambda: self.now)
        self.rename: str | None = None
        self.asks = True

    def application(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if self.asks:
            self.session: Session = environ["chatapp.session"]()
            assert environ["chatapp.session"]() is self.session
            if self.rename is not None:
                self.session.rename(self.rename)
        start_response("200 OK", [("X-Own", "kept")])
        return []

    def get(self, cookie: str | None = None) -> Session:
        environ = dict(self.environ)
        if cookie is not None:
            environ["HTTP_COOKIE"] = cookie
        headers: dict[str, str] = {}
        self.middleware(environ, lambda status, fields: headers.update(fields))
        assert headers.pop("X-Own") == "kept"
        self.set_cookie = headers.get("Set-Cookie")
        return self.session

    @property
    def cookie(self) -> str:
        assert self.set_cookie is not None
        return self.set_cookie.partition(";")[0]


def test_a_new_session_has_an_id_that_nobody_can_guess_and_a_cookie():
    browser = Browser()
    session = browser.get()
    assert len(session.id) == 32
    assert browser.get().id != session.id


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites():
    browser = Browser()
    browser.get()
    assert browser.set_cookie is not None
    value, *attributes = browser.set_cookie.split("; ")
    assert set(attributes) == {"Path=/", f"Max-Age={LIFETIME}", "HttpOnly", "SameSite=Lax"}
    assert value.isascii()
    assert not set(value) & set(' \t\r\n",;\\')
    secure = Browser(**{"wsgi.url_scheme": "https"})
    secure.get()
    assert secure.set_cookie is not None
    assert "; Secure" in secure.set_cookie


def test_the_cookie_brings_the_session_back_and_is_set_once():
    browser = Browser()
    session = browser.get()
    cookie = browser.cookie
    assert browser.get(cookie).id == session.id
    assert browser.set_cookie is None
    assert browser.get(f"other=1; {cookie}; last={COOKIE}").id == session.id


def test_who_does_not_ask_for_the_session_sets_no_cookie():
    browser = Browser()
    browser.session = Session()
    browser.asks = False
    browser.get()
    assert browser.set_cookie is None


def test_a_name_is_kept_in_the_cookie_whatever_it_is():
    browser = Browser()
    for name in ("bob", 'a;b="c', "名前", "\u202e<b>", "x" * 64):
        browser.rename = name
        browser.get()
        cookie, browser.rename = browser.cookie, None
        assert browser.get(cookie).name == name


def test_the_same_name_again_changes_nothing():
    browser = Browser()
    browser.rename = "bob"
    browser.get()
    browser.get(browser.cookie)
    assert browser.set_cookie is None


def test_every_changed_character_is_found_out():
    browser = Browser()
    session = browser.get()
    cookie = browser.cookie
    start = len(COOKIE) + 1
    for index in range(start, len(cookie) - 1):  # the last one has bits that count for nothing
        other = "A" if cookie[index] != "A" else "B"
        assert browser.get(cookie[:index] + other + cookie[index + 1 :]).id != session.id


def test_a_cookie_signed_with_another_secret_is_none_of_ours():
    theirs = Browser("t" * 64)
    session = theirs.get()
    assert Browser().get(theirs.cookie).id != session.id


@pytest.mark.parametrize(
    "cookie",
    [
        *("", ";", "=", COOKIE, f"{COOKIE}=", f"{COOKIE}=a.b", f'{COOKIE}="', f"x{COOKIE}=a.b.c"),
        *(f"{COOKIE}=\xff.\xfe", f"{COOKIE}={'.' * 4000}", f"{COOKIE}={'a' * 8000}"),
    ],
)
def test_a_broken_cookie_is_no_failure_of_ours(cookie):
    browser = Browser()
    assert len(browser.get(cookie).id) == 32
    assert browser.set_cookie is not None


def test_unsigned_contents_are_not_believed():
    forged = base64.urlsafe_b64encode(b'["' + b"0" * 32 + b'","root",1000000]').decode().strip("=")
    assert Browser().get(f"{COOKIE}={forged}").name == ""
    assert Browser().get(f"{COOKIE}={forged}.{forged}").name == ""


def test_ours_is_found_behind_a_broken_one():
    browser = Browser()
    session = browser.get()
    assert browser.get(f"{COOKIE}=broken; {browser.cookie}").id == session.id


def test_a_session_ends_after_its_lifetime_and_is_made_longer_while_it_is_used():
    browser = Browser()
    session = browser.get()
    cookie = browser.cookie
    browser.now += LIFETIME * 0.6
    assert browser.get(cookie).id == session.id
    longer = browser.cookie
    browser.now += LIFETIME * 0.6
    assert browser.get(longer).id == session.id
    assert browser.get(cookie).id != session.id


def test_what_is_remembered_of_a_cookie_does_not_grow_with_what_stands_beside_it():
    browser = Browser()
    browser.get()
    cookie = browser.cookie
    for number in range(100):
        browser.get(f"{cookie}; other={number}")
    assert browser.middleware._verified.cache_info().currsize == 1
