"""One poll, or one socket."""

import json

import pytest

from chatapp.live.carrier import Carrier, TakenOver
from chatapp.live.delivery import Delivery
from cogen.core.coroutines import coro
from cogen.errors import OperationTimeout
from cogen.testing import FakeLoop


@pytest.fixture
def loop():
    return FakeLoop()


def begin(loop, waitable):
    @coro
    def waits():
        try:
            return (yield waitable)
        except (TakenOver, OperationTimeout) as error:
            return type(error)

    waiting = loop.scheduler().add(waits())
    loop.run_until_idle()
    return waiting


def test_it_waits_for_something_and_takes_all_of_it(loop):
    delivery = Delivery()
    carrier = Carrier(delivery, 0)
    waiting = begin(loop, carrier.fetch(5))
    delivery.send(b'"one"')
    delivery.send(b'"two"')
    delivery.received = 7
    loop.run_until_idle()
    packet = json.loads(carrier.packet(waiting.outcome()))
    assert packet == {"ack": 7, "first": 1, "messages": ["one", "two"]}
    assert json.loads(carrier.packet(carrier.take())) == {"ack": 7, "messages": []}
    delivery.send(b'"three"')
    assert json.loads(carrier.packet(carrier.take()))["first"] == 3


def test_after_its_time_there_was_nothing(loop):
    waiting = begin(loop, Carrier(Delivery(), 0).fetch(5))
    loop.advance(6)
    assert waiting.outcome() is OperationTimeout


@pytest.mark.parametrize("woken", [True, False])
def test_when_it_ends_who_waits_goes_on_and_has_taken_nothing(loop, woken):
    delivery = Delivery()
    carrier = Carrier(delivery, 0)
    waiting = begin(loop, carrier.fetch())
    if woken:
        delivery.send(b"1")
    carrier.end()
    loop.run_until_idle()
    assert waiting.outcome() is TakenOver
    assert carrier.ended
    delivery.send(b"2")
    assert len(Carrier(delivery, 0).take()) == 1 + woken


def test_who_was_busy_when_it_ended_does_not_wait_for_ever():
    carrier = Carrier(Delivery(), 0)
    carrier.end()
    with pytest.raises(TakenOver):
        carrier.fetch()
