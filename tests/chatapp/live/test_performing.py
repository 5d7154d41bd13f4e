"""What the browser calls, and what it hears."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest

from chatapp.live import CallError, LiveElement, expose
from chatapp.live.packets import DEEPEST
from chatapp.live.performing import MOST
from chatapp.model.names import BadName
from cogen.core.events import Sleep
from cogen.core.queue import Queue
from tests.chatapp.live.stage import Echo, Stage, StandIn


class Door(CallError):
    """The application's own."""


class Colour(msgspec.Struct, forbid_unknown_fields=True):
    red: int = 0


class Unsayable(CallError):
    def __str__(self) -> str:
        return self.args[9]


class Mixin:
    @expose
    def wave(self) -> str:
        return "wave"

    def unseen(self) -> str:
        return "unseen"


class Hall(Mixin, Echo):
    """What goes wrong."""

    touched = 0

    @property
    def trap(self) -> Any:
        type(self).touched += 1
        return lambda: "trapped"

    @expose
    def fails(self, how: str) -> Any:
        raise ERRORS[how]

    @expose
    def fails_later(self, how: str) -> Any:
        yield Sleep(1)
        raise ERRORS[how]

    @expose
    def gives(self, what: str) -> Any:
        return RESULTS[what]

    @expose
    def takes(self, *what: Any) -> int:
        return len(what)

    @expose
    def paint(self, colour: Colour) -> None: ...

    def hidden(self) -> str:
        return "hidden"

    _private = __mangled = hidden

    @staticmethod
    def loose() -> str:
        return "loose"


ERRORS: dict[str, Exception] = {
    "own": Door("It is shut."),
    "own without words": Door(),
    "chat": BadName("A name has letters."),
    "bug": ZeroDivisionError("secret"),
    "surrogate": Door("\ud800"),
    "unsayable": Unsayable(),
    "endless": Door("x" * 100_000),
    "stop": StopIteration(1),
}
RESULTS: dict[str, Any] = {"object": object(), "surrogate": "\ud800", "large": "x" * 70_000}
FAILED = ["error", "ServerError", "The call failed on the server."]


@pytest.fixture
def tab(caplog):
    caplog.set_level(logging.INFO)
    return Stage(Hall).tab()


@pytest.mark.parametrize("name", ["say", "later", "by_coro"])
def test_every_kind_of_method_gives_its_result(tab, name):
    assert tab.call(name, "hällo 😀") == ["result", "hällo 😀"]


def test_what_only_the_element_has(tab):
    """By HTTP: each name there is, each that one could think of; only the exposed do anything."""
    names = {*dir(Hall), *dir(Hall()), *vars(object), "trap", "mro", "__subclasses__"}
    names |= {"", "a.b", "say.__call__", "say()", "say ", " say", "SAY", "say\0", "ѕay", "sаy"}
    names |= {"ｓａｙ", "_Hall__mangled", "__globals__", "constructor", "x" * 5000, "\n\r", "0"}
    called = set()
    for name in sorted(names):
        number = tab.begin(name)
        ((kind, answered, *answer),) = tab.poll()
        assert answered == number
        if kind == "result" or answer[0] != "NotCallable":
            called.add(name)
        else:
            assert answer == ["NotCallable", "The element has no such exposed method."]
    exposed = {"say", "later", "by_coro", "ask", "tell", "wave"}
    assert called == exposed | {"fails", "fails_later", "gives", "takes", "paint"}
    assert Hall.touched == 0


def test_every_refusal_is_a_line_in_the_log_and_no_traceback(tab, caplog):
    for name in ("__init__", "hidden", "_private", "", "x" * 5000, "a\nb"):
        caplog.clear()
        assert tab.call(name)[1] == "NotCallable"
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert record.exc_info is None
        assert "\n" not in record.getMessage()
        assert len(record.getMessage()) < 200


@pytest.mark.parametrize("element", [1, 2, 2**53 - 1])
def test_an_element_that_is_not_there(tab, element):
    assert tab.call("say", "x", element=element)[:2] == ["error", "NotCallable"]


def nested(depth: int) -> Any:
    return json.loads("[" * depth + "]" * depth)


@pytest.mark.parametrize(
    "arguments",
    [
        b"[]",
        b'["a","b"]',
        b"[1]",
        b"[null]",
        b"{}",
        b'{"text":"x"}',
        b"5",
        b'"x"',
        b"null",
        b"[%b]" % (b"1" * 5000),
        b"[1e999]",
        b"[%b]" % json.dumps(nested(DEEPEST + 1)).encode(),
        b'["%b"]' % (b"x" * 32_768),
    ],
    ids=lambda text: text[:20].decode(),
)
def test_what_it_does_not_take(tab, caplog, arguments):
    caplog.clear()
    body = b'{"channel":"%b","first":1,"messages":[["call",1,0,"say",%b]]}'
    response = tab.post("send", body % (tab.id.encode(), arguments))
    assert (response.status, response.json) == (200, {"ack": 1, "messages": []})
    ((kind, number, error, text),) = tab.poll()
    assert (kind, number, error) == ("error", 1, "BadArguments")
    assert text
    (record,) = caplog.records
    assert record.exc_info is None


def test_the_bounds_themselves_are_taken(tab):
    assert tab.call("takes", nested(DEEPEST)) == ["result", 1]
    assert tab.call("takes", nested(DEEPEST + 1))[1] == "BadArguments"
    assert tab.call("takes", "x" * (32_768 - 4)) == ["result", 1]
    assert tab.call("takes", "x" * (32_768 - 3))[1] == "BadArguments"
    assert tab.call("takes", *range(1000)) == ["result", 1000]
    assert tab.call("takes", 10**30, {"a": [None, 1.5]}) == ["result", 2]


def test_what_the_browser_made_up_cannot_break_the_lines_of_the_log(tab, caplog):
    caplog.clear()
    assert tab.call("paint", {"x\nERROR it is all lost": 1})[1] == "BadArguments"
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("method", ["fails", "fails_later"])
@pytest.mark.parametrize(
    "how, answer",
    [
        ("own", ["error", "Door", "It is shut."]),
        ("own without words", ["error", "Door", ""]),
        ("chat", ["error", "BadName", "A name has letters."]),
        ("bug", FAILED),
        ("surrogate", FAILED),
        ("unsayable", FAILED),
        ("endless", FAILED),
        ("stop", FAILED),
    ],
)
def test_what_is_raised(tab, caplog, method, how, answer):
    number = tab.begin(method, how)
    tab.stage.advance(2)
    assert tab.poll() == [[answer[0], number, *answer[1:]]]
    tracebacks = [record for record in caplog.records if record.exc_info]
    assert len(tracebacks) == (answer == FAILED)
    if how == "bug":
        assert "secret" in caplog.text


@pytest.mark.parametrize("what", RESULTS)
def test_what_cannot_be_sent_is_a_failure_of_the_server(tab, caplog, what):
    assert tab.call("gives", what) == FAILED
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_so_many_may_wait_and_one_more_is_told_so():
    queue: Queue[str] = Queue()

    class Waits(StandIn):
        @expose
        def wait(self) -> Any:
            return (yield queue.get())

    stage = Stage(Waits)
    tab = stage.tab()
    for _ in range(MOST + 1):
        tab.begin("wait")
    ((kind, number, error, _),) = tab.poll()
    assert (kind, number, error) == ("error", MOST + 1, "Busy")
    for _ in range(MOST):
        queue.put_nowait("x")
    stage.settle()
    answers = tab.poll()
    assert sorted(answer[1] for answer in answers) == [*range(1, MOST + 1)]
    queue.put_nowait("y")
    assert tab.call("wait") == ["result", "y"]


def test_a_call_that_is_under_way_goes_on_to_its_end_when_the_page_goes():
    done = []

    class Slow(StandIn):
        @expose
        def slow(self) -> Any:
            yield Sleep(5)
            done.append("done")

    stage = Stage(Slow)
    tab = stage.tab()
    tab.begin("slow")
    tab.post("close", {})
    stage.advance(10)
    assert done == ["done"]
    assert stage.left() == (0, 0, 0)


def test_an_element_is_no_more_than_its_class_exposes():
    assert Stage(type("Bare", (StandIn, LiveElement), {})).tab().call("say", "x")[1] == (
        "NotCallable"
    )
