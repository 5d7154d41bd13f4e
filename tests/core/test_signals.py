import pytest

from cogen.core.events import Signal, WaitForSignal
from cogen.core.signals import Signals
from cogen.errors import OperationTimeout


@pytest.fixture
def heard():
    return []


@pytest.fixture
def listen(start, heard):
    def listen(who, name="news", timeout=None):
        def listener():
            try:
                heard.append((who, (yield WaitForSignal(name, timeout=timeout))))
            except OperationTimeout:
                heard.append((who, "timeout"))

        return start(listener)

    return listen


@pytest.fixture
def signal(start):
    def signal(*args, **options):
        def signaller():
            return (yield Signal(*args, **options))

        return start(signaller)

    return signal


def test_a_signal_wakes_all_who_wait_for_its_name_and_counts_them(listen, signal, heard):
    for who in "abc":
        listen(who)
    listen("other", name="weather")
    assert signal("news", "value").outcome() == 3
    assert heard == [("a", "value"), ("b", "value"), ("c", "value")]


def test_a_signal_that_nobody_waits_for_is_not_kept(listen, signal, heard):
    assert signal("news", 1).outcome() == 0
    listen("late")
    assert heard == []


def test_any_hashable_is_a_name(listen, signal, heard):
    listen("a", name=("room", 7))
    assert signal(("room", 7)).outcome() == 1
    assert heard == [("a", None)]


def test_a_name_that_cannot_be_hashed_is_refused_where_it_is_yielded(start):
    def waiter():
        for operation in (WaitForSignal([]), Signal([], recipients=1)):
            try:
                yield operation
            except TypeError:
                continue
            return "accepted"
        return "refused"

    assert start(waiter).outcome() == "refused"


def test_a_signal_with_enough_recipients_goes_at_once(listen, signal):
    listen("a")
    listen("b")
    assert signal("news", recipients=2).outcome() == 2


def test_who_gives_up_waiting_is_no_recipient(listen, signal, heard):
    sending = signal("news", "x", recipients=2)
    first = listen("gone")
    first.cancel()
    listen("a")
    assert not sending.ended
    listen("b")
    assert sending.outcome() == 2
    assert sorted(heard) == [("a", "x"), ("b", "x")]


def test_a_signal_whose_recipients_never_come_times_out(listen, signal, loop, heard):
    def caught(sending):
        with pytest.raises(OperationTimeout):
            sending.outcome()

    sending = signal("news", "x", recipients=2, timeout=5)
    listen("a")
    loop.advance(5)
    caught(sending)
    listen("b")
    assert heard == []
    assert signal("news", "y").outcome() == 2


def test_a_cancelled_signal_is_never_sent(listen, signal, heard):
    sending = signal("news", "x", recipients=1)
    sending.cancel()
    listen("a")
    assert heard == []


def test_held_signals_are_sent_oldest_first_each_to_its_own_recipients(listen, signal, heard):
    first = signal("news", "first", recipients=1)
    second = signal("news", "second", recipients=1)
    listen("a")
    assert first.outcome() == 1
    assert not second.ended
    listen("b")
    assert second.outcome() == 1
    assert heard == [("a", "first"), ("b", "second")]


def test_waiting_for_a_signal_times_out(listen, signal, loop, heard):
    listen("a", timeout=3)
    loop.advance(3)
    assert heard == [("a", "timeout")]
    assert signal("news").outcome() == 0


def test_a_timeout_is_disarmed_when_a_held_signal_is_there_already(
    listen, signal, loop, scheduler, heard
):
    signal("news", "x", recipients=1)
    listen("a", timeout=3)
    assert scheduler.statistics().timers == 0
    loop.advance(5)
    assert heard == [("a", "x")]


@pytest.mark.parametrize("held", [False, True])
def test_first_puts_the_recipients_before_all_that_is_ready(loop, scheduler, held):
    order = []

    def listener(who):
        yield WaitForSignal("news")
        order.append(who)

    def signaller():
        yield Signal("news", first=True, recipients=3 if held else 0)
        order.append("signaller")

    def other(who):
        order.append(who)
        yield

    scheduler.add(listener, ("a",))
    scheduler.add(listener, ("b",))
    loop.run_until_idle()
    scheduler.add(signaller)
    if held:
        scheduler.add(listener, ("c",))
    scheduler.add(other, ("x",))
    scheduler.add(other, ("y",))
    loop.run_until_idle()
    if held:
        assert order == ["c", "a", "b", "x", "y", "signaller"]
    else:
        assert order == ["signaller", "a", "b", "x", "y"]


def test_who_completes_a_held_signal_need_not_wait_for_it(scheduler, signal, loop):
    class Driver:
        """Whoever waits; one that must not be woken while it starts, as a request."""

        context = None

        def __init__(self):
            self.scheduler = scheduler

        def wake(self):
            raise AssertionError("woken while it starts")

    sending = signal("news", "value", recipients=1)
    waiting = WaitForSignal("news", timeout=10)
    assert waiting.start(Driver())
    assert waiting.result() == "value"
    loop.run_until_idle()
    assert sending.outcome() == 1
    assert scheduler.statistics().timers == 0


def test_a_name_that_nobody_uses_any_more_is_forgotten(listen, signal, scheduler):
    board = scheduler.signals
    for number in range(100):
        listen("a", name=number).cancel()
        signal(number, recipients=5).cancel()
    assert all(board.listening(number) == 0 for number in range(100))
    assert all(board.held(number) == [] for number in range(100))


def test_each_scheduler_has_a_board_of_its_own(listen, signal, heard):
    listen("a")
    assert Signals().deliver("news", "x") == 0
    assert heard == []
