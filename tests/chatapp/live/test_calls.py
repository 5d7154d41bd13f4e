"""Calls of the server: each has one outcome, waited for or not."""

from __future__ import annotations

import datetime
import gc
import logging
from typing import Any

import pytest

from chatapp.live import CallError, ChannelFull, ChannelLost, RemoteError
from chatapp.live.calls import Calls, RemoteCall
from chatapp.live.delivery import MOST
from chatapp.live.packets import DEEPEST
from cogen.core.coroutines import coro
from cogen.core.timers import Timers
from cogen.errors import OperationMisuse, OperationTimeout
from cogen.testing import FakeClock
from tests.chatapp.live.stage import Echo, Stage, made_by


@pytest.fixture
def there():
    made, factory = made_by(Echo)
    stage = Stage(factory)
    tab = stage.tab()
    tab.send()
    return stage, tab, made[-1]


def answered(tab, *answer):
    """Let the page answer the one call that has come."""
    ((kind, number, *_),) = tab.poll()
    assert kind == "call"
    assert tab.send([answer[0], number, *answer[1:]]).status == 200


@coro
def hears(call):
    try:
        return (yield call)
    except (CallError, OperationTimeout) as error:
        return error


def begin(stage, call):
    """Let a coroutine wait for it, which ends with its result, or its error."""
    waiting = stage.scheduler.add(hears(call))
    stage.settle()
    return waiting


def outcome(stage, call):
    return begin(stage, call).outcome()


def test_a_call_goes_to_the_page_with_its_element_and_its_arguments(there):
    _, tab, echo = there
    echo.callRemote("show", "a", [1], {"b": None}, datetime.date(2009, 1, 1))
    assert tab.poll() == [["call", 1, 0, "show", ["a", [1], {"b": None}, "2009-01-01"]]]


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("result", [None, 5, "x", [1, {"a": [2.5]}], "😀"])
def test_its_result_is_there_for_who_waits_or_will_wait(there, early, result):
    stage, tab, echo = there
    call = echo.callRemote("show")
    waiting = begin(stage, call) if early else None
    answered(tab, "result", result)
    assert (waiting or begin(stage, call)).outcome() == result
    with pytest.raises(OperationMisuse):
        outcome(stage, call)


@pytest.mark.parametrize("early", [True, False])
def test_so_is_its_error(there, early):
    stage, tab, echo = there
    call = echo.callRemote("show")
    waiting = begin(stage, call) if early else None
    answered(tab, "error", "TypeError", "no such thing")
    error = (waiting or begin(stage, call)).outcome()
    assert isinstance(error, RemoteError)
    assert (error.kind, error.message) == ("TypeError", "no such thing")
    assert str(error) == "TypeError: no such thing"


@pytest.mark.parametrize("early", [True, False])
def test_after_its_time_it_is_over_and_a_late_answer_is_nothing(there, early):
    stage, tab, echo = there
    call = echo.callRemote("show")
    waiting = begin(stage, call) if early else None
    stage.advance(59)
    tab.send()
    stage.advance(2)
    assert isinstance((waiting or begin(stage, call)).outcome(), OperationTimeout)
    answered(tab, "result", 5)


@pytest.mark.parametrize("early", [True, False])
def test_a_page_that_goes_ends_them_all(there, early):
    stage, tab, echo = there
    calls = [echo.callRemote("show") for _ in range(3)]
    waiting = [begin(stage, call) for call in calls] if early else []
    tab.post("close", {})
    stage.settle()
    errors = [each.outcome() for each in waiting or [begin(stage, call) for call in calls]]
    assert all(isinstance(error, ChannelLost) for error in errors)
    assert len({id(error) for error in errors}) == 3  # each with a traceback of its own
    assert isinstance(outcome(stage, echo.callRemote("show")), ChannelLost)


def test_so_many_wait_to_be_sent_and_one_more_is_not_made(there):
    stage, tab, echo = there
    for _ in range(MOST):
        echo.callRemote("show")
    assert isinstance(outcome(stage, echo.callRemote("show")), ChannelFull)
    assert len(tab.poll()) == MOST
    tab.send()  # which says that they are there
    echo.callRemote("late")
    assert tab.poll()[-1][3] == "late"


@pytest.mark.parametrize("argument, error", [(object(), TypeError), ("x" * 32_768, ValueError)])
def test_what_cannot_be_sent_is_raised_at_once(there, argument, error):
    _, tab, echo = there
    with pytest.raises(error):
        echo.callRemote("show", argument)
    assert tab.poll() == []


@pytest.mark.parametrize("name", ["\ud800", object()])
def test_nor_is_there_anything_left_of_a_call_whose_name_cannot_be(there, name):
    stage, tab, echo = there
    before = stage.scheduler.statistics().timers
    with pytest.raises((TypeError, ValueError)):
        echo.callRemote(name)
    assert stage.scheduler.statistics().timers == before
    assert tab.poll() == []


@pytest.mark.parametrize(
    "value, kind",
    [
        (b"[" * DEEPEST + b"[]" + b"]" * DEEPEST, "ResultTooDeep"),
        (b'"%b"' % (b"x" * 32_768), "ResultTooLarge"),
        (b"9" * 5000, "BadResult"),
    ],
    ids=["deep", "large", "huge"],
)
def test_a_result_that_is_too_much_is_an_error(there, value, kind, caplog):
    stage, tab, echo = there
    waiting = begin(stage, echo.callRemote("show"))
    tab.poll()
    body = b'{"channel":"%b","ack":1,"first":1,"messages":[["result",1,%b]]}'
    assert tab.post("send", body % (tab.id.encode(), value)).status == 200
    assert waiting.outcome().kind == kind
    assert not [record for record in caplog.records if record.exc_info]


def test_an_error_of_any_length_is_heard_and_cut(there):
    stage, tab, echo = there
    waiting = begin(stage, echo.callRemote("show"))
    answered(tab, "error", "E" * 5000, "x" * 100_000)
    error = waiting.outcome()
    assert (len(error.kind), len(error.message)) == (1024, 32_768)


def test_answers_to_nothing_and_second_answers_are_dropped(there):
    stage, tab, echo = there
    call = echo.callRemote("show")
    answered(tab, "result", "first")
    for answer in (
        ["result", 1, "x"],
        ["error", 1, "E", ""],
        ["result", 99, 1],
        ["error", 0, "E", ""],
    ):
        assert tab.send(answer).status == 200
    assert outcome(stage, call) == "first"


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize("how", ["error", "timeout", "full"])
def test_a_failure_of_which_nobody_hears_is_one_line(there, how, caplog):
    stage, tab, echo = there
    for _ in range(MOST if how == "full" else 0):
        echo.callRemote("show")
    echo.callRemote("ignored")
    if how == "error":
        answered(tab, "error", "TypeError", "no")
    elif how == "timeout":
        stage.advance(50)
        tab.send()
        stage.advance(20)
    (record,) = [each for each in caplog.records if "nobody heard" in each.getMessage()]
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)
    assert "ignored" in record.getMessage()


@pytest.mark.usefixtures("no_gc")
def test_a_success_and_a_page_that_goes_are_none(there, caplog):
    _, tab, echo = there
    echo.callRemote("ignored")
    answered(tab, "result", None)
    echo.callRemote("ignored")
    tab.post("close", {})
    echo.callRemote("ignored")
    assert caplog.records == []


def test_a_hundred_at_once_are_answered_in_any_order(there):
    stage, tab, echo = there
    waiting = [begin(stage, echo.callRemote("show", number)) for number in range(100)]
    calls = tab.poll()
    assert [call[4] for call in calls] == [[number] for number in range(100)]
    tab.send(*[["result", call[1], call[4][0]] for call in reversed(calls)])
    stage.settle()
    assert [each.outcome() for each in waiting] == [*range(100)]


def test_who_waited_and_was_cancelled_leaves_the_call_alone(there):
    stage, tab, echo = there
    waiting = begin(stage, echo.callRemote("show"))
    waiting.cancel()
    answered(tab, "result", 1)
    assert stage.left()[0] == 0


def test_it_is_counted_until_it_has_its_outcome():
    clock = FakeClock()
    calls = Calls(Timers(clock))
    numbers = [calls.add(RemoteCall("x"), 5) for _ in range(3)]
    assert (numbers, len(calls)) == ([1, 2, 3], 3)
    assert calls.take(2) is not None
    assert calls.take(2) is None
    assert len(calls) == 2
    clock.advance(6)
    assert len(calls) == 0


@pytest.mark.usefixtures("no_gc")
def test_no_call_is_left_to_the_collector(there):
    stage, tab, echo = there
    kept: list[Any] = [echo.callRemote("show") for _ in range(3)]
    begin(stage, kept[0])
    tab.poll()
    tab.send(["error", 1, "E", ""], ["result", 2, 1])
    stage.advance(61)
    del kept
    stage.settle()
    assert [each for each in gc.get_objects() if isinstance(each, RemoteCall)] == []
