"""Which methods can be called, and with what."""

from __future__ import annotations

import enum
import functools
from typing import Annotated, Any, Optional
from unittest.mock import MagicMock

import msgspec
import pytest

from chatapp.live import LiveElement, expose
from chatapp.live.errors import BadArguments
from chatapp.live.exposing import exposed_methods, exposed_names
from cogen.core.coroutines import coro


class Base(LiveElement):
    @expose
    def say(self, text: str) -> str:
        return text

    @expose
    def add(self, a: int, b: int = 1, *more: int) -> int:
        return a + b + sum(more)

    def hidden(self):
        pass


class Mixin:
    @expose
    def wave(self):
        return "wave"


def test_what_is_exposed_is_and_nothing_else_is():
    assert exposed_names(LiveElement) == frozenset()
    assert exposed_names(Base) == {"say", "add"}


def test_it_stays_in_subclasses_overridden_or_not():
    class Sub(Base):
        def say(self, text: str) -> str:
            return text.upper()

    assert exposed_names(Sub) == {"say", "add"}
    assert exposed_names(type("SubSub", (Sub,), {})) == {"say", "add"}


def test_it_can_be_refused_and_stays_refused_until_it_is_exposed_again():
    class Quiet(Base, refuse=("say",)):
        pass

    class Override(Quiet):
        def say(self, text: str) -> str:
            return text

    class Again(Override):
        @expose
        def say(self, text: str) -> str:
            return text

    assert exposed_names(Quiet) == exposed_names(Override) == {"add"}
    assert exposed_names(Again) == {"add", "say"}
    assert exposed_names(Base) == {"say", "add"}


def test_of_several_bases_the_nearest_counts():
    class Quiet(Base, refuse=("say",)):
        pass

    class Louder(Base):
        @expose
        def say(self, text: str) -> str:
            return text

    class Quieter(Quiet, Louder):
        pass

    class Loudest(Louder, Quiet):
        pass

    assert exposed_names(Quieter) == {"add"}
    assert exposed_names(Loudest) == {"add", "say"}


@pytest.mark.parametrize("bases", [(Mixin, Base), (Base, Mixin)])
def test_a_mixin_need_be_no_element(bases):
    assert exposed_names(type("Mixed", bases, {})) == {"say", "add", "wave"}


@pytest.mark.parametrize(
    "value",
    [None, 5, "text", property(lambda self: 1 / 0), functools.cached_property(lambda self: 1), int],
    ids=["None", "number", "text", "property", "cached property", "class"],
)
def test_what_is_no_method_any_more_is_not_exposed(value):
    assert exposed_names(type("Without", (Base,), {"say": value})) == {"add"}


class Touchy:
    """A descriptor that tells of being looked at."""

    def __get__(self, instance, owner):
        raise AssertionError("looked at")


def test_no_property_is_looked_at():
    cls = type("Sub", (Base,), {"say": Touchy(), "other": Touchy()})
    assert exposed_names(cls) == {"add"}
    assert list(exposed_methods(cls)) == ["add"]


def test_what_answers_to_every_name_is_not_taken_for_exposed():
    assert exposed_names(type("Mocked", (Base,), {"_thing": MagicMock()})) == {"say", "add"}


NAMES = [
    "_say",
    "__say",
    "__init__",
    "__call__",
    "connectionMade",
    "callRemote",
    "visitor",
    "begin",
]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_for_the_browser_cannot_be_exposed(name):
    def method(self):
        pass

    with pytest.raises(TypeError, match=f"{name} is not for the browser"):
        type("Bad", (LiveElement,), {name: expose(method)})
    mixin = type("BadMixin", (), {name: expose(method)})
    with pytest.raises(TypeError, match=f"{name} is not for the browser"):
        type("Bad", (mixin, LiveElement), {})
    if name != "visitor":  # of which LiveElement's own is found, and that is no method
        with pytest.raises(TypeError, match=f"{name} is not for the browser"):
            type("Bad", (LiveElement, mixin), {})


@pytest.mark.parametrize("thing", [5, None, "say", property(lambda self: 1), int, len])
def test_only_a_method_can_be_exposed(thing):
    with pytest.raises(TypeError, match="cannot be exposed"):
        expose(thing)


@pytest.mark.parametrize("names", [("hidden",), ("nothing",), ("say", "say2"), ("visitor",), "say"])
def test_only_what_is_exposed_can_be_refused(names):
    with pytest.raises(TypeError, match="which is not exposed"):
        type("Quiet", (Base,), {}, refuse=names)


def test_static_and_class_methods_and_coroutines():
    class Sub(LiveElement):
        @expose
        @staticmethod
        def static(a: int):
            return a

        @staticmethod
        @expose
        def static_too(a: int):
            return a

        @expose
        @classmethod
        def of_class(cls, a: int):
            return a

        @expose
        @coro
        def generator(self, a: int):
            yield

        @coro
        @expose
        def generator_too(self, a: int):
            yield

        @expose
        async def by_async(self, a: int):
            pass

    methods = exposed_methods(Sub)
    assert len(methods) == 6
    for method in methods.values():
        assert method.check([1]) == [1]
        for wrong in ([], [1, 2], ["1"]):
            with pytest.raises(BadArguments):
                method.check(wrong)


def test_a_decorator_that_hides_the_parameters_takes_any():
    def loud(function):
        def call(*args):
            return function(*args).upper()

        return call

    class Sub(LiveElement):
        @expose
        @loud
        def say(self, text):
            return text

    assert exposed_methods(Sub)["say"].check(["a", 1]) == ["a", 1]


@pytest.mark.parametrize(
    "method, arguments, said",
    [
        ("say", [], "say takes 1 argument, not 0."),
        ("say", ["a", "b"], "say takes 1 argument, not 2."),
        ("say", [1], "say, argument 1: Expected str, got int."),
        ("say", [None], "say, argument 1: Expected str, got null."),
        ("add", [], "add takes 1 or more arguments, not 0."),
        ("add", [1, "2"], "add, argument 2: Expected int, got str."),
        ("add", [1, 2, 3.5], "add, argument 3: Expected int, got float."),
        ("add", [True], "add, argument 1: Expected int, got bool."),
    ],
)
def test_what_it_does_not_take_is_said(method, arguments, said):
    with pytest.raises(BadArguments) as info:
        exposed_methods(Base)[method].check(arguments)
    assert str(info.value) == said


class Colour(enum.Enum):
    RED = "red"


class Point(msgspec.Struct):
    x: int
    y: Annotated[int, msgspec.Meta(ge=0)] = 0


class Typed(LiveElement):
    @expose
    def draw(self, at: Point, colour: Optional[Colour] = None, *rest: Any) -> None: ...  # noqa: UP045


def test_arguments_are_what_the_annotations_say():
    check = exposed_methods(Typed)["draw"].check
    assert check([{"x": 1}, "red", [1]]) == [Point(1), Colour.RED, [1]]
    with pytest.raises(BadArguments, match=r"argument 1: .* `?\$\.y"):
        check([{"x": 1, "y": -1}])


def wants_a_name(self, *, name):
    pass


def annotated(text):
    def method(self, a):
        pass

    method.__annotations__["a"] = text
    return method


UNCALLABLE = [wants_a_name, *map(annotated, ("nothing.of.this", "1 +", "enum.Nothing"))]


@pytest.mark.parametrize("method", UNCALLABLE)
def test_what_the_browser_could_not_call_is_said_when_it_is_mounted(method):
    cls = type("Sub", (LiveElement,), {"method": expose(method)})
    with pytest.raises(TypeError, match=r"Sub\.method .*cannot be exposed"):
        exposed_methods(cls)
