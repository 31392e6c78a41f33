"""Which names of a module have their value whenever one of its functions runs, and mean the same in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.code.scope import own_nodes
from reviewer.instrument.assignment import Function, binds, foreign_names, module_assignments
from reviewer.instrument.owner import class_values, method_around
from reviewer.instrument.subject import FUNCTIONS, Subject

_LOOKING = frozenset({"locals", "vars", "dir", "eval", "exec"})
"""Built-in functions that see which local names there are."""


def lasting_names(subject: Subject, function: Function) -> frozenset[str]:
    """The module's names that a function can rely on, however early and however late it is called.

    They have a value on every path to its definition, and are never deleted or set to None.

    Args:
        subject: the file.
        function: one of its functions.
    """
    top: ast.stmt = function
    for outer in subject.around_of(function):
        if isinstance(outer, (*FUNCTIONS, ast.ClassDef)):
            top = outer
    certain = subject.once(module_assignments, subject.tree).get(id(top), frozenset())
    # A method runs when its class is there.
    own = frozenset({top.name}) if isinstance(top, ast.ClassDef) else frozenset()
    return (certain | own) - subject.once(passing_names, subject.tree)


def passing_names(tree: ast.Module) -> frozenset[str]:
    """The names that a module takes away or gives another sort of value somewhere, through `global` too."""
    found = set(_taken_away(tree.body))
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            found |= foreign_names(node).intersection(_taken_away(node.body))
    return frozenset(found)


def passing_attributes(tree: ast.Module) -> frozenset[str]:
    """The attributes of objects that a module deletes or sets to None somewhere, for their classes too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Del):
            found.add(node.attr)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_none(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update(target.attr for target in targets if isinstance(target, ast.Attribute))
        elif isinstance(node, ast.ClassDef):
            found.update(name for name, value in class_values(node) if _is_none(value))
    return frozenset(found)


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _taken_away(body: list[ast.stmt]) -> Iterator[str]:
    """What is deleted, set to None, or bound by something else than an assignment, an import or a definition alone."""
    given: set[str] = set()
    defined: set[str] = set()
    plain: set[int] = set()
    bound: dict[int, set[str]] = {}
    for node in own_nodes(body):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = [
                target
                for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
                if isinstance(target, ast.Name)
            ]
            plain.update(map(id, targets))
            given.update(target.id for target in targets)
            if _is_none(node.value):
                yield from (target.id for target in targets)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            given.update(binds(node))
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            defined.add(node.name)
        else:
            bound[id(node)] = set(binds(node))
    yield from given & defined
    yield from (name for node, names in bound.items() if node not in plain for name in names)


def names_in(tree: ast.Module) -> frozenset[str]:
    """The names that a module uses or binds anywhere, but for what it imports and defines without using it."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(names | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)})


def is_submodule(subject: Subject, name: str) -> bool:
    """Whether a file is that of a package in which a module has a name: bound there, the name would hide the module.

    Source: https://docs.python.org/3/reference/simple_stmts.html#import, "from package import item" asks the package
    for the name first.
    """
    folder, _, file = subject.path.rpartition("/")
    project = subject.around.project
    if file != "__init__.py" or project is None:
        return False
    return any(project.file(f"{folder}/{name}{end}" if folder else f"{name}{end}") for end in (".py", "/__init__.py"))


def imports_all(tree: ast.Module) -> bool:
    """Whether a module takes all names of another, `from x import *`, which may be any."""
    return any(alias.name == "*" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names)


def doubt_of(subject: Subject, function: Function, expression: str) -> str:
    """Why a logger may not be what it seems to be where a function speaks through it; "" where nothing speaks for that.

    Args:
        subject: the file.
        function: one of its functions.
        expression: the logger as it is written, a dotted name.
    """
    root, *attributes = expression.split(".")
    if root == "self" and attributes:
        if method_around(subject, function) is None:
            return "self may not be the object"
        gone = attributes[0] in subject.once(passing_attributes, subject.tree)
        return f"self.{attributes[0]} may not be there when the function runs" if gone else ""
    if root in subject.hidden(function):
        return ""
    if _is_mangled(subject, function, expression):
        return f"{expression} means something else inside of a class"
    return "" if root in lasting_names(subject, function) else f"{root} may not be there when the function runs"


def _is_mangled(subject: Subject, function: Function, expression: str) -> bool:
    """Whether a class around a function gives a dotted name another meaning: `__log` becomes `_Class__log` there.

    Source: https://docs.python.org/3/reference/expressions.html#private-name-mangling.
    """
    root, *attributes = expression.split(".")
    if any(map(_is_private, attributes)):
        return True  # it is the class that set it whose name counts, and seldom the one around
    return _is_private(root) and any(isinstance(outer, ast.ClassDef) for outer in subject.around_of(function))


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def looks_at_names(function: Function) -> bool:
    """Whether a function may see which local names it has: a new one would not go unnoticed."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _LOOKING
        for node in own_nodes(function.body)
    )
