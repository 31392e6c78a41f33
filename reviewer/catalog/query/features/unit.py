"""The unit around a fact: the same for all its facts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.catalog.query.feature import Feature, constant, flag, only
from reviewer.catalog.query.scope import Scope
from reviewer.domain.boundary import KINDS
from reviewer.domain.fact import (
    Fact,
)


def _unit_kind(fact: Fact, scope: Scope) -> frozenset[str]:
    unit = scope.view.unit
    names = [unit.kind, "generator" if unit.is_generator else None, "coroutine" if unit.is_async else None]
    return only(names)


def _name(scope: Scope) -> str:
    return scope.view.unit.name.rpartition(".")[2]


def _decorator_arguments(scope: Scope) -> Iterator[str]:
    header = scope.syntax.header
    for node in header.decorator_list if header is not None else ():
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg is not None:
                yield keyword.arg
                if isinstance(keyword.value, ast.Constant):
                    yield f"{keyword.arg}={constant(ast.unparse(keyword.value))}"


def _boundary(fact: Fact, scope: Scope) -> frozenset[str]:
    found = scope.view.upward.boundary(scope.view.unit.name)
    return only([found.kind if found is not None else None])


def _reached_from(fact: Fact, scope: Scope) -> frozenset[str]:
    return scope.reached_from


FEATURES = (
    Feature(
        "unit-kind",
        "What the unit around is.",
        _unit_kind,
        values=("function", "method", "class", "module", "generator", "coroutine"),
        says="in a {}",
        lacks="not in a {}",
        weight=0,
        unit_wide=True,
    ),
    Feature(
        "unit-name",
        'Name of the unit, its last part: "__exit__", "before_flush".',
        lambda fact, scope: only([_name(scope)]),
        written=True,
        says="in {}",
        lacks="not in {}",
        unit_wide=True,
        weight=5,
    ),
    Feature(
        "decorator",
        "Decorators of the unit, by their canonical names.",
        lambda fact, scope: only(scope.view.unit.decorators),
        says="in what {} decorates",
        lacks="not decorated with {}",
        unit_wide=True,
        weight=4,
    ),
    Feature(
        "decorator-argument",
        'Arguments of the unit\'s decorators by keyword, as "maxsize" and, where they are constants, "maxsize=None".',
        lambda fact, scope: only(_decorator_arguments(scope)),
        says="decorated with {}",
        lacks="decorated without {}",
        unit_wide=True,
    ),
    Feature(
        "parameter-default",
        """Constants that parameters of the unit have by default, as written: "None", "[]", "30".""",
        lambda fact, scope: only(parameter.default for parameter in scope.view.unit.parameters),
        says="with a parameter that is {} by default",
        lacks="with no parameter that is {} by default",
        unit_wide=True,
    ),
    Feature(
        "base",
        "Base classes of the class around, by their canonical names.",
        lambda fact, scope: only(scope.view.unit.bases),
        says="in a subclass of {}",
        lacks="not in a subclass of {}",
        unit_wide=True,
        weight=4,
    ),
    Feature(
        "boundary",
        "What calls the unit, where a framework or the interpreter does.",
        _boundary,
        values=tuple(sorted(KINDS)),
        says="in a {}",
        lacks="not in a {}",
        unit_wide=True,
    ),
    Feature(
        "reached-from",
        "The boundaries that are seen to call the unit, by whatever way.",
        _reached_from,
        values=tuple(sorted(KINDS)),
        says="reached from a {}",
        lacks="not reached from a {}",
        unit_wide=True,
    ),
    Feature(
        "test-code",
        "The file is test code.",
        lambda fact, scope: flag(scope.view.is_test),
        values=("yes",),
        says="in test code",
        lacks="not in test code",
        weight=0,
        unit_wide=True,
    ),
)
