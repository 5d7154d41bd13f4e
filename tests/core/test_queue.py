import queue as standard
from datetime import timedelta

import pytest

from cogen.core.queue import Empty, Full, Queue
from cogen.errors import OperationTimeout


def give(operation):
    """A coroutine that gives an operation's result, or "timeout"."""
    try:
        return (yield operation)
    except OperationTimeout:
        return "timeout"


def test_items_come_out_in_the_order_in_which_they_went_in():
    queue = Queue()
    for number in range(3):
        queue.put_nowait(number)
    assert queue.qsize() == 3
    assert [queue.get_nowait() for _ in range(3)] == [0, 1, 2]
    assert queue.empty()


def test_an_empty_queue_raises_empty_which_is_the_standard_librarys_too():
    with pytest.raises(Empty):
        Queue().get_nowait()
    with pytest.raises(standard.Empty):
        Queue().get_nowait()


def test_a_full_queue_raises_full_which_is_the_standard_librarys_too():
    queue = Queue(2)
    queue.put_nowait(1)
    assert not queue.full()
    queue.put_nowait(2)
    assert queue.full()
    with pytest.raises(Full):
        queue.put_nowait(3)
    with pytest.raises(standard.Full):
        queue.put_nowait(3)
    assert queue.drain() == [1, 2]


def test_a_queue_without_bound_is_never_full():
    queue = Queue()
    for number in range(10_000):
        queue.put_nowait(number)
    assert not queue.full()


def test_a_negative_bound_is_refused():
    with pytest.raises(ValueError, match="maxsize"):
        Queue(-1)


def test_get_waits_for_an_item(start, loop):
    queue = Queue()
    getting = start(give, queue.get())
    assert not getting.ended
    queue.put_nowait("item")
    loop.run_until_idle()
    assert getting.outcome() == "item"
    assert queue.empty()


def test_getters_are_served_in_the_order_in_which_they_came(start, loop):
    queue = Queue()
    getting = [start(give, queue.get()) for _ in range(3)]
    for number in range(3):
        queue.put_nowait(number)
    loop.run_until_idle()
    assert [each.outcome() for each in getting] == [0, 1, 2]


def test_put_waits_for_a_free_place(start, loop):
    queue = Queue(1)
    queue.put_nowait("first")
    putting = start(give, queue.put("second"))
    assert not putting.ended
    assert queue.get_nowait() == "first"
    loop.run_until_idle()
    assert putting.ended
    assert queue.get_nowait() == "second"


def test_putters_are_served_in_the_order_in_which_they_came(start, loop):
    queue = Queue(1)
    for number in range(4):
        start(give, queue.put(number))
    got = []
    while not queue.empty():
        got.append(queue.get_nowait())
        loop.run_until_idle()
    assert got == [0, 1, 2, 3]


def test_who_comes_late_does_not_overtake_a_putter_that_waits(start, loop):
    queue = Queue(1)
    queue.put_nowait("first")
    start(give, queue.put("second"))
    queue.get_nowait()  # the place is the putter's now
    assert queue.full()
    with pytest.raises(Full):
        queue.put_nowait("overtaking")
    loop.run_until_idle()
    assert queue.drain() == ["second"]


def test_who_comes_late_does_not_take_what_a_getter_was_promised(start, loop):
    queue = Queue()
    getting = start(give, queue.get())
    queue.put_nowait("promised")
    with pytest.raises(Empty):
        queue.get_nowait()
    assert queue.drain() == []
    queue.put_nowait("free")
    assert queue.drain() == ["promised"]  # in order; the getter takes the next
    loop.run_until_idle()
    assert getting.outcome() == "free"


def test_a_put_that_times_out_puts_nothing(start, loop):
    queue = Queue(1)
    queue.put_nowait("first")
    putting = start(give, queue.put("never", timeout=timedelta(seconds=10)))
    loop.advance(10)
    assert putting.outcome() == "timeout"
    assert queue.drain() == ["first"]
    loop.run_until_idle()
    assert queue.empty()
    assert not queue.full()


def test_an_item_that_comes_in_the_moment_of_the_timeout_is_kept(start, loop):
    queue = Queue()
    getting = start(give, queue.get(timeout=10))
    loop.call_at(loop.time() + 10, lambda: queue.put_nowait("item"))
    loop.advance(10)
    assert [getting.outcome(), *queue.drain()] == ["timeout", "item"]


def test_a_getter_cancelled_after_it_was_woken_leaves_the_item_to_the_next(start, loop):
    queue = Queue()
    first, second = start(give, queue.get()), start(give, queue.get())
    queue.put_nowait("item")
    first.cancel()
    loop.run_until_idle()
    assert second.outcome() == "item"


def test_a_getter_cancelled_after_it_was_woken_leaves_the_item_in_its_place(start, loop):
    queue = Queue()
    getting = start(give, queue.get())
    queue.put_nowait("first")
    queue.put_nowait("second")
    getting.cancel()
    assert queue.drain() == ["first", "second"]


def test_a_putter_cancelled_after_it_was_woken_leaves_the_place_to_the_next(start, loop):
    queue = Queue(1)
    queue.put_nowait("x")
    first, second = start(give, queue.put("first")), start(give, queue.put("second"))
    queue.get_nowait()
    first.cancel()
    loop.run_until_idle()
    assert second.ended
    assert queue.drain() == ["second"]


def test_the_bound_is_kept_by_many_putters_and_getters(scheduler, loop):
    queue, got, sizes = Queue(3), [], []

    def boss(name):
        for number in range(50):
            yield queue.put((name, number))
            sizes.append(queue.qsize())

    def worker():
        while True:
            got.append((yield queue.get(timeout=1)))
            yield

    for name in "ab":
        scheduler.add(boss, (name,))
    workers = [scheduler.add(worker) for _ in range(3)]
    loop.run_until_idle()
    assert max(sizes) <= 3
    for name in "ab":
        assert [number for who, number in got if who == name] == list(range(50))
    for each in workers:
        each.cancel()


def test_join_of_a_queue_without_unfinished_items_ends_at_once(start):
    queue = Queue()
    assert start(give, queue.join()).ended
    queue.put_nowait(1)
    queue.get_nowait()
    queue.task_done()
    assert start(give, queue.join()).ended


def test_join_times_out_while_items_are_unfinished(start, loop):
    queue = Queue()
    queue.put_nowait(1)
    queue.get_nowait()
    joining = start(give, queue.join(timeout=1))
    loop.advance(1)
    assert joining.outcome() == "timeout"
    queue.task_done()


def test_task_done_too_often_is_an_error():
    queue = Queue()
    with pytest.raises(ValueError, match="task_done"):
        queue.task_done()


def test_statistics_tell_size_bound_and_who_waits(start):
    queue = Queue(1)
    start(give, queue.get())
    assert (queue.statistics().getters, queue.statistics().size) == (1, 0)
    start(give, queue.put(1))  # goes to the getter
    start(give, queue.put(2))
    start(give, queue.put(3))
    statistics = queue.statistics()
    assert (statistics.size, statistics.maxsize) == (1, 1)
    assert (statistics.getters, statistics.putters, statistics.unfinished) == (0, 1, 2)
