"""Finds the WSGI application that a command line names: ``module:app``, ``module:factory()``."""

from __future__ import annotations

import ast
import importlib
import sys
from typing import Any

from cogen.errors import CogenError
from cogen.web.exchange import Application

__all__ = ["NotFound", "find"]

DEFAULT = "application"  # the name of the attribute, by PEP 3333's custom


class NotFound(CogenError):
    """One line that says what is not there, or is no application."""


def find(target: str) -> Application:
    """Import it.

    Args:
        target: ``module``, ``module:name``, ``module:name.name`` or ``module:factory('x', y=1)``,
            whose arguments are literals.

    Raises:
        NotFound: the module or the name does not exist, or is not an application.
        Exception: the module's or the factory's own.
    """
    name, _, expression = target.partition(":")
    path, arguments, named = _parse(target, expression or DEFAULT)
    found = _module(name)
    for attribute in path:
        try:
            found = getattr(found, attribute)
        except AttributeError:
            raise NotFound(f"{name} has no {'.'.join(path)}") from None
    if arguments is not None:
        found = found(*arguments, **named)
    if not callable(found):
        raise NotFound(f"{target} is no WSGI application: {type(found).__name__} is not callable")
    application: Application = found
    return application


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name != missing and not name.startswith(missing + "."):
            raise  # it is there, and wants another one that is not
        raise NotFound(f"there is no module {missing} in {_where()}") from None


def _where() -> str:
    return f"{sys.path[0]} or where Python looks else"


def _parse(target: str, expression: str) -> tuple[list[str], list[Any] | None, dict[str, Any]]:
    """The names, and the arguments of a factory (None: it is not called)."""
    wrong = NotFound(f"{target!r} is not module:application or module:factory()")
    if not all(part.isidentifier() for part in target.partition(":")[0].split(".")):
        raise wrong
    try:
        node = ast.parse(expression, mode="eval").body
        if not isinstance(node, ast.Call):
            return _names(node), None, {}
        arguments = [ast.literal_eval(argument) for argument in node.args]
        named = {each.arg or "": ast.literal_eval(each.value) for each in node.keywords}
        if "" in named:
            raise ValueError("**")
        return _names(node.func), arguments, named
    except (SyntaxError, ValueError):
        raise wrong from None


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*_names(node.value), node.attr]
    if isinstance(node, ast.Name):
        return [node.id]
    raise ValueError("not a name")
