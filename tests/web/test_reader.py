"""A slow reader has time, one that reads nothing has not."""

from cogen.testing import FakeClock
from cogen.web.reader import Reader


def test_who_reads_on_has_time_again_and_who_does_not_is_stalled():
    clock, held = FakeClock(), [100]
    reader = Reader(lambda: held[0], clock.time, 60)
    reader.watch()
    clock.advance(59)
    assert not reader.stalled(clock.time())
    held[0] = 99
    clock.advance(2)
    assert not reader.stalled(clock.time())
    clock.advance(61)
    assert reader.stalled(clock.time())


def test_who_has_read_everything_is_left_in_peace():
    clock = FakeClock()
    reader = Reader(lambda: 100, clock.time, 60)
    reader.watch()
    reader.rest()
    clock.advance(1000)
    assert not reader.stalled(clock.time())
