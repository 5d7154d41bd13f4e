"""What cogen 0.2.1's own tests assert of its engine, on our API, one behaviour a test."""

import time
import traceback

import pytest

from cogen.core.coroutines import coro
from cogen.core.events import AddCoro, Join, Signal, Sleep, WaitForSignal
from cogen.core.operations import TimedOperation
from cogen.core.pubsub import PublishSubscribeQueue
from cogen.core.queue import Full, Queue
from cogen.errors import OperationTimeout
from tests.core.waiting import sleeper

# Signals

# The original's four priorities: whether those who are woken, and the one who signals, run before
# what is ready already. Ours signals and goes on; to run last it yields once more.
PRIORITIES = {
    "LAST": (False, True, ["other", "recipient 1", "recipient 2", "signaller"]),
    "CORO": (False, False, ["signaller", "other", "recipient 1", "recipient 2"]),
    "OP": (True, True, ["recipient 1", "recipient 2", "other", "signaller"]),
    "FIRST": (True, False, ["signaller", "recipient 1", "recipient 2", "other"]),
}


@pytest.mark.parametrize("priority", PRIORITIES)
def test_signal_order_by_priority(scheduler, loop, priority):
    first, stands_back, expected = PRIORITIES[priority]
    order = []

    def recipient(number):
        assert (yield WaitForSignal("news")) == "value"
        order.append(f"recipient {number}")

    def signaller():
        assert (yield Signal("news", "value", first=first)) == 2
        if stands_back:
            yield
        order.append("signaller")

    def other():
        order.append("other")
        yield

    for number in (1, 2):
        scheduler.add(recipient, (number,))
    loop.run_until_idle()
    scheduler.add(signaller)
    scheduler.add(other)
    loop.run_until_idle()
    assert order == expected


@pytest.mark.parametrize("recipients", [1, 2, 10])
def test_a_signal_waits_for_its_recipients(start, recipients):
    def recipient():
        return (yield WaitForSignal("news"))

    def signaller():
        return (yield Signal("news", "value", recipients=recipients))

    sending = start(signaller)
    waiting = []
    for _ in range(recipients):
        assert not sending.ended
        assert not any(each.ended for each in waiting)
        waiting.append(start(recipient))
    assert sending.outcome() == recipients
    assert [each.outcome() for each in waiting] == ["value"] * recipients


# Coroutines


def test_add_coro_gives_the_coroutine_and_goes_on_at_once(start, loop):
    order = []

    def child(name, *, also):
        order.append((name, also))
        yield Sleep(1)
        return "done"

    def parent():
        added = yield AddCoro(child, args=("x",), kwargs={"also": 2})
        order.append("parent")
        assert not added.ended
        return added, (yield Join(added))

    parent_running = start(parent)
    assert order == ["parent", ("x", 2)]
    loop.advance(1)
    added, result = parent_running.outcome()
    assert added.ended
    assert result == "done"


@coro
def innermost(fails):
    yield Sleep(1)
    if fails:
        raise KeyError("deep down")
    return ["innermost"]


@coro
def middle(fails):
    yield
    return [*(yield innermost(fails)), "middle"]


@coro
def outermost(fails):
    try:
        return [*(yield middle(fails)), "outermost"]
    finally:
        yield


def test_a_call_gives_what_was_returned(start, loop):
    calling = start(outermost, False)
    loop.advance(1)
    assert calling.outcome() == ["innermost", "middle", "outermost"]


def frames(error):
    """The names of our functions in the traceback, from the outermost on."""
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return [name for name in names if name in ("outermost", "middle", "innermost", "awaits")]


def test_a_call_raises_what_was_raised_with_the_whole_traceback(start, loop, caplog):
    calling = start(outermost, True)
    loop.advance(1)
    with pytest.raises(KeyError, match="deep down") as raised:
        calling.outcome()
    assert frames(raised.value) == ["outermost", "middle", "innermost"]
    lines = "".join(traceback.format_exception(raised.value))
    assert "(yield middle(fails))" in lines
    assert "(yield innermost(fails))" in lines
    assert 'raise KeyError("deep down")' in lines


def test_so_does_one_in_async_def(run):
    async def awaits():
        await outermost(True)

    with pytest.raises(KeyError, match="deep down") as raised:
        run(awaits())
    assert frames(raised.value) == ["awaits", "outermost", "middle", "innermost"]


def test_an_exception_can_be_caught_on_its_way(start, loop):
    @coro
    def outer():
        try:
            yield innermost(True)
        except KeyError as error:
            return [frame.name for frame in traceback.extract_tb(error.__traceback__)][-1]

    calling = start(outer)
    loop.advance(1)
    assert calling.outcome() == "innermost"


def test_join_gives_what_the_coroutine_returned(start, loop):
    child = start(sleeper, 1, "result")

    def joiner():
        return (yield Join(child))

    joining = start(joiner)
    assert not joining.ended
    loop.advance(1)
    assert joining.outcome() == "result"


# Operations and time


class Refuses(TimedOperation):
    """Raises in its start."""

    def _begin(self):
        raise KeyError("no")


def test_an_operation_that_raises_in_its_start_leaves_no_stray_timeout(start, scheduler, loop):
    def waiter():
        try:
            yield Refuses(timeout=10)
        except KeyError:
            yield Sleep(100)
            return "once"

    waiting = start(waiter)
    assert scheduler.statistics().timers == 1  # the sleep's
    loop.advance(100)
    assert waiting.outcome() == "once"


def test_sleep_lasts_as_long_as_it_is_told(start, loop):
    sleeping = start(sleeper, 1)
    loop.advance(0.999)
    assert not sleeping.ended
    loop.advance(0.001)
    assert sleeping.ended


def test_sleep_of_a_second_takes_a_second_on_the_real_clock(run):
    async def measured():
        began = time.monotonic()
        await Sleep(1)
        return time.monotonic() - began

    # A busy machine may hold a process up for a while, but not each time.
    took = [run(measured())]
    while abs(took[-1] - 1) > 0.05 and len(took) < 5:
        took.append(run(measured()))
    assert min(took) > 0.95
    assert min(took) == pytest.approx(1, abs=0.05)


# Queues


def give(operation):
    """A coroutine that gives an operation's result, or "timeout"."""
    try:
        return (yield operation)
    except OperationTimeout:
        return "timeout"


def test_a_queue_keeps_its_order(start, loop):
    queue, got = Queue(3), []

    def producer():
        for number in range(100):
            yield queue.put(number)

    def consumer():
        while len(got) < 100:
            got.append((yield queue.get()))

    start(producer)
    start(consumer)
    assert got == list(range(100))


def test_a_queue_that_is_full_says_so(start):
    queue = Queue(2)
    queue.put_nowait(1)
    queue.put_nowait(2)
    with pytest.raises(Full):
        queue.put_nowait(3)
    putting = start(give, queue.put(3))
    assert not putting.ended
    assert queue.get_nowait() == 1


def test_a_get_that_times_out_leaves_later_items_in_place(start, loop):
    queue = Queue()
    getting = start(give, queue.get(timeout=10))
    loop.advance(10)
    assert getting.outcome() == "timeout"
    queue.put_nowait("later")
    loop.run_until_idle()
    assert queue.get_nowait() == "later"
    assert queue.statistics().getters == 0


def test_join_waits_until_three_workers_have_done_what_two_bosses_put(scheduler, loop):
    queue, done = Queue(2), []

    def boss(name):
        for number in range(10):
            yield queue.put((name, number))

    def worker(seconds):
        while True:
            item = yield queue.get()
            yield Sleep(seconds)
            done.append(item)
            queue.task_done()

    def waiter():
        yield queue.join()
        return len(done)

    bosses = [scheduler.add(boss, (name,)) for name in "ab"]
    workers = [scheduler.add(worker, (seconds,)) for seconds in (1, 2, 3)]
    loop.turn()
    waiting = scheduler.add(waiter)
    for _ in range(30):
        assert waiting.ended == (len(done) == 20)
        loop.advance(1)
    assert all(each.ended for each in bosses)
    assert waiting.outcome() == 20
    assert sorted(done) == [(name, number) for name in "ab" for number in range(10)]
    for each in workers:
        each.cancel()


# Publish and subscribe


def test_every_subscriber_gets_everything_in_order_once(scheduler, loop):
    log, got = PublishSubscribeQueue(), {}

    def subscriber(number):
        subscription, messages = log.subscribe(), got.setdefault(number, [])
        while len(messages) < 100:
            messages += yield log.fetch(subscription)
            yield Sleep(number)  # the later ones get more at a time

    for number in range(10):
        scheduler.add(subscriber, (number,))
    loop.run_until_idle()
    for message in range(100):
        log.publish(message)
        loop.advance(1)
    loop.advance(20)
    assert got == {number: list(range(100)) for number in range(10)}


def test_compact_drops_only_what_all_have_read(start):
    log = PublishSubscribeQueue()
    fast, slow = log.subscribe(), log.subscribe()
    for message in "abc":
        log.publish(message)
    start(give, log.fetch(fast))
    assert log.compact() == 0
    assert start(give, log.fetch(slow)).outcome() == ["a", "b", "c"]
    log.publish("d")
    assert log.compact() == 3
    assert (log.base, log.end) == (4, 4)
    assert start(give, log.fetch(fast)).outcome() == ["d"]
    assert start(give, log.fetch(slow)).outcome() == ["d"]
