"""Whom a sanction concerns, and how long."""

from __future__ import annotations

import pytest

from chatapp.model.records import Sanction
from chatapp.model.sanctions import NoSanction, Sanctioned, Sanctions, digest_of, own_network
from cogen.testing import FakeClock

SECOND = 1_000_000
MUTED = Sanction("mute", 1, digest_of("bob"), "192.0.2.1", "bob", 0, 60 * SECOND, "ann", id=1)
OUT = Sanction("out", None, digest_of("eve"), "", "eve", 0, 90 * SECOND, "ann", id=2)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(0.0)


@pytest.fixture
def sanctions(clock: FakeClock) -> Sanctions:
    return Sanctions([MUTED, OUT], clock.time)


def speaks(sanctions, session, address="", room: int | None = 1) -> bool:
    try:
        sanctions.hush(room, session, address)
    except Sanctioned:
        return False
    return True


def enters(sanctions, session, address="", room: int = 1) -> bool:
    try:
        sanctions.admit(room, session, address)
    except Sanctioned:
        return False
    return True


def test_who_is_muted_enters_and_who_is_sent_out_does_not_even_speak(sanctions):
    assert (enters(sanctions, "bob"), speaks(sanctions, "bob")) == (True, False)
    assert (enters(sanctions, "eve"), speaks(sanctions, "eve")) == (False, False)
    assert (enters(sanctions, "ann"), speaks(sanctions, "ann")) == (True, True)


def test_it_holds_in_its_room_or_in_all(sanctions):
    assert speaks(sanctions, "bob", room=2)
    assert not speaks(sanctions, "eve", room=2)
    assert not speaks(sanctions, "bob", room=None)


def test_who_is_out_of_one_room_may_be_called_otherwise_in_another(clock):
    sanctions = Sanctions([OUT._replace(room=2)], clock.time)
    assert speaks(sanctions, "eve", room=None)


def test_it_holds_for_the_network(sanctions):
    assert not speaks(sanctions, "another", "192.0.2.1")
    assert speaks(sanctions, "another", "192.0.2.2")
    assert speaks(sanctions, "another", "")


def test_it_ends_by_itself_to_the_moment(sanctions, clock):
    clock.advance(59.5)
    with pytest.raises(Sanctioned) as info:
        sanctions.hush(1, "bob", "")
    assert info.value.left == pytest.approx(0.5)
    clock.advance(0.5)
    assert speaks(sanctions, "bob")
    assert list(sanctions) == [OUT]
    assert len(sanctions) == 1


def test_what_is_discarded_holds_no_longer(sanctions):
    assert sanctions.find("1") is MUTED
    sanctions.discard(MUTED)
    sanctions.discard(MUTED)
    assert speaks(sanctions, "bob", "192.0.2.1")
    for id in ("1", "0", "x", "9" * 30, "\N{ARABIC-INDIC DIGIT TWO}"):
        with pytest.raises(NoSanction):
            sanctions.find(id)


def test_two_of_one_person_are_two(sanctions):
    again = MUTED._replace(id=3, room=None)
    sanctions.add(again)
    sanctions.discard(MUTED)
    assert not speaks(sanctions, "bob", room=2)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1:2", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("127.0.0.9", ""),
        ("::1", ""),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_what_many_share_is_no_network(address, network):
    assert own_network(address) == network
