"""Whose channel is whose, and how many there may be."""

import pytest

from chatapp.lib.session import Session
from chatapp.lib.visitor import Caller
from chatapp.live.channels import ChannelBounds, Channels, NoChannel
from chatapp.model.roster import Crowded
from cogen.testing import FakeLoop
from tests.chatapp.live.stage import Echo


@pytest.fixture
def scheduler():
    return FakeLoop().scheduler()


def visitor(session):
    return Caller(Session(session), "192.0.2.1")


def channels(most=10, most_pages=3, idle=60.0, factories=(Echo,)):
    return Channels(factories, ChannelBounds(idle, 32_768, most, most_pages))


def test_each_is_its_sessions_by_an_id_that_nobody_guesses(scheduler):
    them = channels()
    made = [them.make(visitor("ann"), None, scheduler) for _ in range(3)]
    ids = {channel.id for channel in made}
    assert len(ids) == 3
    assert all(len(id) >= 32 for id in ids)
    assert them.find(made[0].id, "ann") is made[0]
    for id, session in ((made[0].id, "bob"), (made[0].id, ""), ("", "ann"), ("x", "ann")):
        with pytest.raises(NoChannel):
            them.find(id, session)


def test_what_has_ended_is_not_found_and_not_counted(scheduler):
    them = channels()
    channel = them.make(visitor("ann"), None, scheduler)
    channel.end("so")
    channel.end("again")
    assert len(them) == 0
    with pytest.raises(NoChannel):
        them.find(channel.id, "ann")
    assert len(scheduler.timers) == 0


def test_of_a_session_the_idlest_makes_place_and_who_is_attended_stays(scheduler):
    them = channels(most_pages=3)
    ann = visitor("ann")
    first, second, third = (them.make(ann, None, scheduler) for _ in range(3))
    with first, second:
        scheduler.loop.advance(5)
    with second:
        scheduler.loop.advance(1)
    with third:
        fourth = them.make(ann, None, scheduler)
        assert [each.ended for each in (first, second, third, fourth)] == [1, 0, 0, 0]
        with second, fourth, pytest.raises(Crowded):
            them.make(ann, None, scheduler)
    assert len(them) == 3


def test_there_are_no_more_than_may_be_whoever_asks(scheduler):
    them = channels(most=2, most_pages=2)
    channel = them.make(visitor("ann"), None, scheduler)
    them.make(visitor("bob"), None, scheduler)
    for _ in range(3):
        with pytest.raises(Crowded):
            them.make(visitor("carl"), None, scheduler)
    channel.end("so")
    them.make(visitor("carl"), None, scheduler)
    assert len(them) == 2


def test_who_makes_no_element_makes_no_place_either(scheduler):
    """A factory that fails costs nobody else's page."""

    def fails():
        raise ZeroDivisionError

    factories = [Echo]
    them = channels(most_pages=1, factories=factories)
    channel = them.make(visitor("ann"), None, scheduler)
    factories.append(fails)
    with pytest.raises(ZeroDivisionError):
        them.make(visitor("ann"), None, scheduler)
    assert not channel.ended
    assert len(them) == 1
