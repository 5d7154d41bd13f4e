"""Imports run downwards only: walks the source of cogen and chatapp, and runs none of it."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent

# A module may import from its own package, and from any layer with a smaller number.
LAYERS = {
    "cogen.errors": 0,
    "cogen.core": 1,
    "cogen.web": 2,
    "cogen.testing": 3,
    "cogen.__main__": 3,
    "chatapp.model": 10,
    "chatapp.broker": 11,
    "chatapp.store": 11,
    "chatapp.lib": 12,
    "chatapp.live": 13,
    "chatapp.controllers": 14,
    "chatapp.gateways": 14,
    "chatapp.config": 15,
    "chatapp.websetup": 16,
    "chatapp.administrators": 16,
    "chatapp.restored": 16,
}

KNOW_ASYNCIO = {
    "cogen.core.schedulers",
    "cogen.core.awaiting",
    "cogen.web.connection",
    "cogen.web.listener",
    "cogen.web.tls",
    "cogen.web.server",
    "cogen.web.wsgi",
    "cogen.web.actions",
}


class Import(NamedTuple):
    """One imported module, and the name taken from it (None: the module itself)."""

    module: str
    name: str | None
    line: int


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    name_of(path): path
    for package in ("cogen", "chatapp")
    for path in sorted((ROOT / package).rglob("*.py"))
}
PACKAGES = {name for name, path in SOURCES.items() if path.name == "__init__.py"}


@cache
def tree_of(module):
    return ast.parse(SOURCES[module].read_text(encoding="utf-8"))


@cache
def imports_of(module):
    """All imports of a module; ``from package import submodule`` is one of the submodule."""
    found = []
    tree = tree_of(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [Import(each.name, None, node.lineno) for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = absolute(module, node)
            for each in node.names:
                if f"{source}.{each.name}" in SOURCES:
                    found.append(Import(f"{source}.{each.name}", None, node.lineno))
                else:
                    found.append(Import(source, each.name, node.lineno))
    return found


def absolute(module, node):
    if not node.level:
        return node.module
    package = module if module in PACKAGES else module.rpartition(".")[0]
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package


def layer_of(module):
    return ".".join(module.split(".")[:2])


def ours(module):
    return module.split(".")[0] in ("cogen", "chatapp")


@cache
def all_of(module):
    """The names in ``__all__``, or None when there is none."""
    for node in tree_of(module).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets):
            return ast.literal_eval(node.value)
    return None


@cache
def names_in(module):
    """Every name that is bound at a module's top level."""
    names, statements = set(), list(tree_of(module).body)
    while statements:
        node = statements.pop()
        if isinstance(node, ast.If | ast.Try):
            statements += node.body + node.orelse
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(each.asname or each.name).split(".")[0] for each in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {
                each.id
                for each in ast.walk(node)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            }
    return names


def test_every_module_has_a_layer():
    """A new package gets its place in LAYERS."""
    assert {layer_of(module) for module in SOURCES} <= {*LAYERS, "cogen", "chatapp"}


def test_imports_run_downwards():
    upward = [
        f"{SOURCES[module]}:{each.line}: {module} imports {each.module}"
        for module in SOURCES
        for each in imports_of(module)
        if ours(each.module) and not below(each.module, module)
    ]
    assert upward == []


def below(imported, importer):
    if imported in ("cogen", "chatapp"):  # these two hold nothing
        return True
    if importer in ("cogen", "chatapp"):
        return False
    layer, mine = layer_of(imported), layer_of(importer)
    return layer == mine or LAYERS[layer] < LAYERS[mine]


def test_cogen_knows_nothing_of_the_chat():
    assert [
        (module, each)
        for module in SOURCES
        for each in imports_of(module)
        if module.startswith("cogen") and each.module.split(".")[0] == "chatapp"
    ] == []


def test_imports_stand_at_the_top_and_in_no_function():
    inside = {
        f"{SOURCES[module]}:{node.lineno}"
        for module in SOURCES
        for function in ast.walk(tree_of(module))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert inside == set()


def test_only_the_edge_of_cogen_knows_asyncio():
    know = {
        module
        for module in SOURCES
        for each in imports_of(module)
        if module.startswith("cogen") and each.module.split(".")[0] == "asyncio"
    }
    assert know <= KNOW_ASYNCIO


def test_every_module_says_what_is_public_and_has_it():
    wrong = []
    for module in SOURCES:
        public = all_of(module)
        if public is None:
            wrong.append(f"{module} has no __all__")
            continue
        if len(set(public)) < len(public):
            wrong.append(f"{module} names something twice")
        wrong += [
            f"{module} has no {name}"
            for name in public
            if name not in names_in(module) and f"{module}.{name}" not in SOURCES
        ]
    assert wrong == []


def test_public_classes_and_functions_stand_in_all():
    """A helper of the module's own starts with an underscore; constants may stay out."""
    absent = [
        f"{module}.{node.name}"
        for module in SOURCES
        for node in tree_of(module).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if not node.name.startswith("_") and node.name not in (all_of(module) or [])
    ]
    assert absent == []


def test_the_chat_uses_only_what_cogen_makes_public():
    private = [
        f"{SOURCES[module]}:{line}: {source}.{name}"
        for module in SOURCES
        if module.startswith("chatapp")
        for source, name, line in uses_of_cogen(module)
        if name not in (all_of(source) or []) and f"{source}.{name}" not in SOURCES
    ]
    assert private == []


def uses_of_cogen(module):
    """Names taken from cogen's modules, by ``from … import`` or as an attribute of a module."""
    modules = {}  # an expression in the code: the cogen module that it stands for
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            modules.update({each.asname or each.name: each.name for each in node.names})
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                source = f"{absolute(module, node)}.{each.name}"
                modules[each.asname or each.name] = source
    uses = [(each.module, each.name, each.line) for each in imports_of(module) if each.name]
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Attribute):
            source = modules.get(ast.unparse(node.value))
            uses.append((source, node.attr, node.lineno))
    return [use for use in uses if use[0] in SOURCES and use[0].split(".")[0] == "cogen"]


def test_no_imports_run_in_a_circle():
    graph = {
        module: {
            each.module
            for each in imports_of(module)
            if each.module in SOURCES and each.module != module
        }
        for module in SOURCES
    }
    done, path = set(), []

    def visit(module):
        if module in path:
            pytest.fail(" -> ".join([*path[path.index(module) :], module]))
        if module in done:
            return
        path.append(module)
        for target in sorted(graph[module]):
            visit(target)
        path.pop()
        done.add(module)

    for module in graph:
        visit(module)
