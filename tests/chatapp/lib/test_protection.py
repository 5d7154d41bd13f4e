"""Who may do what, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.lib.base import Request
from chatapp.lib.protection import Administrator, Inspector, Limit
from chatapp.lib.refusal import Refusal
from chatapp.lib.session import KEY, Session
from cogen.testing import FakeClock
from cogen.web.forwarded import TrustedPeers
from cogen.web.gate import Gate


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def request(session: Session | None = None, address: str = "192.0.2.1", **more: str) -> Request:
    environ: dict[str, Any] = {"cogen.wsgi": Gate(), "REMOTE_ADDR": address, **more}
    environ[KEY] = lambda: session if session is not None else Session()
    return Request(environ, lambda *args: None)


def times(limit: Limit, make: Any, tries: int = 1000) -> int:
    """How many of so many requests at once are let through."""
    passed = 0
    for _ in range(tries):
        try:
            limit.check(make())
        except Refusal as refusal:
            assert refusal.status == 429
            continue
        passed += 1
    return passed


def test_a_session_has_its_limit_and_a_network_ten_times_that(clock: FakeClock) -> None:
    limit = Limit(2, clock.time)
    ann = Session("a" * 32)
    assert times(limit, lambda: request(ann)) == 10
    assert times(limit, request) == 90
    assert times(limit, lambda: request(address="192.0.2.2")) == 100
    clock.advance(1)
    assert times(limit, lambda: request(ann)) == 2


def test_one_network_of_ipv6_is_one(clock: FakeClock) -> None:
    limit = Limit(1, clock.time)
    hosts = iter(range(10_000))
    assert times(limit, lambda: request(address=f"2001:db8::{next(hosts):x}")) == 50


def test_who_has_no_address_is_limited_by_session_alone(clock: FakeClock) -> None:
    limit = Limit(1, clock.time)
    assert times(limit, lambda: request(address="")) == 1000
    assert times(limit, lambda: request(Session("a" * 32), address="")) == 5


def test_without_a_limit_nothing_is_looked_at(clock: FakeClock) -> None:
    assert times(Limit(0, clock.time), lambda: Request({"cogen.wsgi": Gate()}, print)) == 1000


def test_the_time_to_wait_is_told_in_whole_seconds(clock: FakeClock) -> None:
    limit = Limit(0.4, clock.time)
    ann = Session("a" * 32)
    assert times(limit, lambda: request(ann)) == 5
    with pytest.raises(Refusal) as refused:
        limit.check(request(ann))
    assert refused.value.headers == [("Retry-After", "3")]
    clock.advance(2.4)
    with pytest.raises(Refusal) as refused:
        limit.check(request(ann))
    assert refused.value.headers == [("Retry-After", "1")]


TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer  {TOKEN} "])
def test_who_has_the_token_is_the_administrator(header: str) -> None:
    actor = Administrator(TOKEN, None, lambda: 7.5).check(request(HTTP_AUTHORIZATION=header))
    assert actor == ("chat.admin_token", "192.0.2.1", 7_500_000)


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        ("", "Bearer"),
        (f"Basic {TOKEN}", "Bearer"),
        ("Bearer", 'Bearer error="invalid_token"'),
        ("Bearer \xff", 'Bearer error="invalid_token"'),
        (f"Bearer {TOKEN[:-1]}", 'Bearer error="invalid_token"'),
    ],
)
def test_nobody_else_is(header: str, challenge: str) -> None:
    for token in (TOKEN, ""):
        with pytest.raises(Refusal) as refused:
            Administrator(token).check(request(HTTP_AUTHORIZATION=header))
        assert refused.value.status == 401
        assert refused.value.headers == [("WWW-Authenticate", challenge)]


def test_a_page_of_another_site_is_not_even_with_the_token() -> None:
    sent = request(HTTP_AUTHORIZATION=f"Bearer {TOKEN}", HTTP_ORIGIN="http://evil.example")
    with pytest.raises(Refusal, match="403"):
        Administrator(TOKEN).check(sent)


def statuses(listed: str, token: str = "") -> list[int]:
    """For who comes from a unix socket, two addresses of IPv4 and one of IPv6."""
    found = []
    for address in ("", "192.0.2.1", "198.51.100.1", "2001:db8::1"):
        try:
            Inspector(Administrator(token), TrustedPeers(listed)).check(request(address=address))
            found.append(200)
        except Refusal as refusal:
            found.append(int(refusal.status))
    return found


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("", [401, 401, 401, 401]),
        ("192.0.2.1", [401, 200, 401, 401]),
        ("192.0.2.0/24, 2001:db8::/32", [401, 200, 401, 200]),
        ("unix", [200, 401, 401, 401]),
        ("*", [200, 200, 200, 200]),
    ],
)
def test_who_comes_from_a_listed_address_may_look(listed: str, expected: list[int]) -> None:
    assert statuses(listed) == expected
    assert statuses(listed, TOKEN) == expected


def test_the_administrator_may_look_from_anywhere() -> None:
    inspector = Inspector(Administrator(TOKEN), TrustedPeers("192.0.2.1"))
    inspector.check(request(address="198.51.100.1", HTTP_AUTHORIZATION=f"Bearer {TOKEN}"))


def test_a_page_of_another_site_may_not_even_in_a_listed_browser() -> None:
    inspector = Inspector(Administrator(""), TrustedPeers("*"))
    with pytest.raises(Refusal, match="403"):
        inspector.check(request(HTTP_ORIGIN="http://evil.example"))
