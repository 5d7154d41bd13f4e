"""For who watches over the process: is it alive, should work be sent here?"""

from __future__ import annotations

import pytest

from tests.chatapp.controllers.refusals import is_problem
from tests.chatapp.harness import Line, Response, Site


def ready(site: Site, **headers: str) -> Response:
    return site.curl().get("/readyz", **headers)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_anybody_may_ask_and_nobody_keeps_the_answer(site, curl, path):
    answer = curl.get(path, Origin="http://elsewhere.example")
    assert (answer.status, answer.text) == (200, "ok\r\n")
    assert answer.header("cache-control") == "no-store"
    assert answer.header("set-cookie") is None
    assert len(site.roster) == 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_can_be_asked_for_the_head_alone_and_in_no_other_way(site, curl, path):
    assert curl.ask("HEAD", path).take().startswith(b"HTTP/1.1 200 ")
    answer = curl.send("POST", path)
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD")


def test_a_store_that_cannot_be_written_is_told_and_that_it_can_again(site):
    assert ready(site).status == 200
    site.store.broken = "The disk is full."
    site.advance(5)
    answer = ready(site)
    assert answer.text == "503 Service Unavailable: The disk is full.\r\n"
    assert answer.header("retry-after") == "5"
    assert is_problem(ready(site, Accept="application/json"), 503)
    assert site.curl().get("/healthz").status == 200
    site.store.broken = ""
    site.advance(5)
    assert ready(site).status == 200


def test_the_store_is_asked_now_and_then_however_many_ask(site):
    for _ in range(100):
        assert ready(site).status == 200
        site.advance(0.1)
    assert site.store.checks == 2


def test_who_asks_meanwhile_gets_the_last_answer(site, curl):
    site.store.hold()
    first = curl.ask("GET", "/readyz")
    assert not first.answered
    assert ready(site).status == 200
    site.store.broken = "The disk is full."
    site.store.let_go()
    site.settle()
    assert curl.take(first).status == ready(site).status == 503
    assert site.store.checks == 1


def test_if_the_one_who_asks_goes_the_next_one_asks(site, curl):
    site.store.hold()
    curl.ask("GET", "/readyz").reset()
    waits = curl.ask("GET", "/readyz")
    site.store.broken = "The disk is full."
    site.store.let_go()
    site.settle()
    assert curl.take(waits).status == 503
    assert site.store.checks == 2


def test_a_server_that_is_being_stopped_is_alive_and_not_ready(site):
    lines = {path: Line(site) for path in ("/healthz", "/readyz")}
    parked = site.curl()
    parked.pull()
    poll = parked.waits()
    site.shut()
    assert parked.take(poll).status == 200
    for path, line in lines.items():
        line.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        (answer,) = line.answers()
        assert answer.status == (200 if path == "/healthz" else 503)
    assert answer.text == "503 Service Unavailable: The server is being stopped.\r\n"
    assert site.store.checks == 0


def test_who_waits_for_the_store_then_is_told_so_too(site, curl):
    site.store.hold()
    line = curl.ask("GET", "/readyz")
    site.shut()
    site.store.let_go()
    site.settle()
    assert curl.take(line).text.endswith("The server is being stopped.\r\n")
