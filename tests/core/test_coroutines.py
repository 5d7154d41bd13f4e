import contextvars
import traceback

import pytest

from cogen.core.coroutines import coro, coroutine, is_coroutine_function
from cogen.core.events import Join
from cogen.core.operations import Operation
from cogen.errors import OperationMisuse
from tests.core.waiting import Never, sleeper


def test_a_coroutine_returns_a_value(start):
    def worker():
        yield
        return "value"

    done = start(worker)
    assert done.ended
    assert done.outcome() == "value"


def test_calling_a_coroutine_function_runs_nothing():
    ran = []

    @coro
    def worker():
        ran.append(1)
        yield

    made = worker()
    assert not made.begun
    assert not ran
    with pytest.raises(OperationMisuse):
        made.outcome()


def test_yielding_a_coroutine_calls_it_and_gives_its_result(start, loop):
    def parent():
        first = yield sleeper(1, "a")
        second = yield sleeper(1, "b")
        return first + second

    running = start(parent)
    loop.advance(1)
    assert not running.ended
    loop.advance(1)
    assert running.outcome() == "ab"


def test_coroutines_call_each_other_ten_thousand_deep(start):
    @coro
    def deeper(level):
        if level:
            return (yield deeper(level - 1)) + 1
        yield
        return 0

    assert start(deeper, 10_000).outcome() == 10_000


def test_yielding_nothing_lets_everyone_else_run_first(scheduler, loop):
    order = []

    def worker(name):
        for step in range(3):
            order.append((name, step))
            yield

    scheduler.add(worker, ("a",))
    scheduler.add(worker, ("b",))
    loop.run_until_idle()
    assert order == [(name, step) for step in range(3) for name in "ab"]


def test_an_operations_error_can_be_caught_and_survived(start):
    class Broken(Operation):
        def _begin(self):
            raise KeyError("broken")

    def worker():
        caught = []
        for _ in range(200):
            try:
                yield Broken()
            except KeyError as error:
                caught.append(error)
        yield
        return len(caught)

    assert start(worker).outcome() == 200


def test_a_failure_that_is_joined_often_keeps_its_traceback_short(start, caplog):
    def failing():
        yield
        raise KeyError

    failed = start(failing)

    def joiner():
        try:
            yield Join(failed)
        except KeyError as error:
            return len(traceback.extract_tb(error.__traceback__))

    assert len({start(joiner).outcome() for _ in range(10)}) == 1


def test_a_failure_that_nobody_joins_is_logged_with_its_traceback(start, caplog, capsys):
    def failing():
        yield
        raise KeyError("lost")

    failed = start(failing)
    (record,) = caplog.records
    assert "failing" in record.getMessage()
    assert "Traceback" in caplog.text
    assert "lost" in caplog.text
    assert capsys.readouterr() == ("", "")
    with pytest.raises(KeyError):
        failed.outcome()


def test_a_failure_that_is_joined_is_not_logged(start, caplog):
    @coro
    def failing():
        yield
        raise KeyError("lost")

    def parent():
        try:
            yield failing()
        except KeyError:
            return "caught"

    assert start(parent).outcome() == "caught"
    assert not caplog.records


def test_stop_iteration_in_a_coroutine_is_a_failure_and_no_return(start, caplog):
    def failing():
        yield
        next(iter(()))

    with pytest.raises(RuntimeError):
        start(failing).outcome()


def test_wrong_arguments_fail_where_the_coroutine_is_made():
    @coro
    def worker(one):
        yield one

    with pytest.raises(TypeError):
        worker()


def test_async_functions_need_no_decorator_and_get_none():
    with pytest.raises(TypeError, match="await it"):

        @coroutine
        async def worker():
            pass


def test_the_decorator_keeps_name_and_docstring_and_can_be_told():
    class Chat:
        @coro
        def watch(self):
            """Watches."""
            yield

    assert Chat.watch.__name__ == "watch"
    assert Chat.watch.__doc__ == "Watches."
    assert is_coroutine_function(Chat.watch)
    assert is_coroutine_function(Chat().watch)
    assert not is_coroutine_function(print)
    assert "Chat.watch" in repr(Chat().watch())


def test_one_can_see_what_a_coroutine_waits_for(start, loop):
    never = Never()

    def worker():
        yield never

    waiting = start(worker)
    assert waiting.waiting_for is never
    assert "alive waiting for <Never parked>" in repr(waiting)
    never.wake()
    loop.run_until_idle()
    assert waiting.waiting_for is None
    assert "returned" in repr(waiting)


def test_each_coroutine_keeps_its_own_context_across_waits(scheduler, loop):
    variable = contextvars.ContextVar("variable", default="outer")
    seen = []

    def worker(name):
        inherited = variable.get()
        variable.set(name)
        yield
        seen.append((inherited, variable.get()))

    scheduler.add(worker, ("a",))
    scheduler.add(worker, ("b",))
    loop.run_until_idle()
    assert seen == [("outer", "a"), ("outer", "b")]
    assert variable.get() == "outer"
