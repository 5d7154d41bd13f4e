"""How often somebody may do something: as a bucket of tokens would have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.model.rates import Rates, network
from cogen.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def taken(rates: Rates, key: str = "ann", tries: int = 100) -> int:
    """How many of so many tries at once succeed."""
    return sum(rates.take(key) == 0.0 for _ in range(tries))


def test_so_many_at_once_then_as_many_as_come_back(clock):
    rates = Rates(rate=2, burst=3, clock=clock.time)
    assert taken(rates) == 3
    clock.advance(0.5)
    assert taken(rates) == 1
    clock.advance(1)
    assert taken(rates) == 2
    clock.advance(1000)
    assert taken(rates) == 3


@pytest.mark.parametrize("rate", [0.1, 0.3, 3, 7, 10, 1000])
def test_the_last_token_of_a_large_bucket_is_to_be_had_too(clock, rate):
    clock.advance(1_000_000.1)
    assert taken(Rates(rate, burst=50, clock=clock.time)) == 50


def test_who_is_too_fast_is_told_how_long_to_wait(clock):
    rates = Rates(rate=2, burst=1, clock=clock.time)
    assert rates.take("ann") == 0.0
    assert rates.take("ann") == 0.5
    clock.advance(0.25)
    assert rates.take("ann") == 0.25
    assert rates.take("ann") == 0.25  # to ask costs nothing
    clock.advance(0.25)
    assert rates.take("ann") == 0.0


def test_each_has_a_bucket(clock):
    rates = Rates(rate=1, burst=2, clock=clock.time)
    assert taken(rates, "ann") == taken(rates, "bob") == 2


@pytest.mark.parametrize(("rate", "burst"), [(0.1, 5), (1, 5), (2, 10), (100, 500)])
def test_by_default_a_bucket_holds_five_seconds_and_at_least_five(clock, rate, burst):
    assert taken(Rates(rate, clock=clock.time), tries=1000) == burst


def test_no_rate_is_no_limit_and_remembers_nobody(clock):
    rates = Rates(0, clock=clock.time)
    assert taken(rates, tries=10_000) == 10_000
    assert len(rates) == 0


def test_no_more_are_remembered_than_may_be_and_the_oldest_are_forgotten(clock):
    rates = Rates(rate=1, burst=1, clock=clock.time, most=3)
    for key in ("ann", "bob", "cid"):
        rates.take(key)
    rates.take("ann")  # used again: bob is the oldest now
    rates.take("dan")
    assert len(rates) == 3
    assert [rates.take(key) > 0 for key in ("ann", "cid", "dan")] == [True, True, True]
    assert rates.take("bob") == 0.0


def test_a_full_bucket_is_forgotten(clock):
    rates = Rates(rate=1, burst=5, clock=clock.time)
    for number in range(1000):
        rates.take(str(number))
        clock.advance(0.25)
    assert len(rates) <= 5


class Bucket:
    """The same, as the textbook has it."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst, self.tokens, self.time = rate, burst, burst, 0.0

    def take(self, now: float) -> float:
        self.tokens = min(self.burst, self.tokens + (now - self.time) * self.rate)
        self.time = now
        if self.tokens < 1:
            return (1 - self.tokens) / self.rate
        self.tokens -= 1
        return 0.0


# Numbers that both count without rounding.
RATES = st.sampled_from([1 / 64, 0.25, 1.0, 2.0, 64.0])
BURSTS = st.integers(4, 40).map(lambda quarters: quarters / 4)
PAUSES = st.integers(0, 1024).map(lambda parts: parts / 128)


@given(RATES, BURSTS, st.lists(st.tuples(PAUSES, st.sampled_from("abc"))))
def test_it_is_a_bucket_of_tokens(rate, burst, steps):
    clock = FakeClock()
    start = clock.time()
    rates, buckets = Rates(rate, burst, clock.time), {key: Bucket(rate, burst) for key in "abc"}
    for pause, key in steps:
        clock.advance(pause)
        assert rates.take(key) == buckets[key].take(clock.time() - start)


@given(st.floats(0.001, 1000), st.lists(st.floats(0, 10), max_size=50))
def test_who_waits_as_long_as_told_need_not_wait_again(rate, pauses):
    clock = FakeClock()
    rates = Rates(rate, clock=clock.time)
    for pause in pauses:
        clock.advance(pause)
        wait = rates.take("ann")
        if wait:
            clock.advance(wait + 1e-6)
            assert rates.take("ann") == 0.0


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_one_network_counts_as_one_address(address, expected):
    assert network(address) == expected
