"""Which methods of an element the browser can call: those that are exposed, and no others.

A method is exposed by its name: in subclasses too, overridden or not, until one of them refuses it.
Where several bases have something to say of a name, the nearest in the method resolution order
counts; what a class itself says counts most. A name that is bound to something else than a
function in the end (``say = None``) is not exposed.

What the browser sends is checked before the method is called: how many arguments, and for each one
whose parameter is annotated, its type (by msgspec, whose types these are).

Source: ``nevow.athena.expose`` for the name; there is nothing to refuse by in it but a second
registry.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar, get_type_hints

import msgspec

from chatapp.live.errors import BadArguments

__all__ = ["Exposed", "expose", "exposed_methods", "exposed_names"]

F = TypeVar("F")

MARK: Final = "__live_exposed__"
REFUSED: Final = "__live_refused__"
METHODS: Final = "__live_methods__"
LONGEST: Final = 200  # characters of what is said to be wrong

_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


def expose(method: F) -> F:
    """Let the browser call this method (a decorator).

    Raises:
        TypeError: it is no method that can be exposed.
    """
    try:
        setattr(_function(method), MARK, True)  # None refuses it too
    except AttributeError:
        raise TypeError(f"{method!r} cannot be exposed: it is no method of ours") from None
    return method


def exposed_names(cls: type) -> frozenset[str]:
    """Of a class's methods that the browser can call."""
    said: dict[str, bool] = {}
    for each in reversed(cls.__mro__):
        for name, value in vars(each).items():
            if getattr(_function(value), MARK, False):
                said[name] = True
        for name in vars(each).get(REFUSED, ()):
            said[name] = False
    return frozenset(
        name for name, yes in said.items() if yes and _function(inspect.getattr_static(cls, name))
    )


def exposed_methods(cls: type) -> dict[str, Exposed]:
    """The same, by name, with what they take.

    Raises:
        TypeError: one of them cannot be called as the browser calls: it wants named arguments, or
            has an annotation that means nothing to msgspec.
    """
    methods: dict[str, Exposed] | None = vars(cls).get(METHODS)
    if methods is None:
        methods = {name: Exposed(cls, name) for name in sorted(exposed_names(cls))}
        setattr(cls, METHODS, methods)
    return methods


class Exposed:
    """What one exposed method takes.

    Args:
        cls: the class whose method it is.
        name: its name.
    """

    __slots__ = ("_least", "_most", "_name", "_rest", "_types")

    def __init__(self, cls: type, name: str) -> None:
        self._name = name
        kept = inspect.getattr_static(cls, name)
        function = _function(kept)
        assert function is not None
        own = [*inspect.signature(function).parameters.values()]
        if not isinstance(kept, staticmethod) and own and own[0].kind in _POSITIONAL:
            del own[0]  # self, or cls
        parameters = [each for each in own if each.kind in _POSITIONAL]
        required = [each for each in own if each.default is each.empty]
        if any(each.kind is each.KEYWORD_ONLY for each in required):
            raise TypeError(f"{cls.__name__}.{name} wants a named argument: it cannot be exposed")
        hints = _hints(cls, name, function)
        self._types = [hints.get(each.name, Any) for each in parameters]
        self._least = sum(each.default is each.empty for each in parameters)
        rest = [each for each in own if each.kind is each.VAR_POSITIONAL]
        self._rest = hints.get(rest[0].name, Any) if rest else None
        self._most = None if rest else len(parameters)

    def check(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments, as the method gets them.

        Raises:
            BadArguments: it does not take them.
        """
        count = len(arguments)
        if count < self._least or (self._most is not None and count > self._most):
            raise BadArguments(f"{self._name} takes {self._takes()}, not {count}.")
        checked = []
        for number, value in enumerate(arguments):
            kind = self._types[number] if number < len(self._types) else self._rest
            try:
                checked.append(value if kind is Any else msgspec.convert(value, kind))
            except msgspec.ValidationError as error:
                wrong = str(error).replace("`", "")[:LONGEST]
                raise BadArguments(f"{self._name}, argument {number + 1}: {wrong}.") from None
        return checked

    def _takes(self) -> str:
        if self._most is None:
            return f"{self._least} or more arguments"
        if self._least < self._most:
            return f"{self._least} to {self._most} arguments"
        return "1 argument" if self._most == 1 else f"{self._most} arguments"


def _function(value: object) -> Callable[..., Any] | None:
    """What is called when it is a method's; None for everything else. Looks at no property."""
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    return value if callable(value) and inspect.isroutine(value) else None


def _hints(cls: type, name: str, function: Callable[..., Any]) -> dict[str, Any]:
    try:
        hints = get_type_hints(inspect.unwrap(function), include_extras=True)
        hints.pop("return", None)
        for kind in hints.values():
            msgspec.json.Decoder(kind)  # refuses what it does not know
    except (AttributeError, NameError, SyntaxError, TypeError) as error:
        raise TypeError(f"{cls.__name__}.{name} cannot be exposed: {error}") from None
    return hints
