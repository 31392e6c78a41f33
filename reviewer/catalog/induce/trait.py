"""What can be said of a fact in one test, and what saying it costs in generality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reviewer.catalog.induce.names import Names
from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.registry import all_features, feature
from reviewer.catalog.query.scope import Scope
from reviewer.domain.detector import Query, Test
from reviewer.domain.fact import Fact

_MOST_RELATED = 40
_FEW_FACTS = 150
"""Facts of a unit up to which it is worked out what may come before and after each of them."""
_MOST_FACTS = 400
"""Facts of a unit above which relations are not followed."""
_TELLING_FACTS = frozenset({"loop", "raise", "return", "handler", "assert", "try"})
"""Facts that one relation of one fact is followed to."""


@dataclass(frozen=True, slots=True, order=True)
class Trait:
    """A feature with one of its values; behind a relation, of some related fact.

    Attributes:
        feature: of the fact itself, or of the related one.
        value: one value of it.
        relation: the feature that leads to the related fact; "" for none.
    """

    feature: str
    value: str
    relation: str = ""

    @property
    def test(self) -> Test:
        """The same as a test of a query."""
        plain = Test(self.feature, (self.value,))
        return Test(self.relation, related=Query((plain,))) if self.relation else plain

    @property
    def is_everyday(self) -> bool:
        """Whether it only names something that every program does all the time."""
        return self.feature in NAMES_A_CALL and self.value.rpartition(":")[2] in EVERYDAY

    @property
    def is_identity(self) -> bool:
        """Whether it says what the fact is, and not only how it stands there."""
        return not self.relation and self.feature in _IDENTITIES

    def cost(self, *, absent: bool) -> float:
        """How much generality a test of it takes from a query; small for what speaks of behaviour.

        Args:
            absent: the query says that this is not so. What is missing is the usual slip.
        """
        cost = _COSTS.get(self.feature, _USUAL)
        if absent:
            cost = _MISSING.get(self.feature, cost)
        if self.is_everyday:
            cost += DULL
        return cost + _NEAR.get(self.relation, 0.0)


@dataclass(frozen=True)
class Sample:
    """A fact in its unit.

    Attributes:
        scope: the unit.
        fact: the fact.
        names: tells what may be spoken of.
    """

    scope: Scope
    fact: Fact
    names: Names

    @cached_property
    def traits(self) -> frozenset[Trait]:
        """All that may be said of the fact itself."""
        return frozenset(
            Trait(asked.name, value)
            for asked in all_features()
            if not asked.relation and asked.name not in _UNSAID
            for value in self._values(asked, self.fact)
        )

    @cached_property
    def related_traits(self) -> frozenset[Trait]:
        """All that may be said of the facts around it; nothing in a unit so large that finding out has no end."""
        if len(self.scope.facts) > _MOST_FACTS:
            return frozenset()
        return frozenset(self._related())

    def has(self, trait: Trait) -> bool:
        """Whether a trait is one of its traits; without working out the others."""
        asked = feature(trait.feature)
        if not trait.relation:
            return trait.value in self.scope.values(asked, self.fact)
        others = self.scope.related(feature(trait.relation), self.fact)[:_MOST_RELATED]
        return any(trait.value in self.scope.values(asked, other) for other in others)

    @property
    def kind(self) -> frozenset[str]:
        """What sort of fact it is."""
        return self.scope.values(feature("fact"), self.fact)

    def _related(self) -> Iterator[Trait]:
        small = len(self.scope.facts) <= _FEW_FACTS
        for asked in all_features():
            if asked.name not in _NEAR or (asked.name in _FAR_REACHING and not small):
                continue
            for other in self.scope.related(asked, self.fact)[:_MOST_RELATED]:
                for inner in all_features():
                    if inner.name in _TELLING:
                        for value in self._values(inner, other):
                            if inner.name != "fact" or value in _TELLING_FACTS:
                                yield Trait(inner.name, value, asked.name)

    def _values(self, asked: Feature, fact: Fact) -> Iterator[str]:
        for value in self.scope.values(asked, fact):
            if asked.values or self.names.are_common(asked.name, value):
                yield value


NAMES_A_CALL = frozenset(
    {"callee", "method", "value-made-by", "argument-made-by", "receiver-made-by", "handed-to", "iterates"}
)
EVERYDAY = frozenset(
    {"len", "str", "int", "dict", "list", "set", "tuple", "isinstance", "bool", "enumerate", "range", "zip", "sorted"}
    | {"print", "getattr", "hasattr", "super", "object", "repr", "any", "all", "abs", "sum", "map", "filter", "bytes"}
    | {
        "id",
        "callable",
        "reversed",
        "frozenset",
        "str.replace",
        "str.join",
        "str.format",
        "list.append",
        "float",
        "typing.cast",
        "cast",
        "type",
        "min",
        "max",
    }
    | {"format", "join", "append", "f-string", "update", "dict.update"}
)
DULL = 1.5

_UNSAID = frozenset(
    {"unit-name", "test-code", "own", "unit-kind", "base", "receiver-kind", "target-root", "coroutine"}
    | {"boundary", "reached-from", "parameter-default", "unpacks", "import-time", "test-code"}
)
"""Features that tell of the project, or of nothing that another project would share."""

_TELLING = frozenset(
    {
        "fact",
        "callee",
        "method",
        "service",
        "exception",
        "handler",
        "handler-does",
        "operation",
        "literal",
        "value-boundary",
        "value-made-by",
        "handed-to",
        "reraise",
        "blocking",
    }
)
"""Features of a related fact that are worth a test."""

_IDENTITIES = frozenset(
    {
        "callee",
        "method",
        "library",
        "service",
        "receiver-type",
        "needs-release",
        "exception",
        "handler",
        "regex",
        "literal",
        "value-made-by",
        "value-boundary",
        "argument-made-by",
        "handed-to",
        "decoded",
        "has-finally",
        "compares-to",
        "condition",
        "loop-changes-test",
        "left-by",
    }
)
"""Features one of which every query asks for: a call of what, a clause for what, data from where."""

_MISSING = {
    "argument": 0.6,
    "argument-value": 1.0,
    "caught": 0.6,
    "handler": 0.8,
    "handler-covers": 0.7,
    "has-finally": 0.6,
    "guard": 0.6,
    "argument-guard": 0.8,
    "receiver-guard": 0.8,
    "argument-type": 2.5,
    "argument-symbol": 2.5,
    "argument-made-by": 2.0,
    "async": 1.2,
    "use": 2.0,
}
"""What the lack of something costs, where that differs."""

_COSTS = {
    "fact": 0.3,
    "regex": 0.4,
    "service": 0.6,
    "timeout": 0.6,
    "async": 0.6,
    "decoded": 0.7,
    "blocking": 0.7,
    "value-boundary": 0.7,
    "argument-boundary": 0.7,
    "receiver-boundary": 0.8,
    "may-be": 0.7,
    "caught": 0.7,
    "has-finally": 0.8,
    "escapes": 0.8,
    "handler-does": 0.8,
    "handler-covers": 0.8,
    "callee": 0.8,
    "operation": 0.8,
    "in-loop": 0.8,
    "loop-changes-test": 0.7,
    "condition": 0.9,
    "compares-to": 0.9,
    "handler": 0.9,
    "awaited": 0.9,
    "boundary": 0.9,
    "guard": 1.5,
    "argument-guard": 1.6,
    "receiver-guard": 1.6,
    "exception": 0.9,
    "method": 0.9,
    "library": 1.0,
    "argument": 1.5,
    "argument-type": 2.0,
    "argument-symbol": 2.0,
    "argument-made-by": 1.9,
    "parameter-given": 1.8,
    "argument-form": 2.0,
    "chain": 1.6,
    "value-type": 1.5,
    "value-parameter": 1.6,
    "inside": 1.0,
    "in-handler": 1.0,
    "inside-with": 1.1,
    "argument-value": 1.2,
    "literal": 1.3,
    "attribute-name": 1.3,
    "use": 1.5,
    "target-kind": 1.6,
    "decorator": 1.6,
    "iterates": 1.6,
}
_USUAL = 1.2
_NEAR = {
    "in-finally": 0.4,
    "in-handlers": 0.4,
    "in-body": 0.4,
    "uses-result": 0.4,
    "result-of": 0.4,
    "within": 0.4,
    "contains": 0.5,
    "same-receiver-later": 0.5,
    "same-receiver-before": 0.5,
    "guarded-by": 0.4,
    "checked-by": 0.4,
    "followed-on-success": 0.6,
    "preceded-by": 0.7,
}
"""Relations that are followed, with what each adds."""
_FAR_REACHING = frozenset({"followed-on-success", "preceded-by", "same-receiver-later", "same-receiver-before"})
