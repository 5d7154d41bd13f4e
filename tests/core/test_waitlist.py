import pytest

from cogen.core.events import Sleep
from cogen.core.waitlist import WaitList


class Parked:
    def __init__(self, name, order, then=None):
        self.name, self.order, self.then = name, order, then

    def wake(self, value=None):
        self.order.append((self.name, value))
        if self.then:
            self.then()
        return True


def test_the_first_to_come_is_the_first_called():
    order = []
    line = WaitList()
    first, second = Parked("a", order), Parked("b", order)
    line.park(first)
    line.park(second)
    assert len(line) == 2
    assert list(line) == [first, second]
    assert line.pop() is first
    assert line.pop() is second
    assert not line


def test_who_leaves_is_not_called():
    line = WaitList()
    first, second, third = Sleep(1), Sleep(1), Sleep(1)
    for operation in (first, second, third):
        line.park(operation)
    line.remove(second)
    line.remove(second)
    assert list(line) == [first, third]
    line.remove(first)
    line.remove(third)
    line.remove(third)
    assert len(line) == 0
    assert list(line) == []


def test_calling_out_of_an_empty_line_is_an_error():
    with pytest.raises(KeyError):
        WaitList().pop()


def test_all_are_woken_in_order_and_counted():
    order = []
    line = WaitList()
    assert line.wake_all() == 0
    for name in "abc":
        line.park(Parked(name, order))
    assert line.wake_all("go") == 3
    assert order == [("a", "go"), ("b", "go"), ("c", "go")]
    assert not line


def test_who_parks_while_all_are_woken_waits_for_the_next_time():
    order = []
    line = WaitList()
    late = Parked("late", order)
    line.park(Parked("early", order, then=lambda: line.park(late)))
    assert line.wake_all() == 1
    assert list(line) == [late]


def test_who_leaves_while_all_are_woken_does_no_harm():
    order = []
    line = WaitList()
    second = Parked("b", order)
    line.park(Parked("a", order, then=lambda: line.remove(second)))
    line.park(second)
    line.wake_all()
    assert not line
