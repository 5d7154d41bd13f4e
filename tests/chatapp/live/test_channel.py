"""When a channel is attended, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.lib.session import Session
from chatapp.lib.visitor import Caller
from chatapp.live import LiveElement
from chatapp.live.channel import Channel
from chatapp.live.delivery import BadAck
from chatapp.live.packets import Packet
from cogen.testing import FakeLoop
from tests.chatapp.live.stage import Echo

IDLE = 60.0


class Place:
    """A channel on a clock of its own."""

    def __init__(self, *elements: LiveElement) -> None:
        self.loop = FakeLoop()
        self.scheduler = self.loop.scheduler()
        self.forgotten: list[Channel] = []
        visitor = Caller(Session("ann"), "")
        self.channel = Channel(
            "id", visitor, None, elements, self.scheduler, IDLE, 65_536, self.forgotten.append
        )

    def left(self) -> tuple[int, int]:
        self.loop.run_until_idle()
        statistics = self.scheduler.statistics()
        return statistics.coroutines, statistics.timers


def test_elements_hear_of_the_page_once_when_its_first_request_is_there():
    echo = Echo()
    place = Place(echo)
    assert echo.log == []
    for _ in range(3):
        with place.channel:
            pass
    assert echo.log == ["made"]


def test_it_is_idle_when_nobody_attends_however_that_ended():
    echo = Echo()
    place = Place(echo)
    channel = place.channel
    with channel:
        with pytest.raises(ZeroDivisionError), channel:
            raise ZeroDivisionError
        place.loop.advance(1000)
        assert not channel.idle

    def parked() -> Any:
        with channel:
            yield

    poll = parked()
    next(poll)
    place.loop.advance(1000)
    assert not channel.ended
    poll.close()
    assert channel.idle
    place.loop.advance(IDLE - 1)
    assert not channel.ended
    place.loop.advance(2)
    assert channel.ended
    assert place.forgotten == [channel]
    assert place.left() == (0, 0)


def test_it_ends_once_and_whoever_attends_then_sets_no_timer():
    echo = Echo()
    place = Place(echo)
    with place.channel as channel:
        channel.end("first")
        channel.end("second")
    assert echo.log == ["made", "first"]
    assert place.forgotten == [channel]
    assert place.left() == (0, 0)


class Leaves(LiveElement):
    """Ends its channel before the others have heard of it."""

    def connectionMade(self) -> Any:
        self._line.end("so")

    def connectionLost(self, reason: str) -> Any:
        self.lost = reason


def test_an_element_may_end_it_before_the_others_have_heard_of_it():
    leaves, echo = Leaves(), Echo()
    place = Place(leaves, echo)
    with place.channel:
        pass
    assert leaves.lost == "so"
    assert echo.log == []
    assert not echo.connected
    assert echo.gone
    assert place.left() == (0, 0)


def test_the_newest_carrier_carries_and_one_that_is_refused_does_not():
    place = Place(Echo())
    first = place.channel.carry(0)
    with pytest.raises(BadAck):
        place.channel.carry(1)
    assert not first.ended
    second = place.channel.carry(0)
    assert (first.ended, second.ended) == (True, False)
    assert place.channel.delivery.log.statistics().subscribers == 2
    place.channel.end("so")
    assert second.ended


def test_nothing_is_taken_of_a_packet_that_is_refused():
    echo = Echo()
    place = Place(echo)
    with place.channel as channel, pytest.raises(BadAck):
        channel.receive(Packet(ack=1, first=1, messages=[]))
    assert channel.delivery.received == 0
