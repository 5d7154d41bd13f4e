import contextlib
import weakref
from datetime import timedelta

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.core.operations import Operation, TimedOperation
from cogen.core.queue import Queue
from cogen.errors import OperationMisuse, OperationTimeout


class Driver:
    """Whoever waits, by hand."""

    def __init__(self, scheduler):
        self.scheduler = scheduler
        self.woken = 0

    def wake(self):
        self.woken += 1


class Gate(TimedOperation):
    """Parks; says what is done to it."""

    def __init__(self, timeout=None, at_once=False, begin_error=None, undo_error=None):
        super().__init__(timeout)
        self.at_once, self.begin_error, self.undo_error = at_once, begin_error, undo_error
        self.done = []

    def _begin(self):
        if self.begin_error:
            raise self.begin_error
        return self.at_once

    def _undo(self):
        self.done.append("undone")
        if self.undo_error:
            raise self.undo_error

    def _give_back(self):
        self.done.append("given back")


@pytest.fixture
def driver(scheduler):
    return Driver(scheduler)


def test_a_result_that_is_there_at_once_needs_no_wake(driver):
    gate = Gate(at_once=True)
    assert gate.start(driver)
    assert gate.result() is None
    assert driver.woken == 0


def test_a_parked_operation_gives_what_it_is_woken_with(driver):
    gate = Gate()
    assert not gate.start(driver)
    assert gate.parked
    assert gate.wake("value")
    assert driver.woken == 1
    assert not gate.parked
    assert gate.result() == "value"


def test_a_parked_operation_raises_what_it_is_failed_with(driver):
    gate = Gate()
    gate.start(driver)
    assert gate.fail(KeyError("lost"))
    assert gate.done == ["undone"]
    with pytest.raises(KeyError, match="lost"):
        gate.result()


def test_only_the_first_wake_counts(driver):
    gate = Gate()
    assert not gate.wake("too early")
    gate.start(driver)
    assert gate.wake("first")
    assert not gate.wake("second")
    assert driver.woken == 1
    assert gate.result() == "first"
    assert not gate.wake("too late")
    assert not gate.fail(KeyError())


def test_a_failure_takes_the_place_of_a_promise_and_gives_it_back(driver):
    gate = Gate()
    gate.start(driver)
    gate.wake("promise")
    assert gate.fail(KeyError("lost"))
    assert gate.done == ["given back"]
    assert driver.woken == 1
    assert not gate.fail(KeyError("again"))
    with pytest.raises(KeyError, match="lost"):
        gate.result()


def test_an_operation_waits_only_once(driver):
    gate = Gate()
    gate.start(driver)
    with pytest.raises(OperationMisuse, match="started before"):
        gate.start(driver)
    gate.wake(1)
    assert gate.result() == 1
    with pytest.raises(OperationMisuse):
        gate.start(driver)


def test_a_result_cannot_be_taken_early_or_twice(driver):
    gate = Gate()
    with pytest.raises(OperationMisuse, match="no result"):
        gate.result()
    gate.start(driver)
    with pytest.raises(OperationMisuse):
        gate.result()
    gate.wake(1)
    gate.result()
    with pytest.raises(OperationMisuse):
        gate.result()


def test_cancelling_a_parked_operation_undoes_the_parking(driver):
    gate = Gate(timeout=10)
    gate.start(driver)
    gate.cancel()
    assert gate.done == ["undone"]
    assert not gate.wake()
    assert driver.woken == 0
    assert driver.scheduler.statistics().timers == 0


def test_cancelling_a_woken_operation_gives_the_promise_back(driver):
    gate = Gate()
    gate.start(driver)
    gate.wake()
    gate.cancel()
    assert gate.done == ["given back"]
    with pytest.raises(OperationMisuse):
        gate.result()


def test_cancelling_twice_or_after_the_result_does_nothing(driver):
    gate = Gate()
    gate.start(driver)
    gate.cancel()
    gate.cancel()
    assert gate.done == ["undone"]
    taken = Gate(at_once=True)
    taken.start(driver)
    taken.result()
    taken.cancel()
    assert taken.done == []


def test_an_operation_cancelled_before_it_began_cannot_be_started(driver):
    gate = Gate()
    gate.cancel()
    with pytest.raises(OperationMisuse):
        gate.start(driver)


def test_the_timeout_ends_it_and_names_the_operation(driver, loop):
    gate = Gate(timeout=10)
    gate.start(driver)
    loop.advance(9.9)
    assert gate.parked
    loop.advance(0.2)
    assert driver.woken == 1
    with pytest.raises(OperationTimeout) as caught:
        gate.result()
    assert caught.value.args == (gate,)
    assert isinstance(caught.value, TimeoutError)


def test_a_timeout_may_be_a_timedelta(driver, loop):
    gate = Gate(timeout=timedelta(minutes=1))
    gate.start(driver)
    loop.advance(59)
    assert gate.parked
    loop.advance(1)
    assert not gate.parked


def test_a_timeout_of_nothing_ends_it_in_the_next_turn(driver, loop):
    gate = Gate(timeout=0)
    assert not gate.start(driver)
    assert gate.parked
    loop.advance(0)
    with pytest.raises(OperationTimeout):
        gate.result()


def test_a_timeout_of_nothing_still_takes_what_is_there_at_once(start):
    queue = Queue()
    queue.put_nowait("item")

    def getter():
        return (yield queue.get(timeout=0))

    assert start(getter).outcome() == "item"


@pytest.mark.parametrize("timeout", [-1, float("nan"), timedelta(seconds=-1)])
def test_a_timeout_that_is_no_length_of_time_is_refused(timeout):
    with pytest.raises(ValueError, match="timeout"):
        Gate(timeout=timeout)


def test_a_beginning_that_raises_keeps_nobody_alive(scheduler, no_gc):
    gate, driver = Gate(begin_error=KeyError("no")), Driver(scheduler)
    gone = weakref.ref(driver)
    with pytest.raises(KeyError):
        gate.start(driver)
    del driver
    assert gone() is None
    assert not gate.parked
    assert gate.done == []


def test_a_wake_in_time_leaves_no_stray_timeout(driver, loop):
    gate = Gate(timeout=10)
    gate.start(driver)
    gate.wake("in time")
    assert driver.scheduler.statistics().timers == 0
    loop.advance(20)
    assert gate.result() == "in time"


def test_who_waits_is_woken_even_when_leaving_the_line_fails(driver, loop):
    gate = Gate(timeout=1, undo_error=KeyError("cannot leave"))
    gate.start(driver)
    with pytest.raises(KeyError):
        loop.advance(1)
    assert driver.woken == 1
    with pytest.raises(OperationTimeout):
        gate.result()


def test_an_operation_that_is_cancelled_while_it_fails_wakes_nobody(driver):
    class Cancelled(Gate):
        def _undo(self):
            super()._undo()
            self.cancel()

    gate = Cancelled()
    gate.start(driver)
    gate.fail(KeyError())
    assert gate.done == ["undone"]
    assert driver.woken == 0
    with pytest.raises(OperationMisuse):
        gate.result()


def test_a_failed_operation_is_freed_without_the_collector(driver, no_gc):
    class Lost(Exception):
        pass

    gate, error = Gate(), Lost()
    gone = [weakref.ref(error)]
    gate.start(driver)
    gate.fail(error)
    del error
    with contextlib.suppress(Lost):
        gate.result()
    del gate
    assert gone[0]() is None


def test_the_scheduler_is_known_only_while_it_waits(driver):
    gate = Gate()
    with pytest.raises(OperationMisuse):
        _ = gate.scheduler
    gate.start(driver)
    assert gate.scheduler is driver.scheduler


def test_repr_tells_what_it_is_and_how_far(driver):
    gate = Gate()
    assert repr(gate) == "<Gate new>"
    gate.start(driver)
    assert repr(gate) == "<Gate parked>"
    gate.wake()
    assert repr(gate) == "<Gate ready>"


def test_an_operation_without_a_beginning_says_so(driver):
    with pytest.raises(NotImplementedError):
        Operation().start(driver)


def test_yielding_an_operation_twice_fails_at_the_second_yield(start, loop):
    sleep = Sleep(1)

    @coro
    def sleeper():
        yield sleep
        try:
            yield sleep
        except OperationMisuse:
            return "refused"

    sleeping = start(sleeper)
    loop.advance(1)
    assert sleeping.outcome() == "refused"
