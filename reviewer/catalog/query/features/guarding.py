"""Which conditions are in force where a fact stands, and what they look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.catalog.query.branch import Branch, begin, in_force, stands_in
from reviewer.catalog.query.condition import normal, path_text
from reviewer.catalog.query.feature import Feature, path_of, value_of
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Assertion, Call, Fact, Loop, Return, Store


def _guards(fact: Fact, scope: Scope) -> Iterator[Fact]:
    """The conditions in force: those around, those that an earlier way out leaves behind, loops, assertions."""
    if fact is scope.whole:
        return
    place = begin(fact)
    for branch in scope.layout.branches:
        truth = in_force(branch, place) if branch is not fact and not isinstance(fact, Branch) else None
        if truth is None and isinstance(fact, Branch) and branch.test is not fact.test:
            truth = in_force(branch, place)
        if truth is not None:
            yield branch if truth else scope.refusals[id(branch)]
    yield from (one for one in scope.layout.around(fact) if isinstance(one, Loop) and scope.test_of(one) is not None)
    for other in scope.facts[: scope.layout.position(fact)]:
        if isinstance(other, Assertion) and other.context.blocks == fact.context.blocks[: len(other.context.blocks)]:
            yield other


def _checks(fact: Fact, scope: Scope) -> Iterator[Fact]:
    """Those of them that speak of what the fact is about."""
    paths = {normal(path) for path in _paths(fact)}
    for guard in _guards(fact, scope):
        told = scope.told(guard)
        if told is not None and not told.paths.isdisjoint(paths):
            yield guard


def _tested(fact: Fact, scope: Scope) -> Iterator[Fact]:
    """The calls whose result a condition looks at: those in it, and those that a name in it was assigned from."""
    told, test = scope.told(fact), scope.test_of(fact)
    if told is None or test is None:
        return
    stretch = (scope.syntax.start(test), scope.syntax.end(test))
    for other in scope.facts:
        if isinstance(other, Call) and (
            stands_in(stretch, other) or (other.target is not None and normal(other.target) in told.paths)
        ):
            yield other


def _paths(fact: Fact) -> Iterator[str]:
    """The paths that a fact is about: what it works on, what it is given, what it makes."""
    subject = path_of(fact)
    if subject:
        yield subject
    if isinstance(fact, Call):
        yield from (argument.value.text for argument in fact.arguments if argument.value.symbol is None)
        yield from (fact.target,) if fact.target else ()
    value = value_of(fact) if isinstance(fact, Store | Return) else None
    if value is not None and value.text:
        yield value.text


def _run_over(fact: Fact, scope: Scope) -> Iterator[Fact]:
    """The calls whose result a `for` runs over: those in its header, and the one that its name was assigned from."""
    node = scope.syntax.statements.get(begin(fact)) if isinstance(fact, Loop) else None
    if not isinstance(node, ast.For | ast.AsyncFor):
        return
    stretch = (scope.syntax.start(node.iter), scope.syntax.end(node.iter))
    yield from (other for other in scope.facts if isinstance(other, Call) and stands_in(stretch, other))
    assigned = scope.assigner(path_text(node.iter), fact) if isinstance(node.iter, ast.Name | ast.Attribute) else None
    if assigned is not None:
        yield assigned
        yield from scope.chained(assigned)


FEATURES = (
    Feature(
        "guarded-by",
        "The conditions in force: of the `if`s around, each as it came out; of those that leave the block when they"
        " hold, as they did not; of the loops around; of assertions before.",
        relation=True,
        related=_guards,
        says="after a check ({})",
        lacks="no check ({}) before it",
    ),
    Feature(
        "checked-by",
        "Those of them that speak of what the fact works on, is given or makes.",
        relation=True,
        related=_checks,
        says="it is checked ({})",
        lacks="it is not checked ({})",
    ),
    Feature(
        "tests",
        "Calls whose result a condition looks at: those in it, and those that assign what it names; of an `if`, a"
        " `while`, an `assert`.",
        relation=True,
        related=_tested,
        says="its condition looks at {}",
        lacks="its condition does not look at {}",
    ),
    Feature(
        "runs-over",
        "The calls whose result a `for` runs over: those in its header, and those that assign what it names.",
        relation=True,
        related=_run_over,
        says="it runs over {}",
        lacks="it does not run over {}",
    ),
)
