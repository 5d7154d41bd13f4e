import pytest

from cogen.core.timers import Timers
from cogen.testing import FakeClock


class Target:
    def __init__(self, rung, name, then=None):
        self.rung, self.name, self.then = rung, name, then

    def expire(self):
        self.rung.append(self.name)
        if self.then:
            self.then()


class CountingClock(FakeClock):
    alarms = 0

    def call_at(self, when, callback):
        self.alarms += 1
        return super().call_at(when, callback)


@pytest.fixture
def clock():
    return CountingClock()


@pytest.fixture
def timers(clock):
    return Timers(clock)


@pytest.fixture
def rung():
    return []


def test_timers_ring_in_order_of_time_and_then_of_setting(timers, clock, rung):
    for delay, name in [(3, "c"), (1, "a"), (2, "b"), (1, "a2")]:
        timers.add(delay, Target(rung, name))
    assert len(timers) == 4
    clock.advance(1)
    assert rung == ["a", "a2"]
    clock.advance(5)
    assert rung == ["a", "a2", "b", "c"]
    assert len(timers) == 0


def test_a_cancelled_timer_does_not_ring(timers, clock, rung):
    kept = timers.add(1, Target(rung, "kept"))
    dropped = timers.add(1, Target(rung, "dropped"))
    dropped.cancel()
    dropped.cancel()
    assert len(timers) == 1
    clock.advance(2)
    assert rung == ["kept"]
    kept.cancel()
    assert len(timers) == 0


def test_the_time_is_the_clocks(timers, clock):
    before = timers.time()
    clock.advance(1.5)
    assert timers.time() == before + 1.5


def test_many_timeouts_need_few_alarms(timers, clock, rung):
    for _ in range(1000):
        timers.add(10, Target(rung, "x"))
        timers.add(11, Target(rung, "x")).cancel()
    assert clock.alarms == 1


def test_an_earlier_timer_moves_the_alarm_forward(timers, clock, rung):
    timers.add(10, Target(rung, "late"))
    timers.add(1, Target(rung, "early"))
    clock.advance(1)
    assert rung == ["early"]
    clock.advance(9)
    assert rung == ["early", "late"]


def test_a_timer_set_while_another_rings_delays_nobody(timers, clock, rung):
    def again():
        timers.add(100, Target(rung, "again"))

    timers.add(1, Target(rung, "first", then=again))
    timers.add(2, Target(rung, "second"))
    clock.advance(1)
    clock.advance(1)
    assert rung == ["first", "second"]
    clock.advance(99)
    assert rung == ["first", "second", "again"]


def test_a_timer_cancelled_while_another_rings_stays_silent(timers, clock, rung):
    victim = []
    timers.add(1, Target(rung, "first", then=lambda: victim[0].cancel()))
    victim.append(timers.add(1, Target(rung, "victim")))
    timers.add(1, Target(rung, "last"))
    clock.advance(1)
    assert rung == ["first", "last"]
    assert len(timers) == 0


def test_one_that_fails_keeps_no_other_from_ringing(timers, clock, rung):
    def fail():
        raise KeyError("broken")

    timers.add(1, Target(rung, "broken", then=fail))
    timers.add(1, Target(rung, "same time"))
    timers.add(2, Target(rung, "later"))
    with pytest.raises(KeyError):
        clock.advance(1)
    clock.advance(0)
    assert rung == ["broken", "same time"]
    timers.add(50, Target(rung, "unrelated"))
    clock.advance(1)
    assert rung == ["broken", "same time", "later"]


def test_an_alarm_that_rings_too_early_is_set_again(rung):
    class HastyClock(FakeClock):
        def call_at(self, when, callback):
            return super().call_at(when - 0.4 * (when - self.time()), callback)

    clock = HastyClock()
    timers = Timers(clock)
    timers.add(10, Target(rung, "x"))
    clock.advance(9.9)
    assert rung == []
    clock.advance(0.1)
    assert rung == ["x"]


def test_cancelled_timeouts_do_not_pile_up(timers, clock, rung):
    class Heavy(Target):
        alive = 0

        def __init__(self, *args):
            super().__init__(*args)
            Heavy.alive += 1

        def __del__(self):
            Heavy.alive -= 1

    timers.add(5, Target(rung, "kept"))
    for _ in range(10_000):
        timers.add(10, Heavy(rung, "poll")).cancel()
    assert Heavy.alive == 0
    assert len(timers) == 1
    clock.advance(20)
    assert rung == ["kept"]


def test_dropping_the_marked_ones_keeps_the_order_of_the_rest(timers, clock, rung):
    kept = []
    for number in range(3000):
        timer = timers.add(3000 - number, Target(rung, 3000 - number))
        if number % 7:
            timer.cancel()
        else:
            kept.append(3000 - number)
    assert len(timers) == len(kept)
    clock.advance(3000)
    assert rung == sorted(kept)


def test_after_closing_nothing_rings_and_cancelling_does_no_harm(timers, clock, rung):
    timer = timers.add(1, Target(rung, "x"))
    timers.close()
    assert len(timers) == 0
    timer.cancel()
    assert len(timers) == 0
    clock.advance(5)
    assert rung == []
    timers.close()
