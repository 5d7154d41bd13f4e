import pytest

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.errors import OperationTimeout


@pytest.fixture
def log():
    return PublishSubscribeQueue()


@pytest.fixture
def bounded():
    return PublishSubscribeQueue(maxlen=3)


def give(operation):
    """A coroutine that gives an operation's result, or "timeout"."""
    try:
        return (yield operation)
    except OperationTimeout:
        return "timeout"


def publish(log, messages):
    return [log.publish(message) for message in messages]


def test_messages_are_numbered_from_one_without_holes(log):
    assert (log.base, log.end) == (1, 0)
    assert publish(log, "abc") == [1, 2, 3]
    assert (log.base, log.end) == (1, 3)


def test_fetch_gives_at_once_what_is_there(log, start):
    subscription = log.subscribe()
    publish(log, "ab")
    batch = start(give, log.fetch(subscription)).outcome()
    assert batch == ["a", "b"]
    assert (batch.missed, batch.first, batch.end) == (0, 1, 2)
    assert subscription.cursor == 2


def test_fetch_waits_when_there_is_nothing_new(log, start, loop):
    subscription = log.subscribe()
    fetching = start(give, log.fetch(subscription))
    assert not fetching.ended
    assert log.statistics().waiting == 1
    log.publish("a")
    loop.run_until_idle()
    assert fetching.outcome() == ["a"]


def test_what_comes_between_wake_and_resume_is_in_the_same_batch(log, start, loop):
    fetching = start(give, log.fetch(log.subscribe()))
    publish(log, "abc")
    loop.run_until_idle()
    assert fetching.outcome() == ["a", "b", "c"]


def test_a_fetch_that_times_out_moves_nothing(log, start, loop):
    subscription = log.subscribe()
    fetching = start(give, log.fetch(subscription, timeout=10))
    loop.advance(10)
    assert fetching.outcome() == "timeout"
    log.publish("a")
    assert start(give, log.fetch(subscription)).outcome() == ["a"]


def test_a_fetch_cancelled_after_it_was_woken_has_missed_nothing(log, start):
    subscription = log.subscribe()
    fetching = start(give, log.fetch(subscription))
    log.publish("a")
    fetching.cancel()
    assert start(give, log.fetch(subscription)).outcome() == ["a"]


def test_of_two_who_fetch_for_one_subscriber_one_gets_the_messages(log, start, loop):
    subscription = log.subscribe()
    both = [start(give, log.fetch(subscription)) for _ in range(2)]
    log.publish("a")
    loop.run_until_idle()
    assert [each.outcome() for each in both] == [["a"], []]


def test_a_subscriber_begins_at_the_end_unless_told_since(log, start):
    publish(log, "abc")
    assert not start(give, log.fetch(log.subscribe())).ended
    assert start(give, log.fetch(log.subscribe(since=0))).outcome() == ["a", "b", "c"]
    assert start(give, log.fetch(log.subscribe(since=2))).outcome() == ["c"]


@pytest.mark.parametrize("since", [-1, 4])
def test_a_cursor_that_no_message_has_is_refused(log, since):
    publish(log, "abc")
    with pytest.raises(ValueError, match="0 to 3"):
        log.subscribe(since=since)


def test_a_bounded_log_drops_the_oldest_and_says_how_many_were_missed(bounded, start):
    subscription = bounded.subscribe()
    publish(bounded, "abcde")
    assert (bounded.base, bounded.end) == (3, 5)
    batch = start(give, bounded.fetch(subscription)).outcome()
    assert batch == ["c", "d", "e"]
    assert (batch.missed, batch.first, batch.end) == (2, 3, 5)
    bounded.publish("f")
    batch = start(give, bounded.fetch(subscription)).outcome()
    assert (batch, batch.missed) == (["f"], 0)


def test_a_log_has_room_for_one_message_at_least():
    with pytest.raises(ValueError, match="maxlen"):
        PublishSubscribeQueue(maxlen=0)


def test_batches_are_lists_of_their_own(log, start):
    first, second = log.subscribe(), log.subscribe()
    log.publish("a")
    batch = start(give, log.fetch(first)).outcome()
    batch.append("mine")
    assert start(give, log.fetch(second)).outcome() == ["a"]
    assert log.since(0) == ["a"]


def test_since_reads_without_waiting_and_moves_nobody(log):
    subscription = log.subscribe()
    publish(log, "abcd")
    assert log.since(0) == ["a", "b", "c", "d"]
    assert log.since(2) == ["c", "d"]
    assert log.since(3) == ["d"]
    assert subscription.cursor == 0


def test_since_the_end_is_an_empty_batch_that_knows_its_place(log):
    publish(log, "ab")
    batch = log.since(2)
    assert (batch, batch.missed, batch.first, batch.end) == ([], 0, 3, 2)


def test_since_gives_the_oldest_of_a_limit(bounded):
    publish(bounded, "abcde")
    batch = bounded.since(1, limit=2)
    assert (batch, batch.missed, batch.first, batch.end) == (["c", "d"], 1, 3, 4)
    batch = bounded.since(batch.end, limit=2)
    assert (batch, batch.missed, batch.end) == (["e"], 0, 5)


def test_compact_without_subscribers_drops_everything(log):
    publish(log, "abc")
    assert log.compact() == 3
    assert (log.base, log.end) == (4, 3)
    assert log.compact() == 0
    assert log.publish("d") == 4


def test_compact_with_a_subscriber_that_was_overtaken_drops_nothing(bounded):
    subscription = bounded.subscribe()
    publish(bounded, "abcde")
    assert bounded.compact() == 0
    assert bounded.since(subscription.cursor) == ["c", "d", "e"]


def test_a_subscriber_that_goes_holds_nothing_back(log):
    gone, dropped = log.subscribe(), log.subscribe()
    publish(log, "abc")
    log.unsubscribe(gone)
    log.unsubscribe(gone)
    assert log.statistics().subscribers == 1
    del dropped
    assert log.statistics().subscribers == 0
    assert log.compact() == 3


def test_statistics_tell_bounds_and_who_waits(bounded, start):
    start(give, bounded.fetch(bounded.subscribe()))
    statistics = bounded.statistics()
    assert (statistics.base, statistics.end) == (1, 0)
    assert (statistics.subscribers, statistics.waiting) == (1, 1)
