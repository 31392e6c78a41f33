"""The logger that an object keeps, as its methods reach it: `self.logger`."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from reviewer.code.outline import dotted
from reviewer.instrument.assignment import Function, bound_names
from reviewer.instrument.library import DEPTH, library_of_value
from reviewer.instrument.log_call import LOGGER, loggers_used
from reviewer.instrument.parameter import doubtful_loggers, required
from reviewer.instrument.subject import FUNCTIONS, Subject

_OWN = re.compile(r"self\.\w+")
_KEPT = re.compile(r"self\.(\w+)\.\w+")
_MAKING = frozenset({"__init__", "__new__", "__del__", "__getattr__", "__getattribute__", "__setattr__"})
"""Methods that run while the object is not whole, or not any more."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method and its class."""

    function: Function
    owner: ast.ClassDef


def method_around(subject: Subject, function: Function) -> Method | None:
    """The method that a function is, or in which it stands and whose object it sees.

    Args:
        subject: the file.
        function: one of its functions.
    """
    for one in (function, *subject.around_of(function)):
        owner = subject.parents.get(id(one))
        if isinstance(one, FUNCTIONS) and isinstance(owner, ast.ClassDef):
            arguments = [*one.args.posonlyargs, *one.args.args]
            is_seen = one is function or "self" in subject.enclosed(function)
            is_object = arguments and arguments[0].arg == "self" and "self" not in bound_names(one.body)
            is_called_on_it = not any(dotted(mark) in ("staticmethod", "classmethod") for mark in one.decorator_list)
            return Method(one, owner) if is_seen and is_object and is_called_on_it else None
    return None


def object_logger(subject: Subject, function: Function, modules: Collection[str]) -> str | None:
    """The logger of the object whose method a function is, or stands in.

    It is the one that the class speaks through outside of what makes the object; in a class that is silent, the one
    that its objects are given or make for themselves.

    Args:
        subject: the file.
        function: where it is wanted.
        modules: the module's own loggers, which an object may keep.
    """
    method = method_around(subject, function)
    if method is None or method.function.name in _MAKING - {"__init__"}:
        return None
    used = _used(subject, method)
    if method.function.name == "__init__":
        # Used there itself, the attribute is set for certain only where the class or a base makes it.
        here = subject.once(loggers_used, function)
        set_here = _stored(method.function)
        used = Counter({name: count for name, count in used.items() if here[name] and name[5:] not in set_here})
    elif not used:
        return next((f"self.{name}" for name in _silent(subject, method.owner, modules)), None)
    return used.most_common(1)[0][0] if used else None


def _used(subject: Subject, method: Method) -> Counter[str]:
    """How often the class speaks through loggers of its objects, those left out that may not be there."""
    doubtful = subject.once(doubtful_loggers, method.owner)
    found: Counter[str] = Counter()
    for name, count in subject.once(loggers_used, method.owner).items():
        kept = _KEPT.fullmatch(name)
        if kept is not None and kept[1] not in _kept_parameters(method.owner):
            continue
        if (kept is not None or _OWN.fullmatch(name)) and name not in doubtful:
            found[name] = count
    return found


def _silent(subject: Subject, owner: ast.ClassDef, modules: Collection[str]) -> Iterator[str]:
    """The attributes in which objects keep a logger, though the class does not speak yet."""
    path, outline = subject.path, subject.code.outline

    def makes(value: ast.expr) -> bool:
        return library_of_value(subject, outline, path, value, DEPTH) is not None

    for name, value in class_values(owner):
        if LOGGER.fullmatch(name) and makes(value):
            yield name
    maker = _maker(owner)
    for name, value in _set_values(maker) if maker is not None else ():
        if maker is not None and LOGGER.fullmatch(name) and f"self.{name}" not in subject.once(doubtful_loggers, owner):
            given = isinstance(value, ast.Name) and _is_given(maker, value.id, modules)
            if given or (isinstance(value, ast.Call) and makes(value)):
                yield name


def _is_given(maker: Function, name: str, modules: Collection[str]) -> bool:
    """The name is a logger that the maker must be given, or has from the module by default."""
    if LOGGER.fullmatch(name) and name in required(maker):
        return True
    places = [*maker.args.posonlyargs, *maker.args.args]
    defaults = dict(zip(reversed([one.arg for one in places]), reversed(maker.args.defaults), strict=False))
    defaults |= {
        one.arg: default for one, default in zip(maker.args.kwonlyargs, maker.args.kw_defaults, strict=True) if default
    }
    default = defaults.get(name)
    return isinstance(default, ast.Name) and default.id in modules


def class_values(owner: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """What the body of a class binds."""
    for statement in owner.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.value


def _maker(owner: ast.ClassDef) -> Function | None:
    return next((one for one in owner.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)


def _set_values(maker: Function) -> Iterator[tuple[str, ast.expr]]:
    """What the maker sets the object's attributes to, for certain."""
    for step in maker.body:
        targets = (
            step.targets if isinstance(step, ast.Assign) else [step.target] if isinstance(step, ast.AnnAssign) else []
        )
        value = step.value if isinstance(step, ast.Assign | ast.AnnAssign) else None
        for target in targets:
            name = dotted(target)
            if name is not None and value is not None and _OWN.fullmatch(name):
                yield name[5:], value


def _kept_parameters(owner: ast.ClassDef) -> frozenset[str]:
    """The attributes that hold what the maker must be given, from the beginning to the end."""
    maker = _maker(owner)
    if maker is None:
        return frozenset()
    given = required(maker)
    stored = Counter(_stored(owner))
    held = {name for name, value in _set_values(maker) if isinstance(value, ast.Name) and value.id in given}
    return frozenset(name for name in held if stored[name] == 1)


def _stored(node: ast.AST) -> list[str]:
    """The attributes that are set or deleted inside a node."""
    return [
        inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and not isinstance(inner.ctx, ast.Load)
    ]
