"""A visitor that waits in coroutines reads and speaks as a request does."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from chatapp.lib.protection import Limit
from chatapp.lib.reading import enter, read, settle
from chatapp.lib.refusal import Refusal
from chatapp.lib.session import Session
from chatapp.lib.speech import Speech
from chatapp.lib.visitor import Caller
from chatapp.model.client import Answer, Client
from chatapp.model.ports import Unavailable
from cogen.core.coroutines import CoroutineInstance, coro
from cogen.testing import FakeClock
from cogen.web.receipt import Receipt
from tests.chatapp.harness import Site


def caller(address: str = "192.0.2.1", name: str = "") -> Caller:
    return Caller(Session("c" * 32, name), address)


def reads(site: Site, client: Client, wait: float = 10.0) -> CoroutineInstance[Answer]:
    @coro
    def reading() -> Any:
        return (yield from read(caller(), client, Receipt(), None, wait))

    reading = site.scheduler.add(reading())
    site.settle()
    return reading


@pytest.fixture
def client(site: Site) -> Client:
    """Of a caller, called cid, that has read to the end."""

    @coro
    def comes() -> Any:
        visitor = caller()
        client, _, news = enter(visitor, site.roster, site.room, "", "cid")
        yield from settle(visitor, site.roster, news)
        yield from read(visitor, client, Receipt(), None, 0.0)
        return client

    client: Client = site.wait(comes())
    return client


def texts(answer: Answer) -> list[str]:
    return [message.text for message in answer.messages]


def test_its_coming_is_told(site, client):
    assert [message.text for message in site.store.log[1]] == ["user cid has joined the room"]


def test_it_gets_what_comes_while_it_waits(site, client):
    reading = reads(site, client)
    assert not reading.ended
    site.say("ann", "hello")
    assert texts(reading.outcome())[-1] == "hello"


def test_it_waits_so_long_and_no_longer(site, client):
    reads(site, client, 0.0)
    reading = reads(site, client)
    site.advance(9.9)
    assert not reading.ended
    site.advance(0.2)
    assert not reading.outcome()


def test_a_newer_read_takes_over_and_the_old_one_waits_out_its_time(site, client):
    reads(site, client, 0.0)
    old = reads(site, client)
    site.advance(4)
    new = reads(site, client)
    site.say("ann", "hello")
    assert texts(new.outcome()) == ["hello"]
    assert not old.ended
    site.advance(6.1)
    assert not old.outcome()


def test_what_fails_leaves_nothing_to_the_collector(site, no_gc):
    @coro
    def fails() -> Any:
        yield
        raise Unavailable

    @coro
    def waits() -> Any:
        try:
            yield from caller().wait(fails())
        except Unavailable:
            return True

    assert site.wait(waits())
    assert [each for each in gc.get_objects() if type(each) is Caller] == []


def test_it_speaks(site, client):
    unlimited = Limit(0)
    speech = Speech(site.roster, site.broker, unlimited, unlimited, 100)

    @coro
    def speaks(text: str) -> Any:
        return (yield from speech.obey(caller(name="cid"), site.room, text))

    site.wait(speaks("hello"))
    site.wait(speaks("/nick cyd"))
    assert site.said() == ["hello"]
    assert [member.person.name for member in site.roster.members(site.room)] == ["cyd"]


def test_its_line_counts_as_a_request_does(site):
    limit = Limit(1, FakeClock().time)
    speech = Speech(site.roster, site.broker, limit, limit, 100)
    for _ in range(5):
        speech.pace(caller())
    with pytest.raises(Refusal):
        speech.pace(caller())


def test_also_for_its_address():
    limit = Limit(1, FakeClock().time)
    for _ in range(50):
        limit.check(Caller(Session(), "192.0.2.1"))
    with pytest.raises(Refusal):
        limit.check(Caller(Session(), "192.0.2.1"))
    limit.check(Caller(Session(), "192.0.2.2"))
