"""The faults of the original that concern the engine (mission.md, section 1), one test each."""

import pytest

from cogen.core.pubsub import PublishSubscribeQueue
from cogen.core.queue import Full, Queue
from cogen.errors import CoroutineCancelled


def fetcher(log, subscription, batches):
    while True:
        batches.append((yield log.fetch(subscription)))


def test_1_who_joins_hears_only_what_is_said_from_then_on_and_each_message_once(start, loop):
    log, batches = PublishSubscribeQueue(), []
    log.publish("before")
    start(fetcher, log, log.subscribe(), batches)
    assert batches == []
    log.publish("first")
    loop.run_until_idle()
    log.publish("second")
    loop.run_until_idle()
    assert batches == [["first"], ["second"]]  # no batch is the live list, and grew


def test_2_a_queue_of_ten_holds_ten_messages_however_they_come(start, loop):
    log, queue = PublishSubscribeQueue(), Queue(10)

    def watch():
        subscription = log.subscribe()
        while True:
            for message in (yield log.fetch(subscription)):
                queue.put_nowait(message)

    watching = start(watch)
    for number in range(11):  # all in one batch
        log.publish(number)
    loop.run_until_idle()
    with pytest.raises(Full):
        watching.outcome()
    assert queue.drain() == list(range(10))


def test_3_a_dead_subscriber_pins_nothing_and_compacting_loses_nothing(start, loop):
    log, batches = PublishSubscribeQueue(), []
    alive = start(fetcher, log, log.subscribe(), batches)
    dead = start(fetcher, log, log.subscribe(), [])
    dead.cancel()
    assert log.statistics().subscribers == 1
    for number in range(100):
        log.publish(number)
    loop.run_until_idle()
    assert log.compact() == 100
    log.publish("after")
    log.compact()
    loop.run_until_idle()
    assert batches == [list(range(100)), ["after"]]
    alive.cancel()
    with pytest.raises(CoroutineCancelled):
        alive.outcome()
    log.publish("nobody is left")
    assert log.compact() == 2


@pytest.mark.parametrize("moment", ["while it waits", "after it was woken"])
def test_5_a_message_for_a_request_that_has_dropped_stays_in_the_queue(start, loop, moment):
    queue = Queue(10)

    def pull():
        return (yield queue.get(timeout=10))

    dropped = start(pull)
    if moment == "while it waits":
        dropped.cancel()
        queue.put_nowait("message")
    else:
        queue.put_nowait("message")
        dropped.cancel()
    loop.run_until_idle()
    assert start(pull).outcome() == "message"
