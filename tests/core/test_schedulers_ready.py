"""The ready queues: what is run in a slice, and what an error does to the rest of it."""

import pytest


@pytest.mark.parametrize("many, one", [("ready", "arrived"), ("arrived", "ready")])
def test_what_arrives_and_what_is_woken_do_not_wait_for_each_other(loop, many, one):
    scheduler, ran = loop.scheduler(slice_size=3), []

    class Item:
        outside = False

        def __init__(self, name):
            self.name = name

        def run(self):
            ran.append(self.name)

    for number in range(10):
        getattr(scheduler, many)(Item(number))
    getattr(scheduler, one)(Item("one"))
    assert scheduler.statistics().ready == 11
    loop.turn()
    assert set(ran) == {0, 1, 2, "one"}
    loop.run_until_idle()
    assert [name for name in ran if name != "one"] == list(range(10))


def test_an_error_of_one_runnable_keeps_no_other_from_running(loop, scheduler):
    ran = []

    class Broken:
        outside = False

        def run(self):
            raise KeyError("broken")

    class Sound:
        outside = True

        def run(self):
            ran.append(self)

    scheduler.ready(Broken())
    scheduler.ready(Sound())
    with pytest.raises(KeyError):
        loop.run_until_idle()
    loop.run_until_idle()
    assert len(ran) == 1
