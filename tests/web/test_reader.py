"""A slow reader has time, one that reads nothing has not."""

from cogen.testing import FakeClock
from cogen.web.reader import Reader
from tests.web.harness import FakeTransport


def test_who_reads_on_has_time_again_and_who_does_not_is_stalled():
    clock, transport = FakeClock(), FakeTransport(None)
    transport.unwritten += bytes(100)
    reader = Reader(transport, clock.time, 60)
    reader.watch()
    clock.advance(59)
    assert not reader.stalled(clock.time())
    transport.read(1)
    clock.advance(2)
    assert not reader.stalled(clock.time())
    clock.advance(61)
    assert reader.stalled(clock.time())


def test_who_has_read_everything_is_left_in_peace():
    clock, transport = FakeClock(), FakeTransport(None)
    transport.unwritten += bytes(100)
    reader = Reader(transport, clock.time, 60)
    reader.watch()
    reader.rest()
    clock.advance(1000)
    assert not reader.stalled(clock.time())
