"""The queue against a list: whatever happens between start, wake and resume, no item is lost,
doubled or out of order, and the bound holds."""

from collections import deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from cogen.core.queue import Empty, Full, Queue
from cogen.errors import OperationTimeout
from cogen.testing import FakeLoop


class Driver:
    """Whoever waits: notes that it was woken, and resumes when the test says so."""

    context = None

    def __init__(self, scheduler, operation, item=None):
        self.scheduler, self.operation, self.item = scheduler, operation, item
        self.woken = False

    def wake(self):
        assert not self.woken
        self.woken = True


class QueueMachine(RuleBasedStateMachine):
    @initialize(maxsize=st.integers(0, 3))
    def begin(self, maxsize):
        self.maxsize = maxsize
        self.loop = FakeLoop()
        self.scheduler = self.loop.scheduler()
        self.queue = Queue(maxsize)
        self.inside = deque()  # the model
        self.number = 0
        self.waiting = []  # drivers, in the order in which they came

    def next_item(self):
        self.number += 1
        return self.number

    @rule()
    def put_nowait(self):
        item = self.next_item()
        try:
            self.queue.put_nowait(item)
        except Full:
            assert self.maxsize
            putters = sum(1 for each in self.waiting if each.item and each.woken)
            assert len(self.inside) + putters >= self.maxsize
        else:
            self.inside.append(item)

    @rule()
    def get_nowait(self):
        try:
            item = self.queue.get_nowait()
        except Empty:
            promised = sum(1 for each in self.waiting if not each.item and each.woken)
            assert len(self.inside) <= promised
        else:
            assert item == self.inside.popleft()

    @rule()
    def drain(self):
        for item in self.queue.drain():
            assert item == self.inside.popleft()

    @rule(timeout=st.sampled_from([None, 0, 5]))
    def get(self, timeout):
        driver = Driver(self.scheduler, self.queue.get(timeout))
        if driver.operation.start(driver):
            assert driver.operation.result() == self.inside.popleft()
        else:
            self.waiting.append(driver)

    @rule(timeout=st.sampled_from([None, 0, 5]))
    def put(self, timeout):
        item = self.next_item()
        driver = Driver(self.scheduler, self.queue.put(item, timeout), item)
        if driver.operation.start(driver):
            assert driver.operation.result() is None
            self.inside.append(item)
        else:
            self.waiting.append(driver)

    @precondition(lambda self: any(each.woken for each in self.waiting))
    @rule(data=st.data())
    def resume(self, data):
        driver = data.draw(st.sampled_from([each for each in self.waiting if each.woken]))
        self.waiting.remove(driver)
        try:
            result = driver.operation.result()
        except OperationTimeout:
            return
        if driver.item:
            self.inside.append(driver.item)
        else:
            assert result == self.inside.popleft()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data):
        driver = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(driver)
        driver.operation.cancel()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def fail(self, data):
        data.draw(st.sampled_from(self.waiting)).operation.fail(OperationTimeout())

    @rule(seconds=st.sampled_from([0, 3]))
    def time_passes(self, seconds):
        self.loop.advance(seconds)

    @invariant()
    def what_is_inside_is_what_the_model_says(self):
        statistics = self.queue.statistics()
        assert statistics.size == len(self.inside)
        assert not self.maxsize or statistics.size <= self.maxsize
        parked = [each for each in self.waiting if each.operation.parked]
        assert statistics.getters == sum(1 for each in parked if not each.item)
        assert statistics.putters == sum(1 for each in parked if each.item)
        assert all(each.woken != each.operation.parked for each in self.waiting)

    @invariant()
    def nobody_waits_in_vain(self):
        statistics = self.queue.statistics()
        if statistics.getters:  # every item is on its way to somebody
            try:
                self.queue.get_nowait()
            except Empty:
                pass
            else:
                raise AssertionError("a getter waits beside a free item")
        if statistics.putters:
            assert self.queue.full()

    def teardown(self):
        """Once all have resumed, items and places are all free again."""
        if not hasattr(self, "waiting"):
            return
        while woken := [each for each in self.waiting if each.woken]:
            for driver in woken:
                self.waiting.remove(driver)
                try:
                    result = driver.operation.result()
                except OperationTimeout:
                    continue
                if driver.item:
                    self.inside.append(driver.item)
                else:
                    assert result == self.inside.popleft()
        for driver in self.waiting:
            driver.operation.cancel()
        assert self.queue.drain() == list(self.inside)
        assert not self.queue.full()
        assert self.scheduler.statistics().timers == 0


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
