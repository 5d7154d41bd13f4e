"""The log against a plain list of everything ever published: each subscriber gets (cursor, end],
in order, once, and hears of what was trimmed; whatever is cancelled, trimmed or compacted."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.errors import OperationTimeout
from cogen.testing import FakeLoop


class Subscriber:
    """A driver and what it has seen; fetches one at a time."""

    context = None

    def __init__(self, scheduler, subscription, cursor):
        self.scheduler, self.subscription, self.cursor = scheduler, subscription, cursor
        self.operation = None
        self.woken = False

    def wake(self):
        assert not self.woken
        self.woken = True


class LogMachine(RuleBasedStateMachine):
    @initialize(maxlen=st.sampled_from([None, 1, 2, 5]))
    def begin(self, maxlen):
        self.maxlen = maxlen
        self.loop = FakeLoop()
        self.scheduler = self.loop.scheduler()
        self.log = PublishSubscribeQueue(maxlen)
        self.published = []  # the model: message number n is published[n - 1]
        self.dropped = 0  # how many of them the log has dropped
        self.subscribers = []

    @rule(count=st.integers(1, 4))
    def publish(self, count):
        for _ in range(count):
            message = f"message {len(self.published) + 1}"
            self.published.append(message)
            assert self.log.publish(message) == len(self.published)
            if self.maxlen:
                self.dropped = max(self.dropped, len(self.published) - self.maxlen)

    @rule(data=st.data())
    def subscribe(self, data):
        since = data.draw(st.none() | st.integers(0, len(self.published)))
        subscription = self.log.subscribe(since)
        cursor = len(self.published) if since is None else since
        self.subscribers.append(Subscriber(self.scheduler, subscription, cursor))

    def one(self, data, condition=lambda each: True):
        return data.draw(st.sampled_from([each for each in self.subscribers if condition(each)]))

    @precondition(lambda self: any(not each.operation for each in self.subscribers))
    @rule(data=st.data(), timeout=st.sampled_from([None, 0, 5]))
    def fetch(self, data, timeout):
        who = self.one(data, lambda each: not each.operation)
        who.operation = self.log.fetch(who.subscription, timeout)
        if who.operation.start(who):
            self.take(who)
        else:
            assert who.cursor == len(self.published)

    def take(self, who):
        operation, who.operation, who.woken = who.operation, None, False
        try:
            batch = operation.result()
        except OperationTimeout:
            return
        first = max(who.cursor, self.dropped)
        assert batch == self.published[first:]
        assert batch.missed == first - who.cursor
        assert (batch.first, batch.end) == (first + 1, len(self.published))
        assert batch or batch.missed  # compacting may leave nothing but the news of it
        who.cursor = batch.end
        batch.clear()  # it is the subscriber's own list

    @precondition(lambda self: any(each.woken for each in self.subscribers))
    @rule(data=st.data())
    def resume(self, data):
        self.take(self.one(data, lambda each: each.woken))

    @precondition(lambda self: any(each.operation for each in self.subscribers))
    @rule(data=st.data())
    def cancel(self, data):
        who = self.one(data, lambda each: each.operation)
        who.operation.cancel()
        who.operation, who.woken = None, False

    @precondition(lambda self: self.subscribers)
    @rule(data=st.data(), politely=st.booleans())
    def leave(self, data, politely):
        who = self.one(data)
        self.subscribers.remove(who)
        if who.operation:
            who.operation.cancel()
        if politely:
            self.log.unsubscribe(who.subscription)
        who.operation = who.subscription = None  # else just dropped

    @rule()
    def compact(self):
        taken = min((each.cursor for each in self.subscribers), default=len(self.published))
        before, self.dropped = self.dropped, max(self.dropped, taken)
        assert self.log.compact() == self.dropped - before

    @rule(data=st.data(), limit=st.none() | st.integers(1, 3))
    def read(self, data, limit):
        cursor = data.draw(st.integers(0, len(self.published)))
        first = max(cursor, self.dropped)
        last = len(self.published) if limit is None else first + limit
        batch = self.log.since(cursor, limit)
        assert batch == self.published[first:last]
        assert batch.missed == first - cursor
        assert batch.end == first + len(batch)

    @rule(seconds=st.sampled_from([0, 3]))
    def time_passes(self, seconds):
        self.loop.advance(seconds)

    @invariant()
    def the_log_is_what_the_model_says(self):
        statistics = self.log.statistics()
        assert (statistics.base, statistics.end) == (self.dropped + 1, len(self.published))
        assert statistics.subscribers == len(self.subscribers)
        parked = [each for each in self.subscribers if each.operation and each.operation.parked]
        assert statistics.waiting == len(parked)

    @invariant()
    def nobody_waits_in_vain(self):
        for each in self.subscribers:
            assert each.subscription.cursor == each.cursor
            if each.operation and not each.woken:
                assert each.cursor == len(self.published)


TestLog = LogMachine.TestCase
TestLog.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
