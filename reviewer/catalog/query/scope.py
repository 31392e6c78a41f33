"""One unit, ready to be asked."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from reviewer.catalog.query.branch import Branch, Stretch, begin
from reviewer.catalog.query.condition import Told, normal, told_by
from reviewer.catalog.query.feature import Feature
from reviewer.catalog.query.layout import Layout
from reviewer.catalog.query.order import may_follow, ways_out
from reviewer.catalog.query.syntax import Syntax
from reviewer.code.budget import Budget
from reviewer.detectors.rule import View
from reviewer.domain.detector import Query
from reviewer.domain.fact import Assertion, Call, Fact, Loop, Place, Store, Value


class Scope:
    """A unit with all that is worked out about it, each thing once and when it is first asked for.

    Args:
        view: the unit and what is around it.
        budget: the time that asking may take; None for any.

    Attributes:
        view: as given.
        syntax: the unit as `ast` reads it.
        layout: its places, and which stand in which.
        facts: the unit itself, then its facts in evaluation order, with its clauses, conditions and jumps.
        whole: the first of them.
    """

    def __init__(self, view: View, budget: Budget | None = None) -> None:
        self.view = view
        self.syntax = Syntax(view)
        self.layout = Layout(view, self.syntax)
        self.facts = self.layout.facts
        self.whole = self.layout.whole
        self._budget = budget
        self._values: dict[tuple[int, str], frozenset[str]] = {}
        self._later: dict[int, tuple[Fact, ...]] = {}
        self._earlier: dict[int, tuple[Fact, ...]] = {}
        self._ways_out: dict[int, tuple[tuple[int, Fact], ...]] = {}
        self._arguments: dict[int, Stretch | None] = {}
        self._meeting: dict[int, tuple[Query, tuple[Fact, ...]]] = {}
        self._told: dict[int, Told | None] = {}
        self._related: dict[tuple[int, str], tuple[Fact, ...]] = {}

    def begin(self, budget: Budget | None) -> None:
        """Be asked anew, within a time of its own. What was worked out stays; it does not depend on what is asked.

        Args:
            budget: the time that asking may take; None for any.
        """
        self._budget = budget
        self._meeting.clear()

    def spend(self, steps: int = 1) -> None:
        """Take steps of the time that asking may take.

        Raises:
            SourceError: the time is over.
        """
        if self._budget is not None:
            self._budget.spend(steps)

    def values(self, feature: Feature, fact: Fact) -> frozenset[str]:
        """What a fact has of a feature."""
        key = (0 if feature.unit_wide else id(fact), feature.name)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = feature.read(fact, self)
        return found

    def related(self, feature: Feature, fact: Fact) -> tuple[Fact, ...]:
        """The facts that a relation leads to."""
        key = (id(fact), feature.name)
        if key not in self._related:
            found = tuple(feature.related(fact, self)) if feature.related is not None else ()
            self.spend(len(self.facts))
            self._related[key] = found
        return self._related[key]

    @cached_property
    def refusals(self) -> dict[int, Branch]:
        """Each condition as it is where it did not hold."""
        return {
            id(branch): Branch(
                branch.span, branch.context, branch.code, branch.test, False, branch.then, branch.other, branch.after,
                branch.ends, branch.other_ends,
            )
            for branch in self.layout.branches
        }  # fmt: skip

    def meeting(self, query: Query, holds: Callable[[Query, Fact, Scope], bool]) -> tuple[Fact, ...]:
        """The facts that pass a query, in order.

        Args:
            query: the query.
            holds: decides on one fact.
        """
        known = self._meeting.get(id(query))
        if known is None:
            # The query is kept, so that no other one can come to its identity.
            known = query, tuple(fact for fact in self.facts if holds(query, fact, self))
            self._meeting[id(query)] = known
        return known[1]

    def test_of(self, fact: Fact) -> ast.expr | None:
        """The condition of an `if`, a `while` or an assertion; None for any other fact."""
        if isinstance(fact, Branch):
            return fact.test
        if isinstance(fact, Loop | Assertion):
            node = self.syntax.statements.get(begin(fact))
            return node.test if isinstance(node, ast.While | ast.Assert) else None
        return None

    def told(self, fact: Fact) -> Told | None:
        """What the condition of an `if`, a `while` or an assertion says; None for any other fact."""
        if id(fact) not in self._told:
            test = self.test_of(fact)
            truth = not isinstance(fact, Branch) or fact.truth
            self._told[id(fact)] = told_by(test, truth) if test is not None else None
        return self._told[id(fact)]

    def assigned_in(self, holder: Fact) -> frozenset[str]:
        """The paths that are assigned in a loop, made comparable."""
        targets = (fact.target for fact in self.layout.parts(holder) if isinstance(fact, Store | Call))
        return frozenset(normal(target) for target in targets if target)

    @cached_property
    def reached_from(self) -> frozenset[str]:
        """The sorts of boundaries that are seen to call the unit."""
        arrivals = self.view.upward.arrivals(self.view.unit.name, "Exception")
        return frozenset(arrival.boundary.kind for arrival in arrivals)

    @cached_property
    def _calls(self) -> dict[Place, list[Call]]:
        found: defaultdict[Place, list[Call]] = defaultdict(list)
        for fact in self.facts:
            if isinstance(fact, Call):
                found[begin(fact)].append(fact)
        return found

    def maker(self, value: Value) -> Call | None:
        """The call of this unit that made a value; of several in one chain the one that its maker names."""
        calls = self._calls.get(value.made_at, ()) if value.made_at is not None else ()
        named = [call for call in calls if call.callee == value.made_by]
        return next(iter(named or calls), None)

    def assigner(self, path: str, fact: Fact) -> Call | None:
        """The call whose result was last assigned to a path, or to what the path begins with, before a fact."""
        for call in reversed(self._assigning):
            target = call.target or ""
            if begin(call) < begin(fact) and (path == target or path.startswith((f"{target}.", f"{target}["))):
                return call
        return None

    @cached_property
    def _assigning(self) -> tuple[Call, ...]:
        return tuple(fact for fact in self.facts if isinstance(fact, Call) and fact.target)

    def chained(self, call: Call) -> Sequence[Call]:
        """The calls that begin at the same place: `a.b()` of `a.b().c()`."""
        return [one for one in self._calls.get(begin(call), ()) if one is not call]

    def arguments(self, fact: Fact) -> Stretch | None:
        """What stands between the parentheses of a call; None for any other fact, and where nothing does."""
        if id(fact) not in self._arguments:
            node = self.node(fact) if isinstance(fact, Call) else None
            given = [*node.args, *(keyword.value for keyword in node.keywords)] if node is not None else []
            ends = (min(map(self.syntax.start, given)), max(map(self.syntax.end, given))) if given else None
            self._arguments[id(fact)] = ends
        return self._arguments[id(fact)]

    def later(self, fact: Fact) -> tuple[Fact, ...]:
        """The facts that may come after one, in order."""
        if id(fact) not in self._later:
            self.spend(len(self.facts))
            here = self.layout.position(fact)
            self._later[id(fact)] = tuple(one for one in self.facts[here + 1 :] if may_follow(fact, one, self))
        return self._later[id(fact)]

    def earlier(self, fact: Fact) -> tuple[Fact, ...]:
        """The facts that may have come before one, the nearest first."""
        if id(fact) not in self._earlier:
            self.spend(len(self.facts))
            before = reversed(self.facts[: self.layout.position(fact)])
            self._earlier[id(fact)] = tuple(one for one in before if may_follow(one, fact, self))
        return self._earlier[id(fact)]

    def ways_out(self, fact: Fact) -> tuple[tuple[int, Fact], ...]:
        """Where the way from a fact always leaves the unit or the pass of a loop, with the positions, in order."""
        if id(fact) not in self._ways_out:
            self._ways_out[id(fact)] = tuple(ways_out(fact, self))
        return self._ways_out[id(fact)]

    def node(self, call: Call) -> ast.Call | None:
        """The syntax of a call; None where it cannot be told."""
        calls = self._calls.get(begin(call), ())
        rank = next((index for index, one in enumerate(calls) if one is call), 0)
        return self.syntax.call(call, rank)

    @cached_property
    def texts(self) -> Mapping[str, Sequence[ast.expr]]:
        """What is assigned to the names of the unit and, where it does not assign them, of its module."""
        own: defaultdict[str, list[ast.expr]] = defaultdict(list)
        for statement in self.syntax.statements.values():
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        own[target.id].append(statement.value)
        return {**self.view.flow.definitions.names.outline.assigned, **own}

    def is_own(self, name: str) -> bool:
        """Whether a canonical name is one of the project itself, as far as the file and its path tell."""
        return name.startswith(".") or name.partition(".")[0] in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(self.view.path.removesuffix(".py").split("/"))
