"""Numbers both ways."""

import pytest

from chatapp.live.delivery import LARGEST, MOST, BadAck, Delivery


def test_what_is_next_is_accepted_and_counted_as_it_is_taken():
    delivery = Delivery()
    taken = delivery.accept(1, ["a", "b", "c"])
    assert delivery.received == 0
    assert next(taken) == "a"
    assert delivery.received == 1
    assert list(taken) == ["b", "c"]
    assert delivery.received == 3


@pytest.mark.parametrize(
    "first, messages, accepted",
    [
        (3, "cd", "cd"),
        (1, "abcd", "cd"),
        (2, "b", ""),
        (1, "ab", ""),
        (4, "de", ""),
        (99, "x", ""),
        (3, "", ""),
    ],
)
def test_duplicates_are_dropped_and_a_hole_is_not_accepted(first, messages, accepted):
    delivery = Delivery()
    list(delivery.accept(1, "ab"))
    assert "".join(delivery.accept(first, messages)) == accepted
    assert delivery.received == 2 + len(accepted)


def test_what_is_acknowledged_is_forgotten_and_nothing_else_is():
    delivery = Delivery()
    for number in range(1, 6):
        delivery.send(b"%d" % number)
    delivery.acknowledge(2)
    delivery.acknowledge(1)
    assert delivery.log.base == 3
    connection = delivery.subscribe(2)
    assert list(delivery.log.since(connection.cursor)) == [b"3", b"4", b"5"]
    delivery.acknowledge(5)
    assert delivery.log.statistics().base == 3  # the connection may be sending it
    delivery.log.unsubscribe(connection)
    delivery.send(b"6")
    delivery.acknowledge(6)
    assert delivery.log.base == 7


def test_who_comes_with_an_old_number_goes_on_where_the_newest_was():
    delivery = Delivery()
    for _ in range(3):
        delivery.send(b"x")
    delivery.acknowledge(3)
    assert delivery.subscribe(1).cursor == 3


def test_what_was_never_sent_cannot_be_there():
    delivery = Delivery()
    delivery.send(b"x")
    for act in (delivery.acknowledge, delivery.subscribe):
        with pytest.raises(BadAck):
            act(2)
    assert delivery.log.statistics().subscribers == 1


@pytest.mark.parametrize("size, count", [(1, MOST), (LARGEST // 4, 4)])
def test_it_is_full_by_messages_and_by_bytes_until_some_is_acknowledged(size, count):
    delivery = Delivery()
    for _ in range(count):
        assert not delivery.full
        delivery.send(b"x" * size)
    assert delivery.full
    delivery.acknowledge(1)
    assert not delivery.full
    delivery.acknowledge(count)
    for _ in range(count):
        assert not delivery.full
        delivery.send(b"x" * size)
