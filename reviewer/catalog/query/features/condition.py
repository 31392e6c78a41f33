"""Conditions: of an `if`, a `while`, an `assert`, in a form that names nothing of the project; and how loops end."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.branch import Branch, Jump
from reviewer.catalog.query.condition import SORTS
from reviewer.catalog.query.feature import NOTHING, Feature, flag, only
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Fact, Loop, Raise


def _sorts(fact: Fact, scope: Scope) -> frozenset[str]:
    told = scope.told(fact)
    return told.sorts if told is not None else NOTHING


def _constants(fact: Fact, scope: Scope) -> frozenset[str]:
    told = scope.told(fact)
    return told.constants if told is not None else NOTHING


def _calls(fact: Fact, scope: Scope) -> frozenset[str]:
    told = scope.told(fact)
    return told.calls if told is not None else NOTHING


def _ends(fact: Fact, scope: Scope) -> frozenset[str]:
    return only([fact.ends]) if isinstance(fact, Branch) else NOTHING


def _left_by(fact: Fact, scope: Scope) -> Iterator[str]:
    if isinstance(fact, Loop):
        if fact.breaks:
            yield "break"
        if fact.returns:
            yield "return"
        if any(isinstance(one, Raise) for one in scope.layout.parts(fact)):
            yield "raise"
        if any(isinstance(one, Jump) and not one.leaves for one in scope.layout.parts(fact)):
            yield "continue"


def _changes_test(fact: Fact, scope: Scope) -> bool:
    """Whether the body of a `while` assigns something that its condition names."""
    told = scope.told(fact) if isinstance(fact, Loop) else None
    return told is not None and not told.paths.isdisjoint(scope.assigned_in(fact))


FEATURES = (
    Feature(
        "condition",
        "What a condition says, part by part. Where an `if` is a guard, it is told as it came out: behind"
        " `if x is None: return` stands is-not-none.",
        _sorts,
        values=SORTS,
        says="the condition: {}",
        lacks="no condition: {}",
    ),
    Feature(
        "compares-to",
        """The constants that a condition compares with, as Python writes them: "None", "0", "b''".""",
        _constants,
        says="it compares with {}",
        lacks="it does not compare with {}",
        weight=4,
    ),
    Feature(
        "condition-calls",
        'What a condition calls, the last part of it: "isinstance", "startswith".',
        _calls,
        written=True,
        says="the condition calls {}",
        lacks="the condition does not call {}",
        weight=5,
    ),
    Feature(
        "branch-ends",
        "How the way always ends that an `if` takes when it holds.",
        _ends,
        values=("returns", "raises", "continues", "breaks"),
        says="where it holds, it {}",
        lacks="where it holds, it never {}",
    ),
    Feature(
        "has-else",
        "The `if` has another way.",
        lambda fact, scope: flag(isinstance(fact, Branch) and fact.other[0] != (0, 0)),
        values=("yes",),
        says="with an else",
        lacks="without an else",
    ),
    Feature(
        "left-by",
        "What stands in a loop that may leave it, or its pass.",
        lambda fact, scope: only(_left_by(fact, scope)),
        values=("break", "return", "raise", "continue"),
        says="the loop has a {}",
        lacks="the loop has no {}",
    ),
    Feature(
        "loop-changes-test",
        "The body of a `while` assigns something that its condition names.",
        lambda fact, scope: flag(_changes_test(fact, scope)),
        values=("yes",),
        says="the loop changes what it waits for",
        lacks="the loop does not change what it waits for",
    ),
)
