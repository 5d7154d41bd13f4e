"""How one becomes an administrator, and ceases to be one."""

from __future__ import annotations

import json
from urllib.parse import urljoin

import pytest

from tests.chatapp.controllers.refusals import refuses_other_sites
from tests.chatapp.harness import ADMIN, Curl, Response, Site

PASSWORD = "correct horse"
GOOD = {"name": "ann", "password": PASSWORD}
JSON = {"Accept": "application/json"}


@pytest.fixture
def site() -> Site:
    site = Site()
    site.store.records.passwords["ann"] = f"hash of {PASSWORD}"
    return site


def log_in(curl: Curl) -> dict[str, str]:
    """Gives what its changes are to be sent with."""
    answer = curl.post("/admin/login", GOOD)
    assert answer.status == 200, answer.text
    return {"X_CSRF_Token": answer.json["csrf"]}


def make_room(curl: Curl, **headers: str) -> Response:
    return curl.post("/api/rooms", {"name": f"room {curl.site.loop.time()}"}, **headers)


def actions(site: Site) -> list[tuple[str, str, str]]:
    return [(note.who, note.action, note.target) for note in site.store.records.notes]


def test_who_has_logged_in_is_an_administrator_until_it_logs_out(site, curl):
    assert make_room(curl).status == 401
    proof = log_in(curl)
    assert make_room(curl, **proof).status == 201
    stolen = curl.cookie
    assert curl.send("POST", "/admin/logout", **proof).status == 204
    assert make_room(curl, **proof).status == 401
    curl.cookie = stolen
    assert make_room(curl, **proof).status == 401
    assert site.store.records.sessions == {}


def test_a_person_who_opens_the_login_is_sent_to_the_page(curl):
    answer = curl.get("/admin/login")
    assert answer.status == 303
    assert urljoin("http://chat.example/admin/login", answer.header("location")).endswith("/admin/")


def test_the_cookie_is_out_of_reach_and_of_no_other_site(site, curl):
    answer = curl.post("/admin/login", GOOD)
    (cookie,) = [value for name, value in answer.headers if name == "set-cookie"]
    name, *attributes = cookie.split("; ")
    assert attributes == ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict"]
    token = name.partition("=")[2]
    assert len(token) >= 43
    assert token not in repr(site.store.records.sessions)
    assert token not in answer.text
    assert answer.header("cache-control") == "no-store"
    gone = curl.send("POST", "/admin/logout", X_CSRF_Token=answer.json["csrf"])
    assert gone.header("set-cookie").startswith("chatapp_admin=; Path=/; Max-Age=0;")


@pytest.mark.parametrize("proof", [{}, {"X_CSRF_Token": "0" * 32}, {"X_CSRF_Token": "\xff"}])
def test_a_change_needs_the_sessions_own_proof(site, curl, proof):
    other = site.curl()
    log_in(other)
    good = log_in(curl)
    assert make_room(curl, **proof).status == 403
    assert curl.send("POST", "/admin/logout", **proof).status == 403
    assert make_room(other, **good).status == 403
    assert make_room(curl, **good).status == 201


def test_a_page_of_another_site_can_do_nothing(site, curl):
    refuses_other_sites(curl, "POST", "/admin/login", GOOD, **JSON)
    assert site.store.records.sessions == {}
    proof = log_in(curl)
    refuses_other_sites(curl, "POST", "/api/rooms", {"name": "x"}, **JSON, **proof)
    refuses_other_sites(curl, "POST", "/admin/logout", None, **JSON, **proof)
    refuses_other_sites(curl, "GET", "/admin/session", None, **JSON)


def test_a_page_that_is_loaded_anew_learns_who_it_is(site, curl):
    assert curl.get("/admin/session").status == 401
    proof = log_in(curl)
    known = curl.get("/admin/session")
    assert known.json == {"name": "ann", "csrf": proof["X_CSRF_Token"]}
    assert curl.get("/admin/session", **ADMIN).json == {"name": "chat.admin_token", "csrf": ""}


def test_a_program_with_the_token_needs_no_session(site, curl):
    log_in(curl)
    assert make_room(curl, **ADMIN).status == 201
    assert make_room(curl, Authorization="Bearer wrong").status == 401


def test_a_scheme_that_a_proxy_wants_besides_is_not_in_the_way(curl):
    proof = log_in(curl)
    assert make_room(curl, Authorization="Basic YW5uOng=", **proof).status == 201
    assert make_room(curl, Authorization="Basic YW5uOng=").status == 403


def test_who_is_not_there_is_answered_as_who_has_another_password(site, curl):
    answers = []
    for name in ("ann", "eve"):
        answers.append(curl.post("/admin/login", {"name": name, "password": "wrong"}, **JSON))
    assert answers[0].status == 403
    assert answers[0].body == answers[1].body
    assert answers[0].headers == answers[1].headers
    assert site.passwords.asked == [f"hash of {PASSWORD}", None]
    assert actions(site) == [("", "login.refused", "ann"), ("", "login.refused", "eve")]


def test_one_address_may_try_five_times_and_then_wait(site, curl):
    for _ in range(5):
        assert curl.post("/admin/login", {"name": "ann", "password": "x"}).status == 403
    late = curl.post("/admin/login", GOOD)
    assert (late.status, late.header("retry-after")) == (429, "30")
    assert len(site.passwords.asked) == 5
    site.advance(30)
    log_in(curl)


def attempt(site: Site, number: int, name: str = "ann", password: str = "x") -> int:
    """From the network of this number."""
    peer = (f"198.51.{number // 250}.{number % 250}", 1)
    return site.curl(peer).post("/admin/login", {"name": name, "password": password}).status


def test_one_name_is_not_tried_from_many_addresses(site):
    assert [attempt(site, number) for number in range(22)] == [403] * 20 + [429] * 2
    assert attempt(site, 100, "ANN") == 429
    assert attempt(site, 101, "bob") == 403


def test_who_has_many_addresses_cannot_keep_an_administrator_out(site, curl):
    log_in(curl)
    assert [attempt(site, number) for number in range(21)][-1] == 429
    assert attempt(site, 100, password=PASSWORD) == 429  # it was never seen there
    log_in(curl)
    for _ in range(3):
        assert curl.post("/admin/login", {"name": "ann", "password": "x"}).status == 403
    assert curl.post("/admin/login", GOOD).status == 429  # nor can its neighbours guess on


def test_refused_logins_do_not_fill_the_audit_log(site, caplog):
    for number in range(510):
        assert attempt(site, number, f"eve {number}") == 403
    assert len(site.store.records.notes) == 500
    assert "too many" in caplog.text
    site.advance(10)
    assert attempt(site, 600, "eve") == 403
    assert len(site.store.records.notes) == 501


def test_a_strangers_name_can_do_nothing_to_a_log(site, curl):
    name = "x\r\n\x1b[2J\u202eann\0 \u2028é"
    curl.post("/admin/login", {"name": name, "password": "x"})
    (note,) = site.store.records.notes
    assert note.target == "x\\u{d}\\u{a}\\u{1b}[2J\\u{202e}ann\\u{0} \\u{2028}é"


def test_a_session_ends_when_it_is_idle_and_after_its_lifetime(site, curl):
    proof = log_in(curl)
    for _ in range(24):
        site.advance(1799)
        if curl.get("/admin/session").status != 200:
            break
    assert 43_200 - 1799 <= site.loop.time() - site.store.records.notes[0].time / 1e6 <= 43_200
    site.advance(3600)
    assert make_room(curl, **proof).status == 401
    proof = log_in(curl)
    assert len(site.store.records.sessions) == 1  # those that are over are forgotten
    site.advance(1800)
    assert make_room(curl, **proof).status == 401


def test_a_session_outlives_a_restart(site, curl):
    proof = log_in(curl)
    again = Site(store=site.store)
    again.loop.advance(site.loop.time() - again.loop.time() + 60)
    later = again.curl()
    later.cookie = curl.cookie
    assert make_room(later, **proof).status == 201
    again.advance(1800)
    assert make_room(later, **proof).status == 401


def test_who_logs_in_again_ends_the_session_before(site, curl):
    log_in(curl)
    log_in(curl)
    assert len(site.store.records.sessions) == 1
    assert actions(site) == [("ann", "login", ""), ("ann", "logout", ""), ("ann", "login", "")]
    assert {note.address for note in site.store.records.notes} == {"192.0.2.1"}


def test_the_end_of_anothers_session_is_noted_as_that_ones(site, curl):
    site.store.records.passwords["bob"] = f"hash of {PASSWORD}"
    log_in(curl)
    assert curl.post("/admin/login", {**GOOD, "name": "bob"}).status == 200
    assert actions(site) == [("ann", "login", ""), ("ann", "logout", ""), ("bob", "login", "")]


def test_while_nothing_can_be_kept_nobody_logs_in_or_out(site, curl):
    proof = log_in(curl)
    site.store.broken = "The disk is full."
    assert curl.send("POST", "/admin/logout", **proof).status == 503
    assert site.curl().post("/admin/login", GOOD).status == 503
    site.store.broken = ""
    assert make_room(curl, **proof).status == 201
    assert curl.send("POST", "/admin/logout", **proof).status == 204


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "ann"}, 400),
        ({"name": "", "password": "x"}, 400),
        ({"name": "x" * 65, "password": "x"}, 400),
        ({"name": "ann", "password": "x" * 1025}, 400),
        ({**GOOD, "more": 1}, 400),
        (b"{" + b" " * 17_000, 413),
    ],
)
def test_what_is_no_login(site, curl, body, status):
    assert curl.post("/admin/login", body).status == status
    assert site.passwords.asked == []


def test_each_takes_its_method():
    curl = Site().curl()
    for path, allowed in ("login", "GET, POST"), ("logout", "POST"), ("session", "GET"):
        for method in {"GET", "POST", "DELETE"} - {*allowed.split(", ")}:
            answer = curl.send(method, f"/admin/{path}")
            assert (answer.status, answer.header("allow")) == (405, allowed)


def test_the_longest_password_fits_however_it_is_written(site, curl):
    password = "\N{PILE OF POO}" * 1024
    site.store.records.passwords["ann"] = f"hash of {password}"
    body = json.dumps({"name": "ann", "password": password}).encode()  # twelve bytes for each
    assert curl.post("/admin/login", body).status == 200
