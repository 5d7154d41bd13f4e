"""An element's life: made, there, gone, and out of everything."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from chatapp.live import ChannelLost, Elements, LiveElement, expose
from cogen.core.coroutines import coro
from cogen.core.events import Sleep
from cogen.core.queue import Queue
from tests.chatapp.live.stage import Echo, Stage, StandIn, made_by


def test_it_hears_of_its_page_and_of_its_end():
    made, factory = made_by(Echo)
    stage = Stage(factory)
    assert made[0].log == []  # it was only looked at
    tab = stage.tab()
    assert made[1].log == []  # of a page that is not there yet
    tab.call("say", "hello")
    tab.post("close", {})
    assert made[1].log == ["made", "hello", "The page was closed."]
    assert len(made) == 2


def test_it_knows_who_is_there_and_in_which_chat():
    made, factory = made_by(Echo)
    stage = Stage(factory)
    curl = stage.curl()
    tab = stage.tab(curl)
    echo = made[-1]
    for ask in (lambda: echo.visitor, lambda: echo.chat, lambda: echo.begin(iter(()))):
        with pytest.raises(ChannelLost):
            ask()
    tab.send()
    assert echo.connected
    assert echo.visitor.session.id == stage.sessions.load(curl.cookie).id
    assert echo.visitor.address == "192.0.2.1"
    assert echo.chat.rooms is stage.rooms
    tab.post("close", {})
    assert not echo.connected
    with pytest.raises(ChannelLost):
        echo.visitor  # noqa: B018


@pytest.mark.parametrize("kind", ["plain", "generator", "coro"])
def test_hooks_may_wait(kind):
    class Waits(StandIn):
        log: list[str]

        def __init__(self) -> None:
            self.log = []

        def connectionMade(self) -> Any:
            return self.note("made")

        def connectionLost(self, reason: str) -> Any:
            return self.note("lost")

        def note(self, what: str) -> Any:
            if kind == "plain":
                self.log.append(what)
                return None
            return self.generator(what) if kind == "generator" else coro(self.generator)(what)

        def generator(self, what: str) -> Any:
            yield Sleep(1)
            self.log.append(what)

    made, factory = made_by(Waits)
    stage = Stage(factory)
    tab = stage.tab()
    tab.send()
    stage.advance(2)
    assert made[-1].log == ["made"]
    tab.post("close", {})
    stage.advance(2)
    assert made[-1].log == ["made", "lost"]
    assert stage.left() == (0, 0, 0)


def test_what_it_does_when_the_page_is_made_ends_with_the_page():
    news: Queue[str] = Queue()

    class Ticker(StandIn):
        def connectionMade(self) -> Any:
            try:
                while True:
                    self.callRemote("show", (yield news.get()))
            finally:
                log.append("over")

    log: list[str] = []
    stage = Stage(Ticker)
    tab = stage.tab()
    tab.send()
    news.put_nowait("x")
    stage.settle()
    assert tab.poll() == [["call", 1, 0, "show", ["x"]]]
    tab.post("close", {})
    assert log == ["over"]
    assert stage.left() == (0, 0, 0)


@pytest.mark.parametrize("hook", ["connectionMade", "connectionLost"])
@pytest.mark.parametrize("later", [True, False])
def test_a_hook_that_fails_is_logged_and_the_page_is_there(hook, later, caplog):
    def fails(self: Any, *_: Any) -> Any:
        return 1 / 0

    def fails_later(self: Any, *_: Any) -> Any:
        yield
        return 1 / 0

    failing = type("Failing", (StandIn,), {hook: fails_later if later else fails})
    made, factory = made_by(Echo)
    stage = Stage(failing, factory)
    tab = stage.tab()
    assert tab.call("say", "x", element=1) == ["result", "x"]
    tab.post("close", {})
    stage.settle()
    assert made[-1].log == ["made", "x", "The page was closed."]
    assert len([each for each in caplog.records if each.exc_info]) == 1
    assert stage.left() == (0, 0, 0)


def test_what_is_begun_runs_beside_and_ends_with_the_page_or_by_itself():
    class Begins(StandIn):
        @expose
        def start(self, name: str) -> None:
            self.begin(self.run(name, 2 if name == "short" else 1000))

        def run(self, name: str, seconds: float) -> Any:
            try:
                yield Sleep(seconds)
                log.append(f"{name} done")
            except GeneratorExit:
                log.append(f"{name} cancelled")
                raise

    log: list[str] = []
    made, factory = made_by(Begins)
    stage = Stage(factory)
    tab = stage.tab()
    for name in ("short", "long", "longer"):
        tab.call("start", name)
    stage.advance(3)
    assert log == ["short done"]
    assert len(made[-1]._farewells) == 2
    tab.post("close", {})
    assert log == ["short done", "long cancelled", "longer cancelled"]
    assert stage.left() == (0, 0, 0)


def test_it_leaves_everything_however_it_goes():
    everybody: Elements[Any] = Elements()

    class Registers(StandIn):
        """As the ancestor's factory did, before there was a page."""

        def __init__(self) -> None:
            everybody.add(self)

        def connectionMade(self) -> None:
            also.add(self)

    also: Elements[Any] = Elements()
    stage = Stage(Registers, idle=60.0)
    assert len(everybody) == 0  # but the one that was looked at is out
    tabs = [stage.tab() for _ in range(4)]
    assert (len(everybody), len(also)) == (4, 0)
    for tab in tabs[:3]:
        tab.send()
    assert (len(everybody), len(also)) == (4, 3)
    tabs[0].post("close", {})
    assert (len(everybody), len(also)) == (3, 2)
    stage.advance(61)
    assert (len(everybody), len(also)) == (0, 0)
    assert stage.left() == (0, 0, 0)


def test_a_farewell_that_fails_keeps_nobody():
    log: list[str] = []

    class Leaves(StandIn):
        def connectionMade(self) -> None:
            self.finally_do(lambda: log.append("first"))
            self.finally_do(lambda: 1 / 0)
            undo = self.finally_do(lambda: log.append("undone"))
            undo()
            undo()
            self.finally_do(lambda: log.append("second"))

        def connectionLost(self, reason: str) -> None:
            log.append("lost")
            self.finally_do(lambda: log.append("at once"))

    made, factory = made_by(Echo)
    stage = Stage(Leaves, factory)
    tab = stage.tab()
    tab.send()
    assert tab.post("close", {}).status == 204
    assert log == ["first", "second", "lost", "at once"]
    assert made[-1].log == ["made", "The page was closed."]
    assert tab.post("send", {}).status == 404


def test_an_element_is_made_anew_for_each_page(caplog):
    """Else one would speak with another one's page."""
    one = Echo()
    stage = Stage(lambda: one)
    curl = stage.curl()
    assert curl.post("/live/open", {}).status == 500
    assert "anew" in caplog.text
    assert stage.left() == (0, 0, 0)


def test_a_constructor_that_fails_leaves_nothing_of_those_before_it(caplog):
    everybody: Elements[Any] = Elements()
    fails = False

    class Registers(StandIn):
        def __init__(self) -> None:
            everybody.add(self)

    class Fails(StandIn):
        def __init__(self) -> None:
            if fails:
                raise ZeroDivisionError("secret")

    stage = Stage(Registers, Fails)
    fails = True
    response = stage.curl().post("/live/open", {})
    assert response.status == 500
    assert "secret" not in response.text
    assert "secret" in caplog.text
    assert len(everybody) == 0
    assert stage.left() == (0, 0, 0)


def test_before_it_has_a_page_it_cannot_call_it():
    with pytest.raises(ChannelLost):
        Stage().wait(LiveElement().callRemote("show"))


@pytest.mark.usefixtures("no_gc")
def test_nothing_is_left_to_the_collector():
    class Busy(Echo):
        def connectionMade(self) -> Any:
            self.begin(self.run())
            everybody.add(self)
            self.callRemote("show")
            yield Sleep(1000)

        def run(self) -> Any:
            yield Sleep(1000)

    everybody: Elements[Any] = Elements()
    stage = Stage(Busy)
    for how in ("close", "idle"):
        tab = stage.tab()
        tab.call("say", "x")
        tab.begin("ask", "show")
        parked = tab.waits()
        parked.reset()
        if how == "close":
            tab.post("close", {})
        stage.advance(100)
        tab = parked = None
    assert stage.left() == (0, 0, 0)
    kinds = {"Busy", "Channel", "Carrier", "Performer", "RemoteCall", "Delivery"}
    assert [each for each in gc.get_objects() if type(each).__name__ in kinds] == []
